"""What a pipeline says of all its containers: images and the target block."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pipec.frozen import Frozen
from pipec.ir.model import Pipeline, Task

HELPER_IMAGE = "python:3.12-slim"


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
