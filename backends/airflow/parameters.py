"""Parameters of a pipeline as Airflow params with a JSON schema."""

from __future__ import annotations

from typing import Any

from pipec.ir.expressions import LiteralValue
from pipec.ir.model import Parameter
from pipec.ir.types import DictType, ListType, LiteralUnion, OptionalType, RecordType, ScalarType, Type

from .layout import Call, DictNode, Node
from .literals import py
from .references import is_computed

_SCALARS: dict[str, dict[str, Any]] = {
    "bool": {"type": "boolean"},
    "int": {"type": "integer"},
    "size": {"type": "integer"},
    "float": {"type": "number"},
    "duration": {"type": "number"},
    "date": {"type": "string", "format": "date"},
    "datetime": {"type": "string", "format": "date-time"},
    "json": {},
    "null": {"type": "null"},
}


def json_schema(type_: Type) -> dict[str, Any]:
    """The JSON schema of the JSON form of a type."""
    match type_:
        case ScalarType(name=name):
            return dict(_SCALARS.get(name, {"type": "string"}))
        case LiteralUnion(values=values):
            return {"type": "string", "enum": list(values)}
        case ListType(element=element):
            return {"type": "array", "items": json_schema(element)}
        case DictType(value=value):
            return {"type": "object", "additionalProperties": json_schema(value)}
        case RecordType(fields=fields):
            return {
                "type": "object",
                "properties": {field.name: json_schema(field.type) for field in fields},
                "required": [field.name for field in fields],
                "additionalProperties": False,
            }
        case OptionalType(inner=inner):
            return _nullable(json_schema(inner))


def _nullable(schema: dict[str, Any]) -> dict[str, Any]:
    schema = dict(schema)
    if isinstance(schema.get("type"), str) and schema["type"] != "null":
        schema["type"] = ["null", schema["type"]]
    if "enum" in schema:
        schema["enum"] = [*schema["enum"], None]
    return schema


def params_node(parameters: tuple[Parameter, ...]) -> DictNode:
    """The `params` of a DAG."""
    return DictNode(tuple((py(parameter.name), _param(parameter)) for parameter in parameters))


def _param(parameter: Parameter) -> Node:
    schema = json_schema(parameter.type)
    arguments: list[tuple[str | None, Node]] = []
    if is_computed(parameter):
        schema = _nullable(schema)
        arguments.append((None, "None"))
    elif isinstance(parameter.default, LiteralValue):
        arguments.append((None, py(_default(parameter.default.value, parameter.type))))
    limits = {
        "minimum": parameter.minimum,
        "maximum": parameter.maximum,
        "exclusiveMinimum": parameter.exclusive_minimum,
        "exclusiveMaximum": parameter.exclusive_maximum,
    }
    schema.update({name: limit for name, limit in limits.items() if limit is not None})
    arguments.extend((name, py(value)) for name, value in schema.items())
    if parameter.doc:
        arguments.append(("description", py(parameter.doc)))
    return Call("Param", tuple(arguments))


def _default(value: Any, type_: Type) -> Any:
    return float(value) if value is not None and str(type_) in ("float", "float?") else value
