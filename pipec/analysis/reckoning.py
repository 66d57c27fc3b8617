"""How long the runs of a pipeline take under some assumptions, at the worst of the ways that decisions leave open."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from pipec.analysis.antichain import largest_antichain
from pipec.analysis.assumptions import Assumptions, repeats
from pipec.analysis.critical_path import EstimateKind, Timing, longest_chain, seconds_of, timing
from pipec.analysis.graph import run_upstream, topological_order
from pipec.analysis.ways import Largest, Ways
from pipec.ir.model import Estimate, Pipeline, PipelineCall, Program, Task


class Reckoning:
    """A pipeline with what is taken for granted of it. `program` tells how long the pipelines take that it runs."""

    def __init__(self, pipeline: Pipeline, assumptions: Assumptions, program: Program | None) -> None:
        self.pipeline = pipeline
        self.upstream = run_upstream(pipeline)
        self._order = topological_order(self.upstream)
        self.repeats = repeats(pipeline, assumptions.items)
        self.estimates = {task.id: _estimate(task, assumptions, program) for task in pipeline.tasks}
        self.is_estimated = any(estimate is not None for estimate in self.estimates.values())
        sides = {decision: side.taken for decision, side in assumptions.sides.items()}
        self.ways = Ways(pipeline, sides, self._without_items(), assumptions.rejected)

    def _without_items(self) -> set[str]:
        """The tasks of maps over empty lists, which are skipped."""
        empty = {name for name, repeated in self.repeats.items() if not repeated.instances}
        return {task.id for task in self.pipeline.tasks if task.map in empty} if empty else set()

    def durations(self, kind: EstimateKind) -> dict[str, float]:
        """The seconds that all instances of each task take, those that run at once together.

        Tasks without an estimate count 0 s where another has one; where none has one every task counts 1.
        """
        otherwise = 0.0 if self.is_estimated else 1.0
        found = {}
        for task in self.pipeline.tasks:
            estimate = self.estimates[task.id]
            found[task.id] = otherwise if estimate is None else seconds_of(estimate, kind)
            if self.is_estimated and task.map is not None:
                found[task.id] *= self.repeats[task.map].waves
        return found

    def work(self, kind: EstimateKind) -> tuple[float, float]:
        """The least and the most that all instances of the tasks of one run take together, in seconds."""
        duration = self.durations(kind)
        if self.is_estimated:
            for task in self.pipeline.tasks:
                if task.map is not None and (waves := self.repeats[task.map].waves):
                    duration[task.id] *= self.repeats[task.map].instances / waves
        return self.ways.work(duration)

    def worst_path(self, duration: Mapping[str, float], also: Mapping[str, bool] | None = None) -> Largest:
        """The longest path of the run that takes longest; `also` says what further decisions choose."""

        def measure(running: Collection[str]) -> tuple[float, Sequence[str]]:
            path = longest_chain(self.upstream, self._order, self._taken(duration, running))
            tasks = [task for task in path if task in running]
            return sum(duration[task] for task in tasks), tasks

        return self.ways.largest(measure, also)

    def _taken(self, duration: Mapping[str, float], running: Collection[str]) -> Mapping[str, float]:
        """The seconds that tasks take where only some of them run: the others pass on what they waited for."""
        if len(running) == len(duration):
            return duration
        return {task: seconds if task in running else 0.0 for task, seconds in duration.items()}

    def timing(self, duration: Mapping[str, float], running: Collection[str]) -> Timing:
        """Starts and critical path where only some tasks run."""
        return timing(self.upstream, self._taken(duration, running))

    def width(self) -> Largest:
        """The most tasks that can run at once in one run, and which; the instances of a map count as one.

        Of thousands of tasks it is a bound where both sides of a decision are among them.
        """

        def measure(running: Collection[str]) -> tuple[float, Sequence[str]]:
            widest = largest_antichain(self.upstream, running)
            return len(widest), widest

        return self.ways.largest(measure, most_tasks=20_000)


def _estimate(task: Task, assumptions: Assumptions, program: Program | None) -> Estimate | None:
    """How long an instance takes: as runs taught, as is written, or as long as the pipeline that it runs."""
    learnt = assumptions.learnt.get(task.id)
    if learnt is not None:
        return learnt.estimate
    if task.options.estimate is None and isinstance(task.implementation, PipelineCall) and program is not None:
        return _estimate_of_call(program.pipelines[task.implementation.pipeline], program)
    return task.options.estimate


def _estimate_of_call(called: Pipeline, program: Program) -> Estimate | None:
    """The critical path of a pipeline, from the best to the worst; None where nothing is known of it."""
    reckoning = Reckoning(called, Assumptions(), program)
    if not reckoning.is_estimated:
        return None
    return Estimate(
        min=reckoning.worst_path(reckoning.durations("min")).value,
        likely=reckoning.worst_path(reckoning.durations("likely")).value,
        max=reckoning.worst_path(reckoning.durations("max")).value,
    )
