"""How facts are kept as text: JSON in ASCII, which holds every string Python has."""

from __future__ import annotations

import json
from typing import Any

from .records import RunRecord

to_text = json.JSONEncoder(separators=(",", ":")).encode
"""The text of a JSON value."""


def from_text(text: str) -> Any:
    """The JSON value of a text."""
    return json.loads(text)


def head_text(record: RunRecord) -> str:
    """What the row of a run holds beside the columns it is looked up by."""
    return to_text(
        {
            "file": record.file,
            "source_digest": record.source_digest,
            "parameters": record.parameters,
            "context": record.context,
        }
    )
