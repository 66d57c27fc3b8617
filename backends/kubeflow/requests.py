"""What the program in a container is asked, as JSON: expressions, types and how inputs and outputs travel."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from functools import cache
from typing import Any

from pipec.ir.expressions import DictEntry, Expression
from pipec.ir.types import (
    DictType,
    ListType,
    LiteralUnion,
    OptionalType,
    RecordType,
    ScalarType,
)
from pipec.runtime.bundling import bundle

from .channels import Channel

_TYPES = (ScalarType, LiteralUnion, ListType, DictType, OptionalType, RecordType)
_RUNTIME = ("pipec.runtime.values", "pipec.runtime.functions", "pipec.runtime.process", "pipec.runtime.calling")
_SHIM = "pipec.backends.kubeflow.shim."


@cache
def program(kind: str, computes: bool) -> str:
    """The text of the program: `call` for python tasks, `program` for shell and command, `values` for what computes.

    One that `computes` knows expressions; the others are half as long.
    """
    evaluate = ("pipec.engine.evaluate",) if computes else ()
    inputs = "computed" if computes else "given"
    return bundle([*_RUNTIME, *evaluate, f"{_SHIM}exchange", f"{_SHIM}{inputs}", f"{_SHIM}{kind}_main"])


def form_of(channel: Channel) -> str:
    """How a value travels, in a word that the program knows."""
    return channel.kind if channel.kind == "artifact" else "json" if channel.is_json else "plain"


def as_json(request: Mapping[str, Any]) -> str:
    """The request in one line. No text in it looks like a placeholder of Kubeflow or of Argo."""
    text = json.dumps(request, ensure_ascii=False, separators=(",", ":"))
    return text.replace("{{", "\\u007b{") if "{{" in text else text


def written(expression: Expression) -> dict[str, Any]:
    """An expression as plain values, its types as the language spells them."""
    return _fields(expression)


def _fields(part: Any) -> dict[str, Any]:
    return {each.name: _plain(getattr(part, each.name)) for each in fields(part)}


def _plain(value: Any) -> Any:
    if isinstance(value, _TYPES):
        return str(value)
    if isinstance(value, DictEntry) or hasattr(value, "kind"):
        return _fields(value)
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value
