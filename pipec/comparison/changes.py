"""Which properties of a part differ, and how."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import zip_longest

from pipec.comparison.model import Change
from pipec.comparison.properties import Properties, Property
from pipec.frozen import Frozen

_NONE = Property(())


class Described(Frozen):
    """The properties of a part twice, in the same order: exact, to compare, and as they are shown."""

    exact: Properties
    shown: Properties


def changed(old: Described, new: Described) -> tuple[Change, ...]:
    """The properties that differ; what one side has not and the other has by default is the same."""
    names = dict.fromkeys((*old.exact, *new.exact))
    return tuple(change for name in names for change in _of_property(name, old, new))


def stated(part: Described, *, removed: bool = False) -> tuple[Change, ...]:
    """What is written of a part that one side has not, without what is for readers alone."""
    return tuple(
        Change(field=name, old=text if removed else None, new=None if removed else text)
        for name, found in part.shown.items()
        if found.has_effect and not found.is_default
        for text in found.texts
    )


def _of_property(name: str, old: Described, new: Described) -> Iterator[Change]:
    before, after = old.exact.get(name, _NONE), new.exact.get(name, _NONE)
    if (
        before.texts == after.texts
        or (not before.texts and after.is_default)
        or (before.is_default and not after.texts)
    ):
        return
    here, there = _left(before, after), _left(after, before)
    for own, other in zip_longest(here, there):
        texts = _shown(own, name, old), _shown(other, name, new)
        if texts[0] == texts[1]:  # what is shown hides the difference
            texts = before.texts[own], after.texts[other]
        yield Change(field=name, old=texts[0], new=texts[1], has_effect=before.has_effect and after.has_effect)


def _left(own: Property, other: Property) -> list[int]:
    """Where the texts stand that the other side has not, or not as often."""
    there = Counter(other.texts)
    left: list[int] = []
    for place, text in enumerate(own.texts):
        if there[text]:
            there[text] -= 1
        else:
            left.append(place)
    return left


def _shown(place: int | None, name: str, side: Described) -> str | None:
    return None if place is None else side.shown[name].texts[place]
