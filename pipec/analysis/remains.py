"""What is left of a program with errors for checks that look at one task after the other."""

from __future__ import annotations

from collections.abc import Callable

from pipec.ir.base import Location
from pipec.ir.model import Pipeline, PipelineCall, Program


def remains(program: Program, is_affected: Callable[[Location], bool]) -> Program:
    """The program without the tasks in which errors have a part.

    Tasks that are pipelines are left out too. No task waits for another one, and none stands in a branch or map: edges
    may be missing, and what follows from them would be guesswork.
    """
    pipelines = {key: _remains(pipeline, is_affected) for key, pipeline in program.pipelines.items()}
    return program.model_copy(update={"pipelines": pipelines})


def _remains(pipeline: Pipeline, is_affected: Callable[[Location], bool]) -> Pipeline:
    alone = tuple(
        task.model_copy(update={"upstream": (), "branches": (), "map": None})
        for task in pipeline.tasks
        if not isinstance(task.implementation, PipelineCall) and not is_affected(task.location)
    )
    return pipeline.model_copy(update={"tasks": alone, "maps": ()})
