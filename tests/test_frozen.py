"""Frozen values behave as the dataclasses they are, without the cost of one at every start."""

from __future__ import annotations

import copy
import pickle
from dataclasses import FrozenInstanceError, dataclass, field, fields, is_dataclass, replace
from functools import cached_property

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipec.frozen import Frozen


class Point(Frozen):
    """A place."""

    x: float
    y: float | None = None


class Named(Point):
    name: str = "here"
    tags: dict[str, int] = field(default_factory=dict)


class Elsewhere(Point):
    """The first field has a default here."""

    x: float = 5.0

    @cached_property
    def length(self) -> list[float]:
        return [abs(self.x)]


class Symbol(Frozen, by_identity=True):
    name: str


class Options(Frozen, kw_only=True):
    first: int = 1
    second: str


@dataclass(frozen=True)
class PlainPoint:
    """What `Point` is to behave like."""

    x: float
    y: float | None = None


class Nothing(Frozen):
    pass


numbers = st.floats(allow_nan=False)
optional_numbers = st.none() | numbers


@given(numbers, optional_numbers, numbers, optional_numbers)
def test_equal_and_hashed_as_a_dataclass(x: float, y: float | None, other_x: float, other_y: float | None) -> None:
    equal = PlainPoint(x, y) == PlainPoint(other_x, other_y)
    assert (Point(x, y) == Point(other_x, other_y)) is equal
    assert not equal or hash(Point(x, y)) == hash(Point(other_x, other_y))


@given(numbers, optional_numbers)
def test_written_copied_and_pickled_as_a_dataclass(x: float, y: float | None) -> None:
    point = Point(x, y)
    assert repr(point) == repr(PlainPoint(x, y)).replace("PlainPoint", "Point")
    assert copy.deepcopy(point) == point
    assert pickle.loads(pickle.dumps(point)) == point
    assert replace(point, x=1.0) == Point(1.0, y)


def test_it_is_a_dataclass() -> None:
    assert is_dataclass(Named(1.0))
    assert [each.name for each in fields(Named)] == ["x", "y", "name", "tags"]
    match Named(1.0, 2.0, "there"):
        case Point(x, y):
            assert (x, y) == (1.0, 2.0)
        case _:
            raise AssertionError("a Named is a Point")


def test_a_class_and_its_base_have_constructors_of_their_own() -> None:
    assert Point(1.0) == Point(1.0, None)
    assert Named(1.0, name="a") == Named(1.0, None, "a", {})
    assert Point(2.0).x == 2.0


def test_a_field_stated_again_keeps_its_place() -> None:
    assert [each.name for each in fields(Elsewhere)] == ["x", "y"]
    assert (Elsewhere().x, Elsewhere(1.0, 2.0).y) == (5.0, 2.0)


def test_cached_properties_are_worked_out_once() -> None:
    place = Elsewhere(-1.0)
    assert place.length is place.length
    assert copy.copy(place) == place


def test_values_take_no_dictionary() -> None:
    assert not hasattr(Named(1.0), "__dict__")


def test_classes_with_the_same_fields_differ() -> None:
    assert Point(1.0) != PlainPoint(1.0)
    assert PlainPoint(1.0) != Point(1.0)
    assert Nothing() == Nothing()


def test_a_default_is_made_anew_for_each() -> None:
    first, second = Named(1.0), Named(1.0)
    first.tags["a"] = 1
    assert second.tags == {}


def test_a_whole_number_for_a_float_becomes_one() -> None:
    point = Point(1, 2)
    assert (repr(point.x), repr(point.y)) == ("1.0", "2.0")
    assert Point(1, None).y is None


def test_nothing_can_be_assigned_or_deleted() -> None:
    point = Point(1.0)
    with pytest.raises(FrozenInstanceError):
        point.x = 2.0  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError):
        del point.x
    assert point == Point(1.0)


def test_by_identity() -> None:
    symbol = Symbol("a")
    assert symbol == symbol
    assert symbol != Symbol("a")
    assert len({symbol, Symbol("a")}) == 2


def test_fields_by_keyword_stand_in_any_order() -> None:
    assert Options(second="b") == Options(first=1, second="b")


@pytest.mark.parametrize(
    ("positional", "named"), [((), {}), ((), {"second": "b", "third": 3}), ((1, "b"), {}), ((), {"first": 1})]
)
def test_wrong_arguments(positional: tuple[object, ...], named: dict[str, object]) -> None:
    with pytest.raises(TypeError, match="Options"):
        Options(*positional, **named)  # type: ignore[arg-type]
