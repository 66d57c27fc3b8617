"""Frozen dataclasses that cost next to nothing to define.

`@dataclass(frozen=True)` writes and compiles six methods for every class, which takes most of the start of a program
with hundreds of small classes. Here the methods are shared, and the one that is not, `__init__`, is compiled when the
first object of its class is made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import MISSING, Field, FrozenInstanceError, dataclass, field, fields
from operator import attrgetter
from typing import Any, ClassVar, NoReturn, dataclass_transform

_NUMBERS = frozenset({"float", "float | None", "bool | float | None"})


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
class Frozen:
    """Base of values: equal when of the same class with equal fields, hashable when all fields are.

    A subclass lists its fields as a dataclass does and is one: `fields`, `replace` and `match` know it. One declared
    `by_identity` equals only itself.
    """

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]
    _values: ClassVar[attrgetter[Any]]

    def __init_subclass__(cls, *, kw_only: bool = False, by_identity: bool = False) -> None:
        doc = cls.__doc__
        cls.__doc__ = doc or "none"  # for a class without, dataclass writes one, and inspects signatures for that
        dataclass(init=False, repr=False, eq=False, kw_only=kw_only)(cls)
        cls.__doc__ = doc
        cls.__init__ = _first_init  # type: ignore[method-assign]
        if by_identity:
            cls.__eq__, cls.__hash__ = object.__eq__, object.__hash__  # type: ignore[method-assign]
        cls._values = attrgetter(*([each.name for each in fields(cls)] or ["__class__"]))

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if other.__class__ is not self.__class__:
            return NotImplemented
        return bool(self._values(self) == self._values(other))

    def __hash__(self) -> int:
        return hash((self.__class__, self._values(self)))

    def __repr__(self) -> str:
        given = ", ".join(f"{each.name}={getattr(self, each.name)!r}" for each in fields(self))
        return f"{type(self).__qualname__}({given})"

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise FrozenInstanceError(f"cannot assign to field {name!r}")

    def __delattr__(self, name: str) -> NoReturn:
        raise FrozenInstanceError(f"cannot delete field {name!r}")


def _first_init(self: Any, *positional: Any, **named: Any) -> None:
    """In place of the `__init__` of a class until its first object is made."""
    cls = type(self)
    cls.__init__ = _compiled_init(cls)
    cls.__init__(self, *positional, **named)


def _compiled_init(cls: type[Frozen]) -> Callable[..., None]:
    """The `__init__` of a class: as that of a dataclass, but a whole number given for a float becomes one."""
    ordered = sorted(fields(cls), key=lambda each: bool(each.kw_only))
    names: dict[str, Any] = {"_ABSENT": MISSING}
    parameters = ["self", *_parameters(ordered, names)]
    body = [f"    _own[{each.name!r}] = {_value(each)}" for each in ordered]  # half the time of object.__setattr__
    text = "\n".join([f"def __init__({', '.join(parameters)}):", "    _own = self.__dict__", *body])
    exec(text, names)
    made: Callable[..., None] = names["__init__"]
    made.__qualname__ = f"{cls.__qualname__}.__init__"
    return made


def _parameters(ordered: list[Field[Any]], names: dict[str, Any]) -> Iterator[str]:
    named = False
    for each in ordered:
        if each.kw_only and not named:
            named = True
            yield "*"
        if each.default_factory is not MISSING:
            names[f"_make_{each.name}"] = each.default_factory
            yield f"{each.name}=_ABSENT"
        elif each.default is not MISSING:
            names[f"_default_{each.name}"] = each.default
            yield f"{each.name}=_default_{each.name}"
        else:
            yield each.name


def _value(each: Field[Any]) -> str:
    if each.default_factory is not MISSING:
        return f"_make_{each.name}() if {each.name} is _ABSENT else {each.name}"
    if each.type in _NUMBERS:
        return f"float({each.name}) if {each.name}.__class__ is int else {each.name}"
    return each.name
