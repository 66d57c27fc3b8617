"""What the program in a container is asked, as JSON: expressions, types and how inputs and outputs travel."""

from __future__ import annotations

import base64
import bz2
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
_RUNTIME = (
    "pipec.runtime.values",
    "pipec.runtime.functions",
    "pipec.runtime.process",
    "pipec.runtime.calling",
    "pipec.engine.retries",
)
_SHIM = "pipec.backends.kubeflow.shim."

_ABOUT = {
    "call": "pipec: calls the function with the inputs of the task, and hands over what it returns",
    "program": "pipec: runs the program with the inputs of the task, and hands over what it writes",
    "steps": "pipec: runs the programs of several tasks one after the other",
    "wait": "pipec: calls the predicate until it is true",
    "values": "pipec: computes values from the inputs of the task",
    "outputs": "pipec: reads the outputs of a task from the texts that it wrote",
}


@cache
def program(kind: str, computes: bool) -> str:
    """The text of the program: `call` for python tasks, `program` for shell and command, `values` for what computes.

    One that `computes` knows expressions. It is compressed, because every task of a specification holds a copy and a
    workflow has to fit into one object of Kubernetes; by bzip2, which has one implementation and so the same bytes.
    """
    evaluate = ("pipec.engine.evaluate",) if computes else ()
    inputs = "computed" if computes else "given"
    preparing = (f"{_SHIM}preparing",) if kind in ("call", "program") else ()
    text = bundle(
        [
            *_RUNTIME,
            *evaluate,
            f"{_SHIM}attempts",
            f"{_SHIM}shielding",
            f"{_SHIM}whole_numbers",
            f"{_SHIM}exchange",
            f"{_SHIM}{inputs}",
            f"{_SHIM}finishing",
            *preparing,
            f"{_SHIM}{kind}_main",
        ]
    )
    packed = base64.b64encode(bz2.compress(text.encode())).decode()
    return f"# {_ABOUT[kind]}\nimport base64, bz2\nexec(bz2.decompress(base64.b64decode('{packed}')))"


def kind_of(text: str) -> str | None:
    """The kind of a program by its text; None for what is no program of pipec."""
    return next((kind for kind, about in _ABOUT.items() if text.startswith(f"# {about}\n")), None)


def form_of(channel: Channel) -> str:
    """How a value travels, in a word that the program knows."""
    return channel.kind if channel.kind == "artifact" else "json" if channel.is_json else "plain"


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
