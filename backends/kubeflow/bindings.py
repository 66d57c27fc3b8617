"""Where the references of expressions are found, and the inputs of components that they need."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pipec.frozen import Frozen
from pipec.ir.expressions import (
    Expression,
    ItemReference,
    LiteralValue,
    OutputReference,
    ParameterReference,
    RunReference,
    walk,
)
from pipec.ir.model import Task
from pipec.ir.rewriting import rewrite
from pipec.ir.types import Type

from .channels import TEXT, Channel, channel_of
from .nodes import Constant, DagInput, Given, TaskOutput
from .plumbing import channel_name
from .requests import form_of, written
from .setting import Setting
from .shim.whole_numbers import beyond
from .texts import is_filled_in

_TIMES = {
    "run-scheduled": "{{$.pipeline_job_schedule_time_utc}}",
    "run-created": "{{$.pipeline_job_create_time_utc}}",
}
PLACEHOLDERS = {"id": {"run-id": "{{$.pipeline_job_uuid}}"}, "timestamp": _TIMES, "date": _TIMES}
"""What Kubeflow knows of a run, as inputs: it puts the value in only where a constant is the placeholder as a whole."""


class Known(Frozen):
    """Where a value is made, what carries it, and in which form the program finds it."""

    source: DagInput | TaskOutput
    channel: Channel
    form: str


def known(source: DagInput | TaskOutput, channel: Channel) -> Known:
    return Known(source, channel, form_of(channel))


@dataclass(eq=False, repr=False, slots=True)
class Bindings:
    """The inputs of one component. `find` tells where a reference is found; own outputs are `outputs.<name>`.

    `find_text` tells where the text of an artifact's URI is found, None where it has to be computed.
    """

    find: Callable[[Expression], Known]
    own: str
    find_text: Callable[[Expression], Known | None] = lambda _: None
    inputs: dict[str, Given] = field(default_factory=dict)
    channels: dict[str, tuple[str, str]] = field(default_factory=dict)
    facts: set[str] = field(default_factory=set)

    def give(self, name: str, value: Expression, declared: Type) -> bool:
        """Hand a value over as it is, under the name of the task's input; False where it has to be computed."""
        match value:
            case LiteralValue(value=constant):
                channel = channel_of(declared, artifacts=False)
                if is_filled_in(constant) or beyond(constant) is not None:
                    return False
                self.inputs[name] = Given(channel, Constant(constant))
                self.channels[name] = (form_of(channel), str(declared))
                return True
            case OutputReference() | ParameterReference() | ItemReference():
                found = self.find(value)
                self.inputs[name] = Given(found.channel, found.source)
                self.channels[name] = (found.form, str(value.type))
                return True
            case _:
                return False

    def compute(self, expression: Expression) -> dict[str, Any]:
        """The expression for the program, its references being inputs of the component."""
        for part in walk(expression):
            if isinstance(part, RunReference):
                self.facts.add(part.field)
                for name, placeholder in PLACEHOLDERS.get(part.field, {}).items():
                    self.inputs[name] = Given(TEXT, Constant(placeholder))
        return written(rewrite(expression, self._bound))

    def requirements(self, task: Task) -> list[list[Any]]:
        """What a task requires: condition, message or null, and the condition as it was written."""
        return [
            [self.compute(one.condition), None if one.message is None else self.compute(one.message), one.source]
            for one in task.requirements
        ]

    def outside(self, setting: Setting, outputs: Mapping[str, Channel]) -> dict[str, Any]:
        """What the program has to know of how values travel."""
        found: dict[str, Any] = {
            "channels": self.channels,
            "outputs_by": {name: form_of(channel) for name, channel in outputs.items()},
        }
        if self.facts:
            found["timezone"] = setting.timezone
            found["pipeline"] = setting.pipeline
        return found

    def _bound(self, part: Expression) -> Expression:
        if isinstance(part, OutputReference) and part.task == self.own:
            return ParameterReference(name=f"outputs.{part.output}", type=part.type)
        if not isinstance(part, OutputReference | ParameterReference | ItemReference):
            return part
        found = self.find(part)
        name = channel_name(found.source)
        self.inputs[name] = Given(found.channel, found.source)
        self.channels[name] = (found.form, str(part.type))
        return ParameterReference(name=name, type=part.type)
