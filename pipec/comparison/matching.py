"""Which task of the one side is which of the other: by id, and by structure where a task has another name.

What swaps the sides swaps the pairs: nothing here prefers old or new.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from pipec.analysis.graph import downstream_map, upstream_map
from pipec.comparison.likeness import Features, features, likeness
from pipec.ir.model import Pipeline, Task

ENOUGH = 0.6
"""From this likeness on a task with another name is taken for the same one."""

_ROUNDS = 3
"""So many edges far a task looks for others like its neighbours."""

_PASSES = 8
_MANY = 10_000
"""Above so many pairs only those are looked at that stand at about the same place; a word that so many have in common
tells nothing of them."""

_NEAR = 5


@dataclass
class _Side:
    """One pipeline: its tasks, their neighbours, and of those without a partner what they are."""

    pipeline: Pipeline
    tasks: dict[str, Task] = field(init=False)
    upstream: Mapping[str, tuple[str, ...]] = field(init=False)
    downstream: Mapping[str, list[str]] = field(init=False)
    features: dict[str, Features] = field(default_factory=dict)
    _named: dict[str, tuple[int | None, ...]] = field(default_factory=dict)
    pair: dict[str, int] = field(default_factory=dict)
    """The number of its pair, by the id of each task that has a partner."""

    def __post_init__(self) -> None:
        self.tasks = {task.id: task for task in self.pipeline.tasks}
        self.upstream = upstream_map(self.pipeline)
        self.downstream = downstream_map(self.upstream)

    def alone(self) -> list[str]:
        """The ids of the tasks without a partner, in source order."""
        return [id for id in self.tasks if id not in self.pair]

    def describe(self) -> None:
        """Learns what the tasks are that have no partner, references to each other left open."""

        def name_of(id: str) -> str:
            number = self.pair.get(id)
            return "?" if number is None else f"#{number}"

        for id in self.alone():
            decisions = (side.decision for side in self.tasks[id].branches)
            named = tuple(self.pair.get(other) for other in (*self.upstream[id], *decisions))
            if self._named.get(id) != named:  # else nothing that it names has found a partner since
                self._named[id] = named
                self.features[id] = features(self.tasks[id], name_of)

    def colours(self, rounds: int) -> dict[str, int]:
        """What each task without a partner is, and its neighbours, and theirs, up to some edges far."""
        colours = {id: hash(self.features[id].content) for id in self.alone()}
        for _ in range(rounds):
            colours = {id: hash((colours[id], self._around(id, colours))) for id in colours}
        return colours

    def _around(self, id: str, colours: Mapping[str, int]) -> Hashable:
        return tuple(self._seen(others, colours) for others in (self.upstream[id], self.downstream[id]))

    def _seen(self, ids: Iterable[str], colours: Mapping[str, int]) -> Hashable:
        return tuple(sorted(hash(("pair", self.pair[id])) if id in self.pair else colours.get(id, 0) for id in ids))

    def neighbours(self, id: str) -> Hashable:
        """The pairs around a task; of neighbours without a partner only how many they are."""
        return self._around(id, {})

    def above(self, id: str) -> Hashable:
        return self._seen(self.upstream[id], {})


def match_tasks(old: Pipeline, new: Pipeline) -> dict[str, str]:
    """The ids in `new` by those in `old`, of the tasks that both have, in the order of `old`."""
    sides = (_Side(old), _Side(new))
    for id in sides[0].tasks:
        if id in sides[1].tasks:
            _pair(sides, id, id)
    if sides[0].alone() and sides[1].alone():
        _match_renamed(sides)
    numbers = {number: id for id, number in sides[1].pair.items()}
    return {id: numbers[sides[0].pair[id]] for id in sides[0].tasks if id in sides[0].pair}


def _pair(sides: tuple[_Side, _Side], old: str, new: str) -> None:
    number = len(sides[0].pair)
    sides[0].pair[old] = sides[1].pair[new] = number


def _match_renamed(sides: tuple[_Side, _Side]) -> None:
    """Pairs what is the same but for its name, surest first, until no more is found."""
    ways: tuple[Callable[[_Side], Mapping[str, Hashable]], ...] = (
        lambda side: side.colours(_ROUNDS),
        lambda side: {id: (side.features[id].content, side.neighbours(id)) for id in side.alone()},
        lambda side: {id: (side.features[id].content, side.above(id)) for id in side.alone()},
    )
    for _ in range(_PASSES):
        for side in sides:
            side.describe()
        if not any(_match_equal(sides, way) for way in ways) and not _match_alike(sides):
            return


def _match_equal(sides: tuple[_Side, _Side], way: Callable[[_Side], Mapping[str, Hashable]]) -> bool:
    """Pairs tasks of equal kind where both sides have as many of it, in source order; whether there were any."""
    classes = []
    for side in sides:
        found: dict[Hashable, list[str]] = defaultdict(list)
        for id, kind in way(side).items():
            found[kind].append(id)
        classes.append(found)
    old, new = classes
    pairs = [
        pair
        for kind, ids in old.items()
        if len(ids) == len(new.get(kind, ()))
        for pair in zip(ids, new[kind], strict=True)
    ]
    for pair in pairs:
        _pair(sides, *pair)
    return bool(pairs)


# --- alike ---------------------------------------------------------------------------------------


def _match_alike(sides: tuple[_Side, _Side]) -> bool:
    """Pairs tasks that are alike enough, the likest first; whether there were any."""
    places = tuple({id: place for place, id in enumerate(side.alone())} for side in sides)
    scored: list[tuple[float, int, int, str, str]] = []
    for old, new in _candidates(sides, places):
        score = _likeness(sides, old, new)
        if score >= ENOUGH:
            here, there = places[0][old], places[1][new]
            scored.append((-score, abs(here - there), here + there, old, new))
    found = False
    for *_, old, new in sorted(scored, key=lambda one: one[:3]):
        if old not in sides[0].pair and new not in sides[1].pair:
            _pair(sides, old, new)
            found = True
    return found


def _likeness(sides: tuple[_Side, _Side], old: str, new: str) -> float:
    around = [
        (_named(side, side.upstream[id]), _named(side, side.downstream[id]))
        for side, id in zip(sides, (old, new), strict=True)
    ]
    return likeness(sides[0].features[old], sides[1].features[new], around[0], around[1])


def _named(side: _Side, ids: Iterable[str]) -> frozenset[Hashable]:
    """Neighbours by their pairs; one without a partner is like none."""
    return frozenset(side.pair.get(id, (id, side.pipeline.name, id)) for id in ids)


def _candidates(sides: tuple[_Side, _Side], places: tuple[dict[str, int], ...]) -> Iterator[tuple[str, str]]:
    """Pairs that may be alike: they share what they do, a part of it, or a neighbour."""
    buckets: list[dict[Hashable, list[str]]] = []
    for side, place in zip(sides, places, strict=True):
        bucket: dict[Hashable, list[str]] = defaultdict(list)
        for id in place:
            for key in _keys(side, id):
                bucket[key].append(id)
        buckets.append(bucket)
    seen: set[tuple[str, str]] = set()
    for key, olds in buckets[0].items():
        for pair in _pairs(olds, buckets[1].get(key, []), is_word=isinstance(key, tuple) and key[0] == "word"):
            if pair not in seen:
                seen.add(pair)
                yield pair


def _keys(side: _Side, id: str) -> set[Hashable]:
    own = side.features[id]
    keys: set[Hashable] = {own.does, *(("word", own.kind, word) for word in own.words)}
    keys |= {("up", side.pair[other]) for other in side.upstream[id] if other in side.pair}
    return keys | {("down", side.pair[other]) for other in side.downstream[id] if other in side.pair}


def _pairs(olds: list[str], news: list[str], *, is_word: bool) -> Iterator[tuple[str, str]]:
    if len(olds) * len(news) <= _MANY:
        yield from ((old, new) for old in olds for new in news)
        return
    if is_word:
        return
    for place, old in enumerate(olds):
        yield from ((old, new) for new in news[max(0, place - _NEAR) : place + _NEAR + 1])
