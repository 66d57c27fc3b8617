"""Which tasks can be in one run: of a decision a run takes one side, so the two are never counted together."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from heapq import heappop, heappush
from itertools import count

from pipec.analysis.graph import topological_order, upstream_map
from pipec.analysis.never_runs import Needs, Sides
from pipec.frozen import Frozen
from pipec.ir.model import Decision, Pipeline

_MOST_LOOKS = 64
"""So many sets of choices are looked at before a bound is taken for the answer."""

_AFTER_FAILURES = frozenset({"one_failed", "all_failed", "all_skipped"})

Measure = Callable[[Collection[str]], tuple[float, Sequence[str]]]
"""How large something is that rests on some of the tasks given, and on which; with fewer tasks it is never larger."""


class Largest(Frozen):
    """What a measure comes to in the worst run, on which tasks it rests, and what decisions chose there.

    A bound where `is_exact` is false: the tasks may then be such that no run has them all.
    """

    value: float
    tasks: tuple[str, ...]
    chosen: Mapping[str, bool]
    is_exact: bool = True


class Ways:
    """The ways runs of a pipeline may go, where some decisions are known and some tasks are known to be skipped."""

    def __init__(
        self,
        pipeline: Pipeline,
        chosen: Mapping[str, bool],
        skipped: Collection[str] = (),
        rejected: Collection[str] = (),
    ) -> None:
        self.pipeline = pipeline
        self.chosen = dict(chosen)
        self._skipped = skipped
        self._rejected = rejected
        self._course = Needs(pipeline, decisions_fail=False)
        self._needs: dict[frozenset[tuple[str, bool]], dict[str, Sides]] = {}
        self.open_decisions = tuple(
            task.id
            for task in pipeline.tasks
            if isinstance(task.implementation, Decision) and task.id not in chosen and task.id in self.needs(chosen)
        )

    def needs(self, chosen: Mapping[str, bool]) -> dict[str, Sides]:
        """The tasks that may run, and the sides each of them needs."""
        key = frozenset(chosen.items())
        if key not in self._needs:
            self._needs[key] = self._course.sides(chosen, self._skipped, self._rejected)
        return self._needs[key]

    @property
    def tasks(self) -> Collection[str]:
        """Those that some of these runs may have."""
        return self.needs(self.chosen)

    def largest(self, measure: Measure, also: Mapping[str, bool] | None = None, most_tasks: int = 200_000) -> Largest:
        """What a measure comes to in the run where that is most; `also` says what further decisions choose.

        The tasks of both sides are taken together first. Where what is found rests on both sides of a decision each of
        them is tried for itself, the most promising first. `most_tasks` are looked at in all, else it is a bound.
        """
        tries: list[tuple[float, int, tuple[str, ...], dict[str, bool]]] = []
        looks = count()
        most = min(_MOST_LOOKS, most_tasks // max(len(self.pipeline.tasks), 1))

        def look(chosen: dict[str, bool]) -> int:
            value, tasks = measure(self.needs(chosen))
            number = next(looks)
            heappush(tries, (-value, number, tuple(tasks), chosen))
            return number

        number = look(self.chosen | dict(also or {}))
        while True:
            value, _, tasks, chosen = heappop(tries)
            decision = self._torn(tasks, self.needs(chosen))
            if decision is None or number + 2 >= most:
                return Largest(-value, tasks, chosen, decision is None)
            look(chosen | {decision: True})
            number = look(chosen | {decision: False})

    def sides_of(self, tasks: Iterable[str], chosen: Mapping[str, bool]) -> dict[str, bool]:
        """What decisions that are open must choose for all of some tasks to run."""
        needs = self.needs(chosen)
        return dict(sorted(side for task in tasks for side in needs[task]))

    @staticmethod
    def _torn(tasks: Iterable[str], needs: Mapping[str, Sides]) -> str | None:
        """A decision of which some of the tasks need the one side and some the other."""
        sides: dict[str, bool] = {}
        for task in tasks:
            for decision, side in needs[task]:
                if sides.setdefault(decision, side) != side:
                    return decision
        return None

    def work(self, duration: Mapping[str, float]) -> tuple[float, float]:
        """The least and the most that the tasks of one run take together, in seconds.

        A task that needs sides of decisions that do not stand in each other counts for the most where the last of them
        is decided, and not at all for the least, as does one that only runs after a failure.
        """
        needs = self.needs(self.chosen)
        position = {task: index for index, task in enumerate(topological_order(upstream_map(self.pipeline)))}
        tasks = {task.id: task for task in self.pipeline.tasks}
        least: dict[tuple[str, bool] | None, float] = {}
        most: dict[tuple[str, bool] | None, float] = {}

        def add(task: str, low: float, high: float) -> None:
            last = max(needs[task], key=lambda side: position[side[0]], default=None)
            is_nested = last is None or needs[task] == needs[last[0]] | {last}
            least[last] = least.get(last, 0.0) + (low if is_nested else 0.0)
            most[last] = most.get(last, 0.0) + high

        for task in needs:
            add(task, 0.0 if tasks[task].trigger_rule in _AFTER_FAILURES else duration[task], duration[task])
        decisions = [id for id in needs if isinstance(tasks[id].implementation, Decision)]
        for decision in sorted(decisions, key=position.__getitem__, reverse=True):
            sides = (self.chosen[decision],) if decision in self.chosen else (True, False)
            low = min(least.get((decision, side), 0.0) for side in sides)
            high = max(most.get((decision, side), 0.0) for side in sides)
            add(decision, low, high)
        return least.get(None, 0.0), most.get(None, 0.0)
