"""A short name for what a pipeline says, so that each change makes a new version of the DAG in Airflow."""

from __future__ import annotations

import hashlib
import json
from dataclasses import MISSING, Field
from typing import Any

from pipec.ir.base import Model
from pipec.ir.model import Pipeline

_LOCATIONS = frozenset({"location", "locations"})


def content_digest(pipeline: Pipeline) -> str:
    """SHA-256 of the canonical JSON of the IR, without its places in the source and what has its default.

    It is given as 12 hexadecimal digits.
    """
    defaults: dict[type[Model], list[tuple[str, Any]]] = {}

    def content(model: Model) -> dict[str, Any]:
        """The fields that say something; models among them are left to `json` to ask for."""
        kind = type(model)
        if kind not in defaults:
            defaults[kind] = _defaults(kind)
        found = {name: value for name, default in defaults[kind] if (value := getattr(model, name)) != default}
        found[""] = kind.__name__  # no field has this name: models of two classes are never alike
        return found

    text = json.dumps(pipeline, default=content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _defaults(kind: type[Model]) -> list[tuple[str, Any]]:
    """The names of the fields that count, each with its default; MISSING, which equals nothing, where it has none."""
    return [(name, _default(each)) for name, each in kind.model_fields.items() if name not in _LOCATIONS]


def _default(each: Field[Any]) -> Any:
    return each.default if each.default_factory is MISSING else each.default_factory()
