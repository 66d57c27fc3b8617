"""Evaluates the conditions and selectors of a pipeline as a cluster does: it reads all numbers as floats."""

from __future__ import annotations

import json
from functools import cache
from importlib import import_module
from typing import Any

from tests.support.kubeflow_runner.values import text_of


def holds(condition: str, parameters: dict[str, Any]) -> bool:
    """Whether a condition on the inputs of a task holds. Raises ValueError where it cannot be said."""
    found = _evaluate(condition, {"inputs": {"parameter_values": parameters}})
    if type(found).__name__ != "BoolType":
        raise ValueError(f"{condition}: neither true nor false: {found!r}")
    return bool(found)


def selected(value: Any, selector: str) -> Any:
    """What a selector takes from a value. Raises ValueError where it takes nothing."""
    return _python(_evaluate(selector, {"string_value": text_of(value)}))


def _evaluate(expression: str, variables: dict[str, Any]) -> Any:
    celpy: Any = import_module("celpy")
    try:
        return _program(expression).evaluate({name: _value(value) for name, value in variables.items()})
    except (celpy.CELEvalError, celpy.CELParseError) as error:
        raise ValueError(f"{expression}: {error}") from error


@cache
def _program(expression: str) -> Any:
    celpy: Any = import_module("celpy")
    environment = celpy.Environment()
    return environment.program(environment.compile(expression), functions={"parseJson": _parse_json})


def _parse_json(text: Any) -> Any:
    return _value(json.loads(text))


def _value(value: Any) -> Any:
    types: Any = import_module("celpy.celtypes")
    match value:
        case None:
            return None
        case bool():
            return types.BoolType(value)
        case int() | float():
            return types.DoubleType(value)
        case str():
            return types.StringType(value)
        case list():
            return types.ListType([_value(item) for item in value])
        case _:
            return types.MapType({types.StringType(name): _value(item) for name, item in value.items()})


def _python(value: Any) -> Any:
    types: Any = import_module("celpy.celtypes")
    match value:
        case None:
            return None
        case types.BoolType():
            return bool(value)
        case types.DoubleType() | types.IntType():
            return float(value)
        case types.StringType():
            return str(value)
        case types.ListType():
            return [_python(item) for item in value]
        case types.MapType():
            return {str(name): _python(item) for name, item in value.items()}
        case _:
            raise ValueError(f"a selector cannot give {value!r}")
