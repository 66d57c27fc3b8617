"""Values and conditions as the messages of tests show them."""

from __future__ import annotations

import json
from typing import Any

from pipec.engine.evaluate import EvaluationError
from pipec.engine.unknown import UncertainScope, Unknown, json_value
from pipec.ir.expressions import (
    BinaryOperation,
    Expression,
    FunctionCall,
    IndexOperation,
    ItemReference,
    LiteralValue,
    OutputReference,
    ParameterReference,
    RunReference,
    UnaryOperation,
    walk,
)
from pipec.ir.printout import expression_text
from pipec.ir.types import DURATION, SIZE, OptionalType, Type
from pipec.semantics.keys import spell_key

_COMPARISONS = frozenset({"==", "!=", "<", "<=", ">", ">=", "in", "not in"})
_LONGEST = 60
_MOST_NAMES = 4


def shown_value(value: Any, type: Type | None = None) -> str:
    """A value in JSON form as the language writes it, cut where it is long."""
    inner = type.inner if isinstance(type, OptionalType) else type
    match value:
        case Unknown():
            text = "not known"
        case None:
            text = "null"
        case bool() | int() | float() | str() if inner is not None and (
            inner in (DURATION, SIZE) or isinstance(value, str)
        ):
            text = spell_key(LiteralValue(value=value, type=inner))
        case _:
            text = json.dumps(_plain(value), ensure_ascii=False)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def shown_condition(condition: Expression) -> str:
    """A condition as it was written, where that is known."""
    match condition:
        case BinaryOperation(source=source) | FunctionCall(source=source) | IndexOperation(source=source) if source:
            return source
        case UnaryOperation(operator="not", operand=operand):
            return f"not {shown_condition(operand)}"
        case OutputReference(task=task, output="output", mapped=mapped):
            return f"{task}[*]" if mapped else task
        case _:
            return expression_text(condition)


def shown_values(condition: Expression, scope: UncertainScope) -> str:
    """The values that make a condition what it is: both sides of a comparison, else what the names in it stand for."""
    match condition:
        case BinaryOperation(operator=operator, left=left, right=right) if operator in _COMPARISONS:
            sides = [_value(side, scope) for side in (left, right)]
            if None in sides or [left, right] == [_literal(left), _literal(right)]:
                return _names(condition, scope)
            return f"{sides[0]} {operator} {sides[1]}"
        case UnaryOperation(operand=operand):
            return shown_values(operand, scope)
        case _:
            return _names(condition, scope)


def type_of(expression: Expression) -> Type | None:
    """The type of a literal or a name; None for an operation, whose value shows it well enough."""
    match expression:
        case (
            LiteralValue(type=type)
            | ParameterReference(type=type)
            | RunReference(type=type)
            | OutputReference(type=type)
            | ItemReference(type=type)
        ):
            return type
        case _:
            return None


def _literal(expression: Expression) -> Expression | None:
    return expression if isinstance(expression, LiteralValue) else None


def _value(expression: Expression, scope: UncertainScope) -> str | None:
    try:
        return shown_value(json_value(expression, scope), type_of(expression))
    except (EvaluationError, LookupError):
        return None


def _names(condition: Expression, scope: UncertainScope) -> str:
    found: dict[str, str] = {}
    for part in walk(condition):
        if isinstance(part, OutputReference | ParameterReference | RunReference | ItemReference):
            value = _value(part, scope)
            if value is not None:
                found[shown_condition(part)] = value
    shown = [f"{name} = {value}" for name, value in found.items()]
    return ", ".join(shown[:_MOST_NAMES]) + (", …" if len(shown) > _MOST_NAMES else "")


def _plain(value: Any) -> Any:
    match value:
        case Unknown():
            return "not known"
        case list():
            return [_plain(item) for item in value]
        case dict():
            return {key: _plain(item) for key, item in value.items()}
        case _:
            return value
