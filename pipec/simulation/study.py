"""Many runs of one pipeline, and what they have to say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pipec.analysis.critical_path import remaining_times
from pipec.collection import without_garbage_collection
from pipec.engine.capacity import Capacity
from pipec.engine.events import RunContext
from pipec.frozen import Frozen
from pipec.ir.model import Pipeline
from pipec.simulation.assumptions import Assumed, Assumptions
from pipec.simulation.chance import Chance, Manners, own_name
from pipec.simulation.criticality import critical_chain
from pipec.simulation.driver import simulate
from pipec.simulation.errors import NeverEndsError
from pipec.simulation.simulated import SimulatedRun
from pipec.simulation.statistics import Distribution, Proportion, distribution
from pipec.simulation.usage import Usage, usage_of


class Scenario(Frozen):
    """What is simulated: a pipeline with those it runs as tasks, by their keys, and what its tasks share.

    `name` says how it differs from what is written. `parameters` are complete, `assumptions` those of all runs.
    """

    name: str
    pipeline: Pipeline
    pipelines: Mapping[str, Pipeline]
    parameters: Mapping[str, Any]
    context: RunContext
    capacity: Capacity
    assumptions: Assumptions

    @property
    def shared(self) -> Capacity:
        """The capacity with the slots that the pipeline's own `concurrency` leaves."""
        slots = [count for count in (self.capacity.slots, self.pipeline.concurrency) if count is not None]
        return replace(self.capacity, slots=min(slots, default=None))


@dataclass(slots=True)
class TaskFindings:
    """What became of a task in all runs, its instances in maps taken together.

    Counts are of runs: in which the run's length hung on it, in which one of its instances failed, was skipped, or
    missed the task's deadline. Seconds are sums over runs: `busy` of attempts, `queued` of waiting for capacity.
    """

    critical: int = 0
    failed: int = 0
    skipped: int = 0
    late: int = 0
    busy: float = 0.0
    queued: float = 0.0


@dataclass(slots=True)
class Findings:
    """What the runs of a scenario have to say.

    `makespan` is that of the runs that succeeded, of all where none did. `is_random` is false where all runs are the
    same: then there was one. `late` are those that missed the pipeline's deadline, None where it has none or the times
    are no seconds; `typical` is the run of median length. `unit` is `tasks` where no task has an estimate and each
    counts 1.
    """

    scenario: Scenario
    unit: str
    runs: int
    is_random: bool
    makespan: Distribution
    success: Proportion
    late: Proportion | None
    usage: Usage
    tasks: dict[str, TaskFindings]
    typical: SimulatedRun
    assumed: Assumed
    seed: int
    reasons: list[str] = field(default_factory=list)


def study(scenario: Scenario, *, runs: int, seed: int, progress: Callable[[int], None] | None = None) -> Findings:
    """Simulate a scenario so many times, once where nothing in it is random. `progress` hears the number of runs done.

    Raises NeverEndsError.
    """
    return _Study(scenario, seed).findings(runs, progress)


class _Study:
    def __init__(self, scenario: Scenario, seed: int) -> None:
        self._scenario = scenario
        self._seed = seed
        self._manners = Manners(_reachable(scenario), scenario.assumptions)
        self._priorities = remaining_times(scenario.pipeline)
        self._unit = "seconds" if self._manners.has_estimates or scenario.assumptions.task_overhead else "tasks"
        self._lengths: list[tuple[float, int]] = []
        self._succeeded: list[tuple[float, int]] = []
        self._late = 0
        self._usage = Usage()
        self._tasks: defaultdict[str, TaskFindings] = defaultdict(TaskFindings)
        self._reasons: dict[str, None] = {}

    def findings(self, runs: int, progress: Callable[[int], None] | None) -> Findings:
        done = 0
        while done < runs:
            run = self._play(done)
            self._add(done, run)
            done += 1
            if not self._manners.assumed.is_random:
                break
            if progress is not None:
                progress(done)
        counted = sorted(self._succeeded or self._lengths)
        deadline = self._scenario.pipeline.deadline if self._unit == "seconds" else None
        return Findings(
            scenario=self._scenario,
            unit=self._unit,
            runs=done,
            is_random=self._manners.assumed.is_random,
            makespan=distribution([length for length, _ in counted]),
            success=Proportion(len(self._succeeded), done),
            late=Proportion(self._late, done) if deadline is not None else None,
            usage=self._usage,
            tasks=dict(self._tasks),
            typical=run if done == 1 else self._play(counted[(len(counted) - 1) // 2][1]),
            assumed=self._manners.assumed,
            seed=self._seed,
            reasons=list(self._reasons),
        )

    def _play(self, number: int) -> SimulatedRun:
        scenario = self._scenario
        chance = Chance(self._manners, self._seed, number)
        with without_garbage_collection():
            return simulate(
                scenario.pipeline,
                scenario.pipelines,
                scenario.parameters,
                scenario.context,
                chance,
                capacity=scenario.capacity,
                priorities=self._priorities,
                task_overhead=scenario.assumptions.task_overhead,
                guess=chance,
            )

    def _add(self, number: int, run: SimulatedRun) -> None:
        if run.state == "running":
            raise NeverEndsError(_what_waits(run))
        self._lengths.append((run.makespan, number))
        if run.state == "success":
            self._succeeded.append((run.makespan, number))
        self._late += any(missed.task is None for _, missed in run.missed_deadlines)
        self._usage.add(usage_of(run, self._scenario.shared))
        self._add_tasks(run)

    def _add_tasks(self, run: SimulatedRun) -> None:
        critical = set(map(_path, critical_chain(run)))
        states: defaultdict[str, set[str]] = defaultdict(set)
        for id, task in run.tasks.items():
            path = _path(id)
            found = self._tasks[path]
            states[path].add(task.state)
            found.queued += task.queued
            for attempt in task.attempts:
                found.busy += (attempt.ended or attempt.started) - attempt.started
            if task.state == "failed" and task.failure is not None and len(self._reasons) < _REASONS:
                self._reasons[f"{path}: {task.failure.message}"] = None
        late = {_path(missed.task) for _, missed in run.missed_deadlines if missed.task is not None}
        for path, there in states.items():
            found = self._tasks[path]
            found.critical += path in critical
            found.failed += "failed" in there
            found.skipped += there == {"skipped"}
            found.late += path in late


_REASONS = 20
"""So many reasons of failures are kept."""


def _reachable(scenario: Scenario) -> list[Pipeline]:
    return list({id(one): one for one in (scenario.pipeline, *scenario.pipelines.values())}.values())


def _path(instance: str) -> str:
    """An instance without the items of maps and the attempts of pipelines around it."""
    *around, _ = instance.split("/")
    names = [own_name(name.partition("@")[0]) for name in around]
    return "/".join([*names, own_name(instance)])


def _what_waits(run: SimulatedRun) -> str:
    running = [id for id, task in run.tasks.items() if task.state == "running" and task.attempts]
    if running:
        return f"the run never ends: {', '.join(running[:3])} is never answered and has no timeout"
    return "the run never ends: there is too little capacity for what may start"
