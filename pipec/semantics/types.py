"""Which types fit which, and what they have in common."""

from __future__ import annotations

from pipec.ir.assignable import assignable
from pipec.ir.types import (
    ARTIFACTS,
    FLOAT,
    INT,
    JSON,
    NULL,
    STR,
    DictType,
    ListType,
    LiteralUnion,
    OptionalType,
    RecordField,
    RecordType,
    ScalarName,
    ScalarType,
    Type,
    optional,
)

WRITABLE_SCALARS: tuple[ScalarName, ...] = (
    "bool", "int", "float", "str", "date", "datetime", "duration", "size", "json",
    "file", "dir", "dataset", "model", "metrics",
)  # fmt: skip
"""Type names a user may write; `secret` and `null` are types of values only."""


def is_text(type: Type) -> bool:
    """Whether values are strings: `str`, literal unions and artifact URIs."""
    return isinstance(type, LiteralUnion) or (
        isinstance(type, ScalarType) and (type.name == "str" or type.name in ARTIFACTS)
    )


def is_number(type: Type) -> bool:
    return type in (INT, FLOAT)


def without_null(type: Type) -> Type:
    return type.inner if isinstance(type, OptionalType) else type


def may_be_null(type: Type) -> bool:
    return isinstance(type, OptionalType) or type == NULL


def widen(type: Type) -> Type:
    """The type an input gets when none is declared: literal strings become `str`, everything else stays."""
    match type:
        case LiteralUnion():
            return STR
        case ListType(element=element):
            return ListType(element=widen(element))
        case DictType(value=value):
            return DictType(value=widen(value))
        case OptionalType(inner=inner):
            return OptionalType(inner=widen(inner))
        case RecordType(fields=fields):
            return RecordType(fields=tuple(RecordField(name=f.name, type=widen(f.type)) for f in fields))
        case ScalarType() if type == NULL:
            return JSON
        case _:
            return type


def common(left: Type, right: Type) -> Type | None:
    """The narrowest type both fit into, or None where there is none but json."""
    if left == NULL:
        return optional(right)
    if right == NULL:
        return optional(left)
    if isinstance(left, OptionalType) or isinstance(right, OptionalType):
        inner = common(without_null(left), without_null(right))
        return optional(inner) if inner else None
    if isinstance(left, LiteralUnion) and isinstance(right, LiteralUnion):
        return LiteralUnion(values=tuple(dict.fromkeys(left.values + right.values)))
    if assignable(left, right):
        return right
    if assignable(right, left):
        return left
    if is_text(left) and is_text(right):
        return STR
    if isinstance(left, ListType) and isinstance(right, ListType):
        element = common(left.element, right.element)
        return ListType(element=element) if element else None
    return None
