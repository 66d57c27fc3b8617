"""What can be said of an expression's value before it is computed."""

from __future__ import annotations

from collections.abc import Set

from pipec.ir.expressions import (
    BinaryOperation,
    ConditionalExpression,
    DictExpression,
    Expression,
    Interpolation,
    ItemReference,
    ListExpression,
    LiteralValue,
    OutputReference,
    ParameterReference,
    RunReference,
    UnaryOperation,
)
from pipec.ir.types import (
    ARTIFACTS,
    FLOAT,
    JSON,
    NULL,
    DictType,
    ListType,
    LiteralUnion,
    OptionalType,
    RecordType,
    ScalarType,
    Type,
)

CONVERTED = frozenset({"date", "datetime", "duration"})
"""Types whose native form is not their JSON form."""


def holds(type_: Type, names: Set[str]) -> bool:
    """Whether a type is or holds one of these scalar types."""
    match type_:
        case ScalarType(name=name):
            return name in names
        case OptionalType(inner=inner) | ListType(element=inner) | DictType(value=inner):
            return holds(inner, names)
        case RecordType(fields=fields):
            return any(holds(field.type, names) for field in fields)
        case _:
            return False


def is_number(type_: Type) -> bool:
    """Whether a type is that of a bare float."""
    return str(type_) in ("float", "float?")


def is_plain(type_: Type) -> bool:
    """Whether strings of the type are strings in native form."""
    return str(type_) not in ("date", "datetime", "date?", "datetime?")


def is_text(expression: Expression) -> bool:
    """Whether the native form is always a string, so that it is its own text form."""
    if not isinstance(expression, LiteralValue | OutputReference | ParameterReference | RunReference):
        return isinstance(expression, Interpolation)
    type_ = expression.type
    return isinstance(type_, LiteralUnion) or (
        isinstance(type_, ScalarType) and (type_.name == "str" or type_.name in ARTIFACTS)
    )


def may_be_null(type_: Type) -> bool:
    return isinstance(type_, OptionalType) or type_ in (JSON, NULL)


def _inner(type_: Type) -> Type:
    return type_.inner if isinstance(type_, OptionalType) else type_


def _without_optional(expression: Expression) -> Type | None:
    type_ = getattr(expression, "type", None)
    return None if type_ is None else _inner(type_)


def fits(expression: Expression, type_: Type) -> bool:
    """Whether the native form certainly has floats wherever the type says so."""
    if not holds(type_, {"float"}):
        return True
    match expression, type_:
        case ListExpression(items=items), ListType(element=element):
            return all(fits(item, element) for item in items)
        case DictExpression(entries=entries), DictType(value=value):
            return all(fits(entry.value, value) for entry in entries)
        case DictExpression(entries=entries), RecordType(fields=fields):
            types = {field.name: field.type for field in fields}
            return all(fits(entry.value, types[entry.key]) for entry in entries)
    return is_float(expression) if type_ == FLOAT else _without_optional(expression) == _inner(type_)


def is_float(expression: Expression) -> bool:
    """Whether an expression, where it has a value, certainly has a float."""
    match expression:
        case (
            LiteralValue(type=type_)
            | ParameterReference(type=type_)
            | OutputReference(type=type_)
            | ItemReference(type=type_)
        ):
            return type_ == FLOAT
        case BinaryOperation(operator="/"):
            return True
        case BinaryOperation(operator="+" | "-" | "*" | "%", left=left, right=right):
            return is_float(left) or is_float(right)
        case BinaryOperation(operator="??", left=left, right=right):
            return _without_optional(left) == FLOAT and is_float(right)
        case ConditionalExpression(then=then, otherwise=otherwise):
            return is_float(then) and is_float(otherwise)
        case UnaryOperation(operator="-", operand=operand):
            return is_float(operand)
        case _:
            return False


def is_stored(*expressions: Expression) -> bool:
    """Whether all are values out of JSON, so that none is NaN and orderings can be turned round."""
    return all(isinstance(part, LiteralValue | OutputReference | ParameterReference) for part in expressions)


def is_null(*expressions: Expression) -> bool:
    return any(isinstance(part, LiteralValue) and part.value is None for part in expressions)


def is_singleton(literal: LiteralValue) -> bool:
    return literal.value is None or isinstance(literal.value, bool)
