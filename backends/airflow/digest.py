"""A short name for what a pipeline says, so that each change makes a new version of the DAG in Airflow."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from pipec.ir.base import Model
from pipec.ir.model import Pipeline

_LOCATIONS = frozenset({"location", "locations"})


def content_digest(pipeline: Pipeline) -> str:
    """SHA-256 of the canonical JSON of the IR without its places in the source, as 12 hexadecimal digits."""
    text = json.dumps(_content(pipeline), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _content(value: Any) -> Any:
    match value:
        case Model():
            names = type(value).model_fields
            return {name: _content(getattr(value, name)) for name in names if name not in _LOCATIONS}
        case list() | tuple():
            return [_content(item) for item in value]
        case dict():
            return {key: _content(item) for key, item in value.items()}
        case _:
            return value
