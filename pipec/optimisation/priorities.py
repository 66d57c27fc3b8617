"""Where tasks wait for a slot, those go first that the rest of the run hangs on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from pipec.analysis.critical_path import has_estimates, remaining_times
from pipec.ir.model import Pipeline, Task
from pipec.optimisation.reasons import Reason

NAME = "priorities"


def with_priorities(pipeline: Pipeline) -> tuple[Pipeline, Iterable[Reason]]:
    """The pipeline with a priority for each task where none has one and estimates say which tasks are urgent.

    It is the rank of the time from the task's start to the end of the run: what stands on the critical path goes first.
    """
    if not has_estimates(pipeline) or any(task.options.priority is not None for task in pipeline.tasks):
        return pipeline, ()
    remaining = remaining_times(pipeline)
    ranks = {seconds: rank for rank, seconds in enumerate(sorted(set(remaining.values())), start=1)}

    def ranked(task: Task) -> Task:
        options = task.options.model_copy(update={"priority": ranks[remaining[task.id]]})
        return task.model_copy(update={"options": options})

    prioritised = pipeline.model_copy(update={"tasks": tuple(map(ranked, pipeline.tasks))})
    return prioritised, _reasons(prioritised, remaining)


def _reasons(pipeline: Pipeline, remaining: Mapping[str, float]) -> Iterator[Reason]:
    from pipec.analysis.plan_words import duration_text

    for task in pipeline.tasks:
        left = duration_text(remaining[task.id])
        message = (
            f"`{task.id}` has the priority {task.options.priority}: from its start on the longest chain takes {left}"
        )
        yield Reason(NAME, message, task.location)
