"""What an expression means: Python's meaning of numbers, strings, equality, ordering, remainder and rounding."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from pipec.ir.expressions import (
    BinaryOperation,
    ConditionalExpression,
    DictExpression,
    Expression,
    FunctionCall,
    IndexOperation,
    Interpolation,
    ItemReference,
    ListExpression,
    LiteralValue,
    OutputReference,
    ParameterReference,
    RunReference,
    UnaryOperation,
)
from pipec.ir.types import Type
from pipec.runtime.functions import FUNCTIONS
from pipec.runtime.values import OutputError, describe, from_json, to_json, to_text


class EvaluationError(Exception):
    """An expression has no value; the message shows it as written."""


_NOTHING: Mapping[Any, Any] = {}


class Scope(NamedTuple):
    """What names stand for, in JSON form. (No `Frozen`: the source of this module is also copied into other programs.)

    `run` holds the facts behind `run.…` by field, `outputs` values by task id and output name: what is not there is
    null. `items` holds the current item of each map by the map's name. An expression of constants needs none of it.
    """

    parameters: Mapping[str, Any] = _NOTHING
    run: Mapping[str, Any] = _NOTHING
    outputs: Mapping[tuple[str, str], Any] = _NOTHING
    items: Mapping[str, Any] = _NOTHING


def evaluate(expression: Expression, scope: Scope) -> Any:
    """The value of an expression in native form. Raises EvaluationError where it has none."""
    match expression:
        case LiteralValue(value=value, type=type_):
            return from_json(value, str(type_))
        case ParameterReference(name=name, type=type_):
            return _known(scope.parameters, name, type_, f"the parameter {name}")
        case RunReference(field=name, type=type_):
            return _known(scope.run, name, type_, f"run.{name}")
        case OutputReference(task=task, output=output, type=type_):
            return from_json(scope.outputs.get((task, output)), str(type_))
        case ItemReference(map=name, type=type_):
            return _known(scope.items, name, type_, f"the item of {name}")
        case UnaryOperation():
            return _unary(expression, scope)
        case BinaryOperation():
            return _binary(expression, scope)
        case ConditionalExpression(condition=condition, then=then, otherwise=otherwise):
            return evaluate(then if evaluate(condition, scope) else otherwise, scope)
        case Interpolation(parts=parts):
            return _computed(lambda *values: "".join(map(to_text, values)), [evaluate(part, scope) for part in parts])
        case FunctionCall(function=function, arguments=arguments, source=source):
            values = [evaluate(argument, scope) for argument in arguments]
            return _computed(FUNCTIONS[function], values, source)
        case IndexOperation(base=base, index=index, source=source):
            return _index(evaluate(base, scope), evaluate(index, scope), source)
        case ListExpression(items=items):
            return [evaluate(item, scope) for item in items]
        case DictExpression(entries=entries):
            return {entry.key: evaluate(entry.value, scope) for entry in entries}


def json_value(expression: Expression, scope: Scope) -> Any:
    """The value of an expression in JSON form. Raises EvaluationError where it has none."""
    try:
        return to_json(evaluate(expression, scope))
    except OutputError as error:
        raise EvaluationError(str(error)) from error


def text_value(expression: Expression, scope: Scope) -> str:
    """The value of an expression in text form. Raises EvaluationError where it has none."""
    try:
        return to_text(evaluate(expression, scope))
    except OutputError as error:
        raise EvaluationError(str(error)) from error


def _known(values: Mapping[str, Any], name: str, type_: Type, called: str) -> Any:
    if name not in values:
        raise EvaluationError(f"{called} has no value here")
    return from_json(values[name], str(type_))


def _unary(expression: UnaryOperation, scope: Scope) -> Any:
    value = evaluate(expression.operand, scope)
    if expression.operator == "not":
        return not value
    return _computed(operator.neg, [value])


_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "in": lambda left, right: left in right,
    "not in": lambda left, right: left not in right,
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "%": operator.mod,
}


def _binary(expression: BinaryOperation, scope: Scope) -> Any:
    left = evaluate(expression.left, scope)
    match expression.operator:
        case "??":
            return evaluate(expression.right, scope) if left is None else left
        case "or":
            return left or evaluate(expression.right, scope)
        case "and":
            return left and evaluate(expression.right, scope)
        case "%" if isinstance(left, str):
            raise EvaluationError(_shown(f"{describe(left)} has no remainder", expression.source))
        case name:
            return _computed(_OPERATORS[name], [left, evaluate(expression.right, scope)], expression.source)


def _index(base: Any, index: Any, source: str) -> Any:
    try:
        return base[index]
    except IndexError:
        fault = f"index {index} is outside a list of {len(base)}"
    except KeyError:
        fault = f"there is no key {index!r}"
    except TypeError:
        fault = f"{describe(base)} has no element {index!r}"
    raise EvaluationError(_shown(fault, source))


def _computed(function: Callable[..., Any], values: list[Any], source: str = "") -> Any:
    try:
        return function(*values)
    except ZeroDivisionError:
        fault = "division by zero"
    except TypeError:
        fault = f"not possible with {', '.join(map(describe, values))}"
    except (ValueError, ArithmeticError, LookupError) as error:
        fault = str(error)
    raise EvaluationError(_shown(fault, source))


def _shown(fault: str, source: str) -> str:
    return f"{fault} in {source}" if source else fault
