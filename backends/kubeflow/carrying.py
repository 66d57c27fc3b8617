"""How the outputs of a task travel, and in which further form Kubeflow is told of its artifacts.

An artifact is one for Kubeflow where a task reads it that pipec's own program runs. Out of a map only lists of
parameters come, programs in images know texts, and what may be missing is null in a text: there the URI travels as a
text as well, or the artifact is told of for its lineage alone.
"""

from __future__ import annotations

from collections.abc import Collection

from pipec.frozen import Frozen
from pipec.ir.expressions import outputs_used
from pipec.ir.model import ContainerImage, Pipeline, Task
from pipec.ir.traverse import task_expressions

from .channels import JSON_TEXT, TEXT, Channel, channel_of


class Carriage(Frozen):
    """What carries each output of a task.

    `copies` are further outputs with the same values: by their names what carries them, and whose values they have.
    """

    outputs: dict[str, Channel]
    copies: dict[str, tuple[Channel, str]]

    @property
    def all(self) -> dict[str, Channel]:
        return {**self.outputs, **{name: channel for name, (channel, _) in self.copies.items()}}


def text_name(output: str) -> str:
    """The name of the copy of an artifact that is the text of its URI; outputs of the language have no `-`."""
    return f"{output}-uri"


def carriage_of(task: Task, as_text: Collection[str], is_optional: bool) -> Carriage:
    """What carries the outputs of a task; of some the URIs are wanted `as_text` too.

    Where the task `is_optional` all are JSON. Images write texts, which are the content of their artifacts too.
    """
    channels = {one.name: channel_of(one.type) for one in task.outputs}
    artifacts = {name: channel for name, channel in channels.items() if channel.kind == "artifact"}
    told = {f"{name}-artifact": (channel, name) for name, channel in artifacts.items()}
    if is_optional:
        return Carriage(dict.fromkeys(channels, JSON_TEXT), told)
    if isinstance(task.implementation, ContainerImage):
        return Carriage({**channels, **dict.fromkeys(artifacts, TEXT)}, told)
    return Carriage(channels, {text_name(name): (TEXT, name) for name in artifacts if name in as_text})


def given_to_images(pipeline: Pipeline) -> frozenset[tuple[str, str]]:
    """The tasks, with the names of outputs, that image tasks read."""
    images = [task for task in pipeline.tasks if isinstance(task.implementation, ContainerImage)]
    read = [expression for task in images for _, expression in task_expressions(task)]
    return frozenset((one.task, one.output) for expression in read for one in outputs_used(expression))


def collected_outputs(pipeline: Pipeline) -> frozenset[tuple[str, str]]:
    """The tasks in maps, with the names of outputs, of which anybody reads the list."""
    read = [expression for task in pipeline.tasks for _, expression in task_expressions(task)]
    read.extend(other.items for other in pipeline.maps)
    if pipeline.returns is not None:
        read.append(pipeline.returns)
    return frozenset((one.task, one.output) for expression in read for one in outputs_used(expression) if one.mapped)
