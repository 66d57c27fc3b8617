"""Frozen dataclasses that cost next to nothing to define, and less to make and to read than others.

`@dataclass(frozen=True)` writes and compiles six methods for every class, which takes most of the start of a program
with hundreds of small classes. Here the methods are shared, the one that is not, `__init__`, is compiled when the first
object of its class is made, and the fields are described when somebody first asks for them. The values are kept in
slots: from a `__dict__` that was filled directly, reading one takes four times as long.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import MISSING, Field, FrozenInstanceError, dataclass, field, fields
from functools import cached_property
from operator import attrgetter
from typing import Any, ClassVar, NoReturn, dataclass_transform

_NUMBERS = frozenset({"float", "float | None", "bool | float | None"})


class _Slotted(type):
    """Makes a class whose fields are slots. It has a `__dict__` besides only where cached properties need one."""

    def __new__(cls, name: str, bases: tuple[type, ...], namespace: dict[str, Any], **options: Any) -> Any:
        inherited = tuple(slot for base in bases for slot in getattr(base, "_names", ()))
        types = {key: type for key, type in namespace.get("__annotations__", {}).items() if "ClassVar" not in type}
        own = tuple(key for key in types if key not in inherited)
        caches = any(isinstance(value, cached_property) for value in namespace.values())
        stated = {key: namespace.pop(key) for key in types if key in namespace}
        additions = {
            "__slots__": (*own, "__dict__") if caches else own,
            "_names": inherited + own,
            "_stated": {"__annotations__": types, **stated},
        }
        return super().__new__(cls, name, bases, namespace | additions, **options)


class _Fields:
    """The `__dataclass_fields__` of a class until somebody asks for them."""

    def __init__(self, kw_only: bool) -> None:
        self.kw_only = kw_only

    def __get__(self, instance: object, owner: type[Frozen]) -> dict[str, Field[Any]]:
        # The slots of a class stand where a dataclass has its defaults: one without slots is read in its place.
        body = {**owner._stated, "__module__": owner.__module__, "__doc__": "none"}  # without, dataclass writes one
        unslotted: type = dataclass(init=False, repr=False, eq=False, kw_only=self.kw_only)(
            type(owner.__name__, (), body)
        )
        found: dict[str, Field[Any]] = {}
        for base in reversed(owner.__mro__[1:]):
            found |= getattr(base, "__dataclass_fields__", {})
        found |= {each.name: each for each in fields(unslotted)}
        owner.__dataclass_fields__ = found
        return found


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
class Frozen(metaclass=_Slotted):
    """Base of values: equal when of the same class with equal fields, hashable when all fields are.

    A subclass lists its fields as a dataclass does and is one: `fields`, `replace` and `match` know it. One declared
    `by_identity` equals only itself.
    """

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]
    __match_args__: ClassVar[tuple[str, ...]] = ()
    _names: ClassVar[tuple[str, ...]]
    _stated: ClassVar[dict[str, Any]]
    _values: ClassVar[attrgetter[Any]]

    def __init_subclass__(cls, *, kw_only: bool = False, by_identity: bool = False) -> None:
        cls.__dataclass_fields__ = _Fields(kw_only)  # type: ignore[assignment]
        cls.__match_args__ = () if kw_only else cls._names  # type: ignore[misc]
        cls.__init__ = _first_init  # type: ignore[method-assign]
        if by_identity:
            cls.__eq__, cls.__hash__ = object.__eq__, object.__hash__  # type: ignore[method-assign]
        cls._values = attrgetter(*(cls._names or ["__class__"]))

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if other.__class__ is not self.__class__:
            return NotImplemented
        return bool(self._values(self) == self._values(other))

    def __hash__(self) -> int:
        return hash((self.__class__, self._values(self)))

    def __repr__(self) -> str:
        given = ", ".join(f"{name}={getattr(self, name)!r}" for name in self._names)
        return f"{type(self).__qualname__}({given})"

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise FrozenInstanceError(f"cannot assign to field {name!r}")

    def __delattr__(self, name: str) -> NoReturn:
        raise FrozenInstanceError(f"cannot delete field {name!r}")

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return _again, (self.__class__, [getattr(self, name) for name in self._names])


def _again(cls: type[Frozen], values: list[Any]) -> Frozen:
    """A copy, or what was unpickled."""
    made = cls.__new__(cls)
    for name, value in zip(cls._names, values, strict=True):
        object.__setattr__(made, name, value)
    return made


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
    names |= {f"_set_{each.name}": getattr(cls, each.name).__set__ for each in ordered}  # faster than __setattr__
    body = [f"    _set_{each.name}(self, {_value(each)})" for each in ordered]
    text = "\n".join([f"def __init__({', '.join(parameters)}):", *(body or ["    pass"])])
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
