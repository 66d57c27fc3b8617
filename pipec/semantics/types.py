"""Which types fit which, and what a written type stands for."""

from __future__ import annotations

from pipec.ir.types import (
    ARTIFACTS,
    FLOAT,
    INT,
    JSON,
    NULL,
    SECRET,
    STR,
    DictType,
    ListType,
    LiteralUnion,
    OptionalType,
    RecordField,
    RecordType,
    ScalarType,
    Type,
    optional,
)

WRITABLE_SCALARS = (
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


def assignable(source: Type, target: Type) -> bool:
    """Whether `source` may go where `target` is needed: `int` to `float`, `T` to `T?`, artifacts to `str`."""
    if source == target:
        return True
    match source, target:
        case _, ScalarType(name="json"):
            return not contains_secret(source)
        case ScalarType(name="null"), OptionalType():
            return True
        case OptionalType(inner=inner), OptionalType(inner=wanted):
            return assignable(inner, wanted)
        case OptionalType(), _:
            return False
        case _, OptionalType(inner=wanted):
            return assignable(source, wanted)
        case ScalarType(name="int"), ScalarType(name="float"):
            return True
        case LiteralUnion(values=values), LiteralUnion(values=wanted_values):
            return set(values) <= set(wanted_values)
        case LiteralUnion(), ScalarType(name=name):
            return name == "str" or name in ARTIFACTS
        case ScalarType(name=name), ScalarType(name="str"):
            return name in ARTIFACTS
        case ListType(element=element), ListType(element=wanted):
            return assignable(element, wanted)
        case DictType(value=value), DictType(value=wanted):
            return assignable(value, wanted)
        case RecordType(fields=fields), DictType(value=wanted):
            return all(assignable(field.type, wanted) for field in fields)
        case RecordType(fields=fields), RecordType(fields=wanted_fields):
            types = {field.name: field.type for field in fields}
            return types.keys() == {field.name for field in wanted_fields} and all(
                assignable(types[field.name], field.type) for field in wanted_fields
            )
        case _:
            return False


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


def contains_secret(type: Type) -> bool:
    match type:
        case ListType(element=inner) | DictType(value=inner) | OptionalType(inner=inner):
            return contains_secret(inner)
        case RecordType(fields=fields):
            return any(contains_secret(field.type) for field in fields)
        case _:
            return type == SECRET
