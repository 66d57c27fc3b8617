"""What is left of a program with errors for checks that look at one task after the other."""

from __future__ import annotations

from collections.abc import Callable

from pipec.ir.base import Location
from pipec.ir.model import Pipeline, PipelineCall, Program, Task


def remains(program: Program, is_affected: Callable[[Location], bool]) -> Program:
    """The program without the tasks in which errors have a part.

    No task waits for another one, and none stands in a branch or map: edges may be missing, and what follows from them
    would be guesswork.
    """
    pipelines = {key: _remains(pipeline, program, is_affected) for key, pipeline in program.pipelines.items()}
    return program.model_copy(update={"pipelines": pipelines})


def _remains(pipeline: Pipeline, program: Program, is_affected: Callable[[Location], bool]) -> Pipeline:
    tasks = [task for task in pipeline.tasks if not is_affected(task.location) and _is_whole(task, program)]
    alone = tuple(task.model_copy(update={"upstream": (), "branches": (), "map": None}) for task in tasks)
    return pipeline.model_copy(update={"tasks": alone, "maps": ()})


def _is_whole(task: Task, program: Program) -> bool:
    """Whether the pipeline that a task calls could be built."""
    return not isinstance(task.implementation, PipelineCall) or task.implementation.pipeline in program.pipelines
