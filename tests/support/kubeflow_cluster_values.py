"""Values as a cluster of Kubeflow carries them: their types, their texts, and expressions of CEL over them."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from typing import Any


class DriverError(Exception):
    """The step before a task fails: the task itself never runs."""


def carried(value: Any) -> Any:
    """A value as it travels: every number is a double."""
    match value:
        case bool() | str() | None:
            return value
        case int() | float():
            return float(value)
        case list() | tuple():
            return [carried(each) for each in value]
        case dict():
            return {str(name): carried(each) for name, each in value.items()}
    raise TypeError(f"{value!r} is no value of JSON")


def text_of(value: Any) -> str:
    """What becomes of a value where text is wanted."""
    match value:
        case None:
            return ""
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case float():
            return str(int(value)) if value.is_integer() else repr(value)
    return json.dumps(_whole(value), separators=(",", ":"), ensure_ascii=False)


def _whole(value: Any) -> Any:
    """A value with whole numbers written as such."""
    match value:
        case float() if value.is_integer():
            return int(value)
        case list():
            return [_whole(each) for each in value]
        case dict():
            return {name: _whole(each) for name, each in value.items()}
    return value


def taken(value: Any, wanted: str, name: str) -> Any:
    """A value as an input of the type `wanted` takes it: text takes anything, and nothing too. Raises DriverError."""
    if wanted == "STRING":
        return text_of(value)
    fits = {
        "NUMBER_INTEGER": isinstance(value, float),
        "NUMBER_DOUBLE": isinstance(value, float),
        "BOOLEAN": isinstance(value, bool),
        "LIST": isinstance(value, list),
        "STRUCT": isinstance(value, dict),
        "TASK_FINAL_STATUS": isinstance(value, dict),
    }
    if not fits.get(wanted, False):
        raise DriverError(f'input "{name}": expected {wanted}, got {value!r}')
    return value


def written(value: Any, declared: str) -> bool:
    """Whether a container can have written a value for an output of the declared type."""
    match declared:
        case "STRING":
            return isinstance(value, str)
        case "NUMBER_INTEGER":
            return isinstance(value, float) and value.is_integer()
        case "NUMBER_DOUBLE":
            return isinstance(value, float)
        case "BOOLEAN":
            return isinstance(value, bool)
        case "LIST":
            return isinstance(value, list)
        case "STRUCT":
            return isinstance(value, dict)
    return False


def items_of(value: Any) -> list[Any]:
    """What a loop runs over: a list, or the JSON text of one. Raises DriverError."""
    found = value
    if isinstance(value, str):
        try:
            found = carried(json.loads(value))
        except ValueError:
            found = None
    if not isinstance(found, list):
        raise DriverError(f"{value!r} cannot be iterated")
    return found


def holds(condition: str, parameters: Mapping[str, Any], artifacts: Mapping[str, Any]) -> bool:
    """Whether a condition is true of the inputs of a task. Raises DriverError where it cannot be told.

    `cel-python` is stricter than a cluster in that it compares no double with an int: write `int(…)` or `1.0`.
    """
    result = _evaluated(condition, {"inputs": {"parameter_values": dict(parameters), "artifacts": dict(artifacts)}})
    if not isinstance(result, bool):
        raise DriverError(f"{condition!r} gives {result!r}, which is neither true nor false")
    return result


def selected(selector: str, value: Any) -> Any:
    """The part of a value that a selector takes. Raises DriverError."""
    kinds = {bool: "bool_value", float: "number_value", list: "list_value", dict: "struct_value"}
    names = {"string_value": text_of(value)}
    if type(value) in kinds:
        names[kinds[type(value)]] = value
    return _evaluated(selector, names)


def _evaluated(expression: str, names: Mapping[str, Any]) -> Any:
    from celpy import Environment
    from celpy.adapter import json_to_cel
    from celpy.celparser import CELParseError
    from celpy.evaluation import CELEvalError

    limit = sys.getrecursionlimit()
    environment = Environment()  # sets another limit for all of Python
    sys.setrecursionlimit(limit)
    try:
        program = environment.program(environment.compile(expression), functions={"parseJson": _parse_json})
        return _plain(program.evaluate({name: json_to_cel(value) for name, value in names.items()}))
    except (CELEvalError, CELParseError, ValueError) as error:
        raise DriverError(f"{expression!r}: {error}") from error


def _parse_json(text: Any) -> Any:
    from celpy.adapter import json_to_cel

    return json_to_cel(carried(json.loads(str(text))))


def _plain(value: Any) -> Any:
    """A value of CEL as one of Python."""
    from celpy import celtypes

    match value:
        case celtypes.BoolType():
            return bool(value)
        case celtypes.StringType():
            return str(value)
        case celtypes.IntType() | celtypes.UintType() | celtypes.DoubleType():
            return float(value)
        case celtypes.ListType():
            return [_plain(each) for each in value]
        case celtypes.MapType():
            return {str(name): _plain(each) for name, each in value.items()}
    return value
