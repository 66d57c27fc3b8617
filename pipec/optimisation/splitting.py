"""Parts of a graph of tasks that may each stand in a pipeline of their own, for engines that limit how large one is.

A part ends when all its tasks have, and it starts when all that they wait for has ended. Nobody can tell where

- each task of the part follows every task outside of it that one of them waits for, and
- each task outside that waits for one of the part follows all of them.

Then no task starts later than it would have, and a failure keeps the same tasks from running: those that follow it.

Such parts are found by taking the graph apart: into pieces that have nothing to do with each other, of which any may
stand together; or, where it is one piece, into stages, each of which follows all of those before it: any run of whole
stages may. Pieces and stages that are too large are taken apart in turn. What is neither is searched for chains, and
for tasks that wait for the same and are awaited by the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import accumulate

from pipec.analysis.graph import topological_order

NAME = "split"

_STEPS = 1_000_000
"""Tasks that are looked at in taking a graph apart, again and again where it is deep: what is left then is not."""

Upstream = Mapping[str, Sequence[str]]
Part = tuple[str, ...]


def parts(upstream: Upstream, weights: Mapping[str, int], held: Collection[str], most: int) -> list[Part]:
    """Disjoint parts of two or more tasks, none heavier than `most` and none with a task that is held, in order.

    What each task waits for is named once, and is in the graph. A part is never the whole graph.
    """
    taking = _TakingApart(upstream, weights, frozenset(held), most)
    order = topological_order(upstream)
    if not order or taking.fits(order):
        return []
    found: list[Part] = []
    pending: list[Sequence[str]] = [order]
    steps = 0
    while pending and steps < _STEPS:
        ids = pending.pop()
        steps += len(ids)
        packed, larger = taking.apart(ids)
        found.extend(packed)
        pending.extend(larger)
    place = {id: number for number, id in enumerate(order)}
    return sorted((tuple(sorted(part, key=place.__getitem__)) for part in found), key=lambda part: place[part[0]])


def enough(found: Sequence[Part], weights: Mapping[str, int], surplus: int, own: int) -> list[Part]:
    """The fewest parts that take so much weight out of the graph, the heaviest; each adds one task of weight `own`."""
    by_weight = sorted(found, key=lambda part: -sum(weights[id] for id in part))
    taken: set[Part] = set()
    for part in by_weight:
        if surplus <= 0:
            break
        gain = sum(weights[id] for id in part) - own
        if gain > 0:
            taken.add(part)
            surplus -= gain
    return [part for part in found if part in taken]


class _TakingApart:
    def __init__(self, upstream: Upstream, weights: Mapping[str, int], held: frozenset[str], most: int) -> None:
        self.upstream = upstream
        self.weights = weights
        self.held = held
        self.most = most

    def weight(self, ids: Sequence[str]) -> int:
        return sum(self.weights[id] for id in ids)

    def fits(self, ids: Sequence[str]) -> bool:
        return self.weight(ids) <= self.most and self.held.isdisjoint(ids)

    def apart(self, ids: Sequence[str]) -> tuple[list[Part], list[Sequence[str]]]:
        """The parts of tasks in topological order, and what has to be taken apart further."""
        pieces = self._pieces(ids)
        if len(pieces) > 1:
            return self._packed(pieces, in_row=False)
        stages = list(self._stages(ids))
        if len(stages) > 1:
            return self._packed(stages, in_row=True)
        found: list[Part] = []
        for run, in_row in self._chains_and_twins(ids):
            found.extend(self._packed([(id,) for id in run], in_row)[0])
        return found, []

    def _packed(self, units: Sequence[Sequence[str]], in_row: bool) -> tuple[list[Part], list[Sequence[str]]]:
        """As many units together as fit; of units in a row only neighbours."""
        found: list[Part] = []
        larger: list[Sequence[str]] = []
        group: list[str] = []
        weight = 0

        for unit in units:
            own = self.weight(unit)
            does_fit = self.fits(unit)
            if group and (weight + own > self.most if does_fit else in_row):
                found.append(tuple(group))
                group, weight = [], 0
            if does_fit:
                group.extend(unit)
                weight += own
            elif len(unit) > 1:
                larger.append(unit)
        found.append(tuple(group))
        return [part for part in found if len(part) > 1], larger

    def _pieces(self, ids: Sequence[str]) -> list[Sequence[str]]:
        """Those of the tasks that hang together, whichever way edges go."""
        head = {id: id for id in ids}

        def found(id: str) -> str:
            while head[id] != id:
                head[id] = head[head[id]]
                id = head[id]
            return id

        for id in ids:
            for other in self.upstream[id]:
                if other in head:
                    head[found(other)] = found(id)
        pieces: dict[str, list[str]] = defaultdict(list)
        for id in ids:
            pieces[found(id)].append(id)
        return list(pieces.values())

    def _stages(self, ids: Sequence[str]) -> Iterator[Sequence[str]]:
        """The tasks cut wherever all behind the cut follow all before it.

        They do where each task that ends what is before waits beside no other task for what begins behind: where as
        many edges go from ends to beginnings as there are pairs of them. An end is one at all cuts between itself and
        the first that waits for it, a beginning between the last that it waits for and itself. So each of the three
        counts is a sum over intervals of cuts.
        """
        count = len(ids)
        place = {id: number for number, id in enumerate(ids)}
        inside = [[place[other] for other in self.upstream[id] if other in place] for id in ids]
        last_awaited = [max(others, default=-1) for others in inside]
        first_waiting = [count] * count
        for number, others in enumerate(inside):
            for other in others:
                first_waiting[other] = min(first_waiting[other], number)
        ends, beginnings, edges = ([0] * (count + 2) for _ in range(3))
        for number, others in enumerate(inside):
            ends[number + 1] += 1
            ends[first_waiting[number] + 1] -= 1
            beginnings[last_awaited[number] + 1] += 1
            beginnings[number + 1] -= 1
            for other in others:
                if last_awaited[number] < first_waiting[other]:
                    edges[last_awaited[number] + 1] += 1
                    edges[first_waiting[other] + 1] -= 1
        start = 0
        for cut, (end, beginning, edge) in enumerate(
            zip(accumulate(ends), accumulate(beginnings), accumulate(edges), strict=True)
        ):
            if 0 < cut < count and edge == end * beginning:
                yield ids[start:cut]
                start = cut
        yield ids[start:]

    def _chains_and_twins(self, ids: Sequence[str]) -> Iterator[tuple[Sequence[str], bool]]:
        """Chains of tasks that wait for each other alone, and tasks with the same neighbours on both sides.

        With each whether its tasks are in a row.
        """
        inside = set(ids)
        awaited = {id: frozenset(self.upstream[id]) & inside for id in ids}
        waiting: dict[str, list[str]] = {id: [] for id in ids}
        for id in ids:
            for other in awaited[id]:
                waiting[other].append(id)
        following = {
            id: others[0] for id, others in waiting.items() if len(others) == 1 and len(awaited[others[0]]) == 1
        }
        linked = {*following, *following.values()}
        for id in ids:
            if id in following and not (len(awaited[id]) == 1 and following.get(next(iter(awaited[id]))) == id):
                chain = [id]
                while chain[-1] in following:
                    chain.append(following[chain[-1]])
                yield chain, True
        alike: dict[tuple[frozenset[str], tuple[str, ...]], list[str]] = defaultdict(list)
        for id in ids:
            if id not in linked:
                alike[awaited[id], tuple(waiting[id])].append(id)
        for twins in alike.values():
            yield twins, False
