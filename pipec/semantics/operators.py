"""Which types operators and functions work on, and what they give. Meaning is in `pipec.engine.evaluate`."""

from __future__ import annotations

from collections.abc import Sequence

from pipec.ir.assignable import assignable
from pipec.ir.types import (
    BOOL,
    DATE,
    DATETIME,
    DURATION,
    FLOAT,
    INT,
    JSON,
    NULL,
    SIZE,
    STR,
    DictType,
    ListType,
    RecordType,
    Type,
)
from pipec.semantics.types import common, is_number, is_text, may_be_null, without_null

_ORDERED = (DATE, DATETIME, DURATION, SIZE)

_ARITHMETIC: dict[tuple[str, Type, Type], Type] = {
    ("+", DATE, DURATION): DATE,
    ("-", DATE, DURATION): DATE,
    ("-", DATE, DATE): DURATION,
    ("+", DATETIME, DURATION): DATETIME,
    ("-", DATETIME, DURATION): DATETIME,
    ("-", DATETIME, DATETIME): DURATION,
    ("+", DURATION, DURATION): DURATION,
    ("-", DURATION, DURATION): DURATION,
    ("/", DURATION, DURATION): FLOAT,
    ("%", DURATION, DURATION): DURATION,
    ("*", DURATION, INT): DURATION,
    ("*", DURATION, FLOAT): DURATION,
    ("*", INT, DURATION): DURATION,
    ("*", FLOAT, DURATION): DURATION,
    ("/", DURATION, INT): DURATION,
    ("/", DURATION, FLOAT): DURATION,
    ("+", SIZE, SIZE): SIZE,
    ("-", SIZE, SIZE): SIZE,
    ("*", SIZE, INT): SIZE,
    ("*", INT, SIZE): SIZE,
    ("/", SIZE, SIZE): FLOAT,
}


def unary_type(operator: str, operand: Type) -> Type | None:
    """The type of `not x` or `-x`, None where it does not exist."""
    if operator == "not":
        return BOOL if operand == BOOL else None
    return operand if is_number(operand) or operand == DURATION else None


def binary_type(operator: str, left: Type, right: Type) -> Type | None:
    """The type of `left operator right`, None where the operator does not work on them."""
    match operator:
        case "and" | "or":
            return BOOL if left == BOOL and right == BOOL else None
        case "==" | "!=":
            return BOOL if _comparable(left, right) else None
        case "<" | "<=" | ">" | ">=":
            return BOOL if _ordered(left, right) else None
        case "in" | "not in":
            return BOOL if _contained(left, right) else None
        case "??":
            return common(without_null(left) if left != NULL else right, right) or (
                JSON if JSON in (left, right) else None
            )
        case _:
            return _arithmetic(operator, left, right)


def _comparable(left: Type, right: Type) -> bool:
    if NULL in (left, right):
        return True
    left, right = without_null(left), without_null(right)
    return common(left, right) is not None or JSON in (left, right) or _records_comparable(left, right)


def _records_comparable(left: Type, right: Type) -> bool:
    return isinstance(left, RecordType | DictType) and isinstance(right, RecordType | DictType)


def _ordered(left: Type, right: Type) -> bool:
    if (is_number(left) and is_number(right)) or (is_text(left) and is_text(right)):
        return True
    return left == right and left in _ORDERED


def _contained(left: Type, right: Type) -> bool:
    if may_be_null(left):
        return False
    match right:
        case ListType(element=element):
            return _comparable(left, element)
        case DictType() | RecordType():
            return is_text(left)
        case _:
            return is_text(left) and is_text(right)


def _arithmetic(operator: str, left: Type, right: Type) -> Type | None:
    if is_number(left) and is_number(right):
        return FLOAT if operator == "/" or FLOAT in (left, right) else INT
    if operator == "+" and is_text(left) and is_text(right):
        return STR
    if operator == "+" and isinstance(left, ListType) and isinstance(right, ListType):
        return common(left, right)
    return _ARITHMETIC.get((operator, left, right))


def index_type(base: Type, index: Type) -> Type | None:
    """The type of `base[index]`, None where it cannot be indexed so."""
    match base:
        case ListType(element=element):
            return element if index == INT else None
        case DictType(value=value):
            return value if is_text(index) else None
        case _ if base == JSON:
            return JSON if is_text(index) or index == INT else None
        case _:
            return None


FUNCTIONS: dict[str, str] = {
    "len": "len(list, dict or text)",
    "min": "min(list) or min(a, b, …)",
    "max": "max(list) or max(a, b, …)",
    "sum": "sum(list of numbers)",
    "any": "any(list of bool)",
    "all": "all(list of bool)",
    "round": "round(number) or round(number, digits)",
    "lower": "lower(text)",
    "upper": "upper(text)",
    "replace": "replace(text, old, new)",
    "split": "split(text, separator)",
    "join": "join(list of text, separator)",
    "format": 'format(value, spec), as in format(auc, ".3f")',
    "basename": "basename(text)",
    "env": "env(name) or env(name, default)",
}
"""The built-in functions and how they are called."""


def function_type(name: str, arguments: Sequence[Type]) -> Type | None:
    """The type a built-in function gives for arguments of these types, None where it does not take them."""
    texts = all(is_text(argument) for argument in arguments)
    match name, arguments:
        case "len", [ListType() | DictType() | RecordType()]:
            return INT
        case "len", [argument] if is_text(argument):
            return INT
        case "min" | "max", [ListType(element=element)] if _ordered(element, element):
            return element
        case "min" | "max", [first, _, *_]:
            return _common_ordered(first, arguments[1:])
        case "sum", [ListType(element=element)] if is_number(element) or element == SIZE:
            return element
        case "any" | "all", [ListType(element=element)] if element == BOOL:
            return BOOL
        case "round", [number] if is_number(number):
            return INT
        case "round", [number, digits] if is_number(number) and digits == INT:
            return number
        case (("lower" | "upper" | "basename"), [_]) if texts:
            return STR
        case "replace", [_, _, _] if texts:
            return STR
        case "split", [_, _] if texts:
            return ListType(element=STR)
        case "join", [ListType(element=element), separator] if is_text(element) and is_text(separator):
            return STR
        case "format", [value, spec] if is_text(spec) and not may_be_null(value) and _formattable(value):
            return STR
        case "env", [_] | [_, _] if texts:
            return STR
        case _:
            return None


def _formattable(value: Type) -> bool:
    return is_number(value) or is_text(value) or value in (BOOL, DATE, DATETIME, SIZE)


def _common_ordered(first: Type, rest: Sequence[Type]) -> Type | None:
    found: Type | None = first
    for other in rest:
        if found is None or not _ordered(found, other):
            return None
        found = common(found, other)
    return found


def fits(value: Type, target: Type, *, empty_list: bool = False) -> bool:
    """`assignable`, with the empty list fitting every list."""
    if empty_list and isinstance(without_null(target), ListType):
        return True
    return assignable(value, target)
