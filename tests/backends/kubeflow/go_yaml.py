"""Reads YAML as the server of Kubeflow does: by go-yaml, which Go's Jsonnet brings in its `std.parseYaml`."""

from __future__ import annotations

import json
from typing import Any

import _gojsonnet

_MORE = "---\nnull\n"
"""A document behind the others: of one alone the function gives what is in it, of several a list."""


def read(text: str) -> list[Any]:
    """The documents of a file. All numbers are those of JSON: 1.0 is 1. Raises RuntimeError where Go cannot read it."""
    program = "std.parseYaml(std.extVar('text'))"
    documents: list[Any] = json.loads(_gojsonnet.evaluate_snippet("read", program, ext_vars={"text": text + _MORE}))
    return documents[:-1]


def with_doubles(value: Any) -> Any:
    """The same with numbers as Go has them; `repr` still tells 1 from true."""
    match value:
        case bool() | str() | None:
            return value
        case int() | float():
            return float(value) + 0.0  # -0.0 is 0.0
        case dict():
            return {key: with_doubles(item) for key, item in value.items()}
        case _:
            return [with_doubles(item) for item in value]
