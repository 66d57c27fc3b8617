"""Decisions that Kubeflow makes by itself, in CEL: comparisons of values that travel as they are.

A decision that computes more is a task, which tells what it chose. What is written is what the SDK writes for `If`.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from pipec.frozen import Frozen
from pipec.ir.expressions import (
    BinaryOperation,
    Expression,
    ItemReference,
    LiteralValue,
    OutputReference,
    ParameterReference,
    UnaryOperation,
)
from pipec.ir.types import LiteralUnion, ScalarType

from .bindings import Known
from .plumbing import channel_name
from .shim.whole_numbers import beyond

_FLIPPED = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_JOINED = {"and": "&&", "or": "||"}

_ESCAPED = re.compile(r"[\\'${\x00-\x1f\x7f-\x9f\u2028\u2029]")
"""What CEL, Argo or Kubernetes would not leave as it is in a text."""


class Comparison(Frozen):
    """What holds where a decision takes its first side, and the values that are looked at."""

    text: str
    sources: tuple[Known, ...]
    is_joined: bool = False
    """Whether it is put together of several, and stands in brackets beside others."""


class _Operand(Frozen):
    """One side of a comparison: the kind of its value is `int`, `double`, `bool` or `str`."""

    text: str
    kind: str
    source: Known | None = None


def comparison(condition: Expression, find: Callable[[Expression], Known]) -> Comparison | None:
    """The condition in CEL, None where it computes more than comparisons. `find` says where references are found."""
    match condition:
        case UnaryOperation(operator="not", operand=negated):
            inner = comparison(negated, find)
            return inner and Comparison(f"!({inner.text})", inner.sources)
        case BinaryOperation(operator=operator, left=left, right=right) if operator in _JOINED:
            one, other = comparison(left, find), comparison(right, find)
            if one is None or other is None:
                return None
            text = f"{_beside(one)} {_JOINED[operator]} {_beside(other)}"
            return Comparison(text, (*one.sources, *other.sources), is_joined=True)
        case BinaryOperation(operator=operator, left=left, right=right) if operator in _FLIPPED:
            if isinstance(left, LiteralValue):
                return _compared(_operand(right, find), _FLIPPED[operator], _operand(left, find))
            return _compared(_operand(left, find), operator, _operand(right, find))
        case _:
            return _compared(_operand(condition, find), "==", _Operand("true", "bool"))


def _beside(one: Comparison) -> str:
    return f"({one.text})" if one.is_joined else one.text


def _compared(left: _Operand | None, operator: str, right: _Operand | None) -> Comparison | None:
    if left is None or right is None or left.source is None:
        return None
    kinds = {left.kind, right.kind}
    if kinds == {"int", "double"}:
        left, right = _as_double(left), _as_double(right)
    elif len(kinds) > 1 or (operator not in ("==", "!=") and not kinds <= {"int", "double"}):
        return None
    sources = tuple(one.source for one in (left, right) if one.source is not None)
    return Comparison(f"{left.text} {operator} {right.text}", sources)


def _as_double(operand: _Operand) -> _Operand:
    if operand.kind == "double":
        return operand
    text = f"double({operand.text})" if operand.source else f"{operand.text}.0"
    return _Operand(text, "double", operand.source)


def _operand(expression: Expression, find: Callable[[Expression], Known]) -> _Operand | None:
    match expression:
        case LiteralValue(value=bool(value)):
            return _Operand(str(value).lower(), "bool")
        case LiteralValue(value=int(value)) if beyond(value) is None:
            return _Operand(str(value), "int")
        case LiteralValue(value=float(value)):
            return _Operand(repr(value), "double") if re.fullmatch(r"-?\d+\.\d+", repr(value)) else None
        case LiteralValue(value=str(value), type=type_) if _is_text(type_):
            return _Operand("'" + _ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", value) + "'", "str")
        case OutputReference(mapped=False) | ParameterReference() | ItemReference():
            return _looked_at(expression, find(expression))
        case _:
            return None


def _looked_at(reference: OutputReference | ParameterReference | ItemReference, found: Known) -> _Operand | None:
    if found.form != "plain" or found.channel.kind != "parameter":
        return None
    text = f"inputs.parameter_values['{channel_name(found.source)}']"
    match found.channel.type:
        case "NUMBER_INTEGER":
            return _Operand(f"int({text})", "int", found)
        case "NUMBER_DOUBLE":
            return _Operand(text, "double", found)
        case "BOOLEAN":
            return _Operand(text, "bool", found)
        case "STRING" if _is_text(reference.type):
            return _Operand(text, "str", found)
        case _:
            return None


def _is_text(type_: object) -> bool:
    return isinstance(type_, LiteralUnion) or (isinstance(type_, ScalarType) and type_.name == "str")
