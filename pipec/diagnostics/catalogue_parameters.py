"""Codes about the values a run is given."""

from __future__ import annotations

PARAMETERS: dict[str, str] = {
    "P0601": "unknown parameter",
    "P0602": "a parameter without a default was not given",
    "P0603": "a parameter was given a value of another type",
    "P0604": "a file of parameters cannot be read",
    "P0605": "the default of a parameter has no value",
}
