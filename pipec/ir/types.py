"""The types of the language as values. `str(type)` spells a type as a user would write it."""

from __future__ import annotations

from typing import Annotated, Literal

from pipec.ir.base import Model, Tagged

ScalarName = Literal[
    "bool",
    "int",
    "float",
    "str",
    "date",
    "datetime",
    "duration",
    "size",
    "json",
    "file",
    "dir",
    "dataset",
    "model",
    "metrics",
    "secret",
    "null",
]

ARTIFACTS: frozenset[str] = frozenset({"file", "dir", "dataset", "model", "metrics"})
"""Types of URIs of things stored outside the orchestrator."""


class ScalarType(Model):
    """A type without parts. `null` is the type of the literal null alone."""

    kind: Literal["scalar"] = "scalar"
    name: ScalarName

    def __str__(self) -> str:
        return self.name


class LiteralUnion(Model):
    """One of a few strings: `"dev" | "prod"`."""

    kind: Literal["literal"] = "literal"
    values: tuple[str, ...]

    def __str__(self) -> str:
        return " | ".join(quote(value) for value in self.values)


class ListType(Model):
    kind: Literal["list"] = "list"
    element: Type

    def __str__(self) -> str:
        return f"list[{self.element}]"


class DictType(Model):
    """A map from strings."""

    kind: Literal["dict"] = "dict"
    value: Type

    def __str__(self) -> str:
        return f"dict[str, {self.value}]"


class OptionalType(Model):
    """`T?`: a T or null; never nested."""

    kind: Literal["optional"] = "optional"
    inner: Type

    def __str__(self) -> str:
        inner = str(self.inner)
        return f"({inner})?" if isinstance(self.inner, LiteralUnion) and len(self.inner.values) > 1 else f"{inner}?"


class RecordField(Model):
    name: str
    type: Type


class RecordType(Model):
    """Named values of different types: the outputs of a task, what a pipeline returns, a map written out."""

    kind: Literal["record"] = "record"
    fields: tuple[RecordField, ...]

    def __str__(self) -> str:
        return "{ " + ", ".join(f"{field.name}: {field.type}" for field in self.fields) + " }"


Type = Annotated[
    ScalarType | LiteralUnion | ListType | DictType | OptionalType | RecordType,
    Tagged("kind"),
]

BOOL = ScalarType(name="bool")
INT = ScalarType(name="int")
FLOAT = ScalarType(name="float")
STR = ScalarType(name="str")
DATE = ScalarType(name="date")
DATETIME = ScalarType(name="datetime")
DURATION = ScalarType(name="duration")
SIZE = ScalarType(name="size")
JSON = ScalarType(name="json")
SECRET = ScalarType(name="secret")
NULL = ScalarType(name="null")


def quote(text: str) -> str:
    """A string as the language writes it, in double quotes."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("${", "$${")
    return '"' + escaped.replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t") + '"'


def optional(inner: Type) -> Type:
    """`T?`, leaving what is optional already as it is."""
    if isinstance(inner, OptionalType) or inner in (NULL, JSON):
        return inner
    return OptionalType(inner=inner)
