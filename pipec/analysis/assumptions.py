"""What a plan takes for granted beyond what the file says: estimates learnt, lengths of lists, sides of decisions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import ceil
from typing import Literal

from pipec.ir.model import Estimate, Pipeline

Origin = Literal["given", "runs", "default"]
"""Where an assumption comes from: the command line, earlier runs, or the defaults of parameters."""


@dataclass(frozen=True, slots=True)
class Learnt:
    """What earlier runs tell of a task: how long its attempts took that succeeded, and how many of them there were."""

    estimate: Estimate
    attempts: int


@dataclass(frozen=True, slots=True)
class Items:
    """How many items the list of a map has."""

    number: int
    origin: Origin


@dataclass(frozen=True, slots=True)
class Side:
    """What a decision chooses."""

    taken: bool
    origin: Origin


@dataclass(frozen=True, slots=True)
class Habit:
    """How often a decision was made in earlier runs, and how often it was true."""

    true: int
    all: int


@dataclass(frozen=True, slots=True)
class Assumptions:
    """By ids of tasks and names of maps; `runs` is how many earlier runs were asked, None where none was to be.

    `rejected` are approvals that a person does not give.
    """

    learnt: Mapping[str, Learnt] = field(default_factory=dict)
    items: Mapping[str, Items] = field(default_factory=dict)
    sides: Mapping[str, Side] = field(default_factory=dict)
    habits: Mapping[str, Habit] = field(default_factory=dict)
    rejected: frozenset[str] = frozenset()
    runs: int | None = None


NOTHING_ASSUMED = Assumptions()


@dataclass(frozen=True, slots=True)
class Repeats:
    """How often a task runs in a plan: `instances` in all, `waves` of them one after the other."""

    instances: int = 1
    waves: int = 1


def repeats(pipeline: Pipeline, items: Mapping[str, Items]) -> dict[str, Repeats]:
    """By map: how often its tasks run, a map in a map as often again. Once where the length of its list is not known.

    At most `max_parallel` items run at once, all where it is not written; as if all took equally long.
    """
    regions = {region.name: region for region in pipeline.maps}
    found: dict[str, Repeats] = {}

    def of(name: str | None) -> Repeats:
        if name is None:
            return Repeats()
        if name not in found:
            region, around = regions[name], of(regions[name].parent)
            number = items[name].number if name in items else 1
            waves = ceil(number / (region.max_parallel or max(number, 1)))
            found[name] = Repeats(around.instances * number, around.waves * waves)
        return found[name]

    for name in regions:
        of(name)
    return found
