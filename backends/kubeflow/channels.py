"""How the types of the language travel between tasks of Kubeflow.

Kubeflow has no null, and its structures know numbers as doubles only. What it cannot carry as it is travels as JSON in
a string: optional types, `json`, and lists or maps that hold one of these.
"""

from __future__ import annotations

from typing import Any, Literal

from pipec.frozen import Frozen
from pipec.ir.types import ARTIFACTS, DictType, ListType, LiteralUnion, RecordType, ScalarType, Type

from .shim.shielding import shielded

_SCALARS = {
    "bool": "BOOLEAN",
    "int": "NUMBER_INTEGER",
    "size": "NUMBER_INTEGER",
    "float": "NUMBER_DOUBLE",
    "duration": "NUMBER_DOUBLE",
    "str": "STRING",
    "date": "STRING",
    "datetime": "STRING",
}
_SCHEMAS = {"dataset": "system.Dataset", "model": "system.Model", "metrics": "system.Metrics"}
_ARTIFACT = "system.Artifact"


class Channel(Frozen):
    """A parameter or an artifact; `type` is the parameter type or the title of the artifact's schema.

    A parameter with `is_json` holds the JSON text of its value.
    """

    kind: Literal["parameter", "artifact"]
    type: str
    is_json: bool = False

    @property
    def definition(self) -> dict[str, Any]:
        """How a component declares it."""
        if self.kind == "parameter":
            return {"parameterType": self.type}
        return {"artifactType": {"schemaTitle": self.type, "schemaVersion": "0.0.1"}}

    def constant(self, value: Any) -> Any:
        """A value in its JSON form as the channel carries it; numbers are doubles, as everywhere in Kubeflow."""
        if self.is_json:
            return shielded(value)
        return float(value) if self.type in ("NUMBER_INTEGER", "NUMBER_DOUBLE") else value


JSON_TEXT = Channel("parameter", "STRING", is_json=True)
TRUTH = Channel("parameter", "BOOLEAN")
TEXT = Channel("parameter", "STRING")
LIST = Channel("parameter", "LIST")


def channel_of(type_: Type, artifacts: bool = True) -> Channel:
    """What carries values of a type; without `artifacts` their URIs are texts."""
    match type_:
        case ScalarType(name=name) if name in ARTIFACTS:
            return Channel("artifact", _SCHEMAS.get(name, _ARTIFACT)) if artifacts else TEXT
        case ScalarType(name=name) if name in _SCALARS:
            return Channel("parameter", _SCALARS[name])
        case LiteralUnion():
            return TEXT
        case ListType(element=element) if is_exact(element):
            return LIST
        case DictType() | RecordType() if is_exact(type_):
            return Channel("parameter", "STRUCT")
        case _:
            return JSON_TEXT


def is_exact(type_: Type) -> bool:
    """Whether a value of the type comes out of a list or structure of Kubeflow as it went in."""
    match type_:
        case ScalarType(name=name):
            return name in _SCALARS or name in ARTIFACTS
        case LiteralUnion():
            return True
        case ListType(element=element):
            return is_exact(element)
        case DictType(value=value):
            return is_exact(value)
        case RecordType(fields=fields):
            return all(is_exact(one.type) for one in fields)
        case _:
            return False
