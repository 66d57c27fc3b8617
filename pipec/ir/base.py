"""What all IR models have in common, and where they came from.

pydantic knows how to read them and what their schema is; it is loaded only where that is asked, so that compiling and
running a pipeline start without it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self, dataclass_transform

from pipec.frozen import Frozen

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, TypeAdapter
    from pydantic_core import CoreSchema


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(field,))
class Model(Frozen):
    """A frozen value: equal when its fields are equal, refusing fields it does not know.

    Making one checks no types: that is the type checker's work. What comes from outside comes by `model_validate`.
    """

    __pydantic_config__: ClassVar[dict[str, object]] = {"extra": "forbid", "use_attribute_docstrings": True}

    def __init_subclass__(cls) -> None:
        super().__init_subclass__(kw_only=True)

    @classmethod
    def model_fields(cls) -> Mapping[str, Field[Any]]:
        """The fields by name, in the order they are written."""
        return cls.__dataclass_fields__

    @classmethod
    def model_validate(cls, document: object) -> Self:
        """The model of a document of plain values. Raises pydantic.ValidationError where it is none."""
        model: Self = _adapter(cls).validate_python(document)
        return model

    @classmethod
    def model_validate_json(cls, text: str | bytes) -> Self:
        """The model of a JSON text. Raises pydantic.ValidationError where it is none."""
        model: Self = _adapter(cls).validate_json(text)
        return model

    @classmethod
    def model_json_schema(cls, mode: Literal["validation", "serialization"] = "validation") -> dict[str, Any]:
        """The JSON schema of documents that are read (validation) or written (serialization)."""
        return _adapter(cls).json_schema(mode=mode)

    def model_copy(self, *, update: Mapping[str, Any] | None = None) -> Self:
        """The same with other values of some fields. Raises TypeError for a field there is not."""
        return replace(self, **(update or {}))

    def model_dump(self, *, exclude_defaults: bool = False, exclude: Collection[str] = ()) -> dict[str, Any]:
        """The model as plain values: dicts, lists, tuples, text, numbers, true, false and None.

        `exclude_defaults` leaves out, at every depth, what has its default; `exclude` names fields of this model.
        """
        document: dict[str, Any] = {}
        for each in fields(self):
            value = getattr(self, each.name)
            if each.name not in exclude and not (exclude_defaults and value == _default(each)):
                document[each.name] = _plain(value, exclude_defaults)
        return document

    def model_dump_json(self, *, indent: int | None = None, exclude: Collection[str] = ()) -> str:
        """The model as a JSON text."""
        from json import dumps

        separators = (",", ":") if indent is None else (",", ": ")
        return dumps(self.model_dump(exclude=exclude), indent=indent, separators=separators, ensure_ascii=False)

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """The schema that pydantic makes of a dataclass, with what the class says of itself."""
        schema = handler(core_schema)
        if cls.__doc__:
            from inspect import cleandoc

            handler.resolve_ref_schema(schema)["description"] = cleandoc(cls.__doc__)
        return schema


_ADAPTERS: dict[object, TypeAdapter[Any]] = {}


def _adapter(cls: type[Model]) -> TypeAdapter[Any]:
    """What pydantic makes of a class, made when it is first asked for."""
    from pydantic import TypeAdapter

    if cls not in _ADAPTERS:
        _ADAPTERS[cls] = TypeAdapter(cls)
    return _ADAPTERS[cls]


def _plain(value: Any, exclude_defaults: bool) -> Any:
    match value:
        case Model():
            return value.model_dump(exclude_defaults=exclude_defaults)
        case tuple() | list():
            return type(value)(_plain(item, exclude_defaults) for item in value)
        case dict():
            return {key: _plain(item, exclude_defaults) for key, item in value.items()}
        case _:
            return value


def _default(each: Field[Any]) -> object:
    """The default of a field; MISSING, which nothing equals, where it has none."""
    return each.default if each.default_factory is MISSING else each.default_factory()


@dataclass(frozen=True)
class Tagged:
    """Says of a union of models by which field one knows which of them a document is."""

    field: str

    def __get_pydantic_core_schema__(self, union: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        from pydantic import Discriminator

        return Discriminator(self.field).__get_pydantic_core_schema__(union, handler)


class Location(Model):
    """Where in the source something was written. `file` is relative to the folder of the compiled file.

    Offsets count characters from 0; lines and columns count from 1.
    """

    file: str
    start: int
    end: int
    line: int
    column: int
    end_line: int
    end_column: int
