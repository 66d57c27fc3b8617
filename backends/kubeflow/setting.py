"""What a pipeline says of all its containers: images and the target block."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pipec.backend import Refusal
from pipec.frozen import Frozen
from pipec.ir.model import CommandLine, Pipeline, PythonFunction, ShellScript, Task, WaitCondition

HELPER_IMAGE = "python:3.12-slim"

_MOST_NAMED = 5


def image_refusals(pipeline: Pipeline) -> Iterator[Refusal]:
    """Tasks whose code is in no image: in their pods there would be none of it."""
    if "image" in pipeline.targets.get("kubeflow", {}):
        return
    without = [
        task.id
        for task in pipeline.tasks
        if task.options.image is None
        and (
            isinstance(task.implementation, PythonFunction | ShellScript | CommandLine)
            or (isinstance(task.implementation, WaitCondition) and task.implementation.condition == "python")
        )
    ]
    if without:
        more = f" and {len(without) - _MOST_NAMED} more" if len(without) > _MOST_NAMED else ""
        named = ", ".join(f"`{id}`" for id in without[:_MOST_NAMED]) + more
        yield Refusal(
            "target.kubeflow",
            "tasks without an image",
            f"each task runs in a pod of its own, which has what its image has; none is named for {named}",
            'give the tasks an `image` that has Python and their code, or all of them: target kubeflow { image = "…" }',
        )


class Setting(Frozen):
    """`image` is that of tasks that name none, `helper_image` that of decisions, gates and what else only computes.

    `target` is the target block of the pipeline. `chains` holds, by the key of each pipeline, the ids of tasks that run
    one after the other in one container.
    """

    image: str
    helper_image: str
    timezone: str
    pipeline: str
    target: dict[str, Any]
    chains: Mapping[str, Sequence[Sequence[str]]]

    @staticmethod
    def of(pipeline: Pipeline, chains: Mapping[str, Sequence[Sequence[str]]]) -> Setting:
        """The setting of a pipeline; pipelines that it calls have the same."""
        said = pipeline.targets.get("kubeflow", {})
        helper = said.get("helper_image", HELPER_IMAGE)
        return Setting(said.get("image", helper), helper, pipeline.timezone, pipeline.name, said, chains)

    def image_of(self, task: Task) -> str:
        return task.options.image or self.image
