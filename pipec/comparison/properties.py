"""The properties of a pipeline's parts, by name, as texts: what is compared when two of them are.

Every field of a model becomes a property unless `MEANINGLESS` says why it is none, or `APART` who else compares it: a
field that the IR gains later is compared without anything to be done here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from pipec.comparison.spelling import (
    channel_text,
    duration_text,
    implementation_text,
    plain_text,
    schedule_text,
    size_text,
)
from pipec.frozen import Frozen
from pipec.ir.base import Model
from pipec.ir.expressions import Expression, OutputReference
from pipec.ir.model import (
    Alert,
    ApprovalRequest,
    BranchSide,
    Estimate,
    Group,
    Implementation,
    Input,
    MapRegion,
    Options,
    Output,
    Parameter,
    Pipeline,
    Requirement,
    SecretReference,
    Task,
    TestCase,
    WaitCondition,
)
from pipec.ir.printout import Spell, expression_text

MEANINGLESS: dict[str, str] = {
    "Alert.location": "where it was written",
    "BinaryOperation.source": "how it was written",
    "Expectation.location": "where it was written",
    "Expectation.source": "how it was written",
    "FunctionCall.source": "how it was written",
    "Given.location": "where it was written",
    "Group.location": "where it was written",
    "IndexOperation.source": "how it was written",
    "ItemReference.type": "follows from the items of the map, which are compared",
    "MapRegion.location": "where it was written",
    "MapRegion.name": "made of the first task in it",
    "MapRegion.variable": "a name for readers of the file; a run does not know it",
    "OutputReference.type": "follows from the output and the branches, which are compared",
    "Parameter.location": "where it was written",
    "ParameterReference.type": "follows from the parameter, which is compared",
    "Pipeline.location": "where it was written",
    "Pipeline.locations": "where it was written",
    "Program.digest": "follows from the texts",
    "Program.own": "an order, and names that are keys of the pipelines",
    "Program.source": "the file's name",
    "Program.version": "the version of the IR",
    "Requirement.location": "where it was written",
    "Requirement.source": "how it was written",
    "RunReference.type": "follows from the field",
    "Task.keys": "stand in the id",
    "Task.location": "where it was written",
    "Task.locations": "where it was written",
    "Task.name": "stands in the id",
    "TestCase.location": "where it was written",
}
"""Fields whose change is none of what runs, and is not told, with the reason."""

APART = {
    "Group.name",
    "Parameter.name",
    "Pipeline.groups",
    "Pipeline.maps",
    "Pipeline.name",
    "Pipeline.parameters",
    "Pipeline.tasks",
    "Task.id",
    "Task.single_output",
    "Task.upstream",
    "TestCase.title",
}
"""Fields that are compared as names, as parts of their own, or together with another."""

_DURATIONS = {
    "Options.cache",
    "Options.deadline",
    "Options.timeout",
    "Pipeline.deadline",
    "Retry.delay",
    "Retry.max_delay",
    "WaitCondition.poll",
}
_SETS = {
    "ApprovalRequest.approvers",
    "Options.packages",
    "Options.produces",
    "Options.tags",
    "Pipeline.tags",
    "Retry.on",
}
"""Lists whose order means nothing."""

_DATES = {"Pipeline.start", "Pipeline.end"}
_WITHOUT_EFFECT = {"doc"}


class Property(Frozen):
    """The texts of a property: one, or one each of those there may be several of. `is_default` is true of a value that
    nobody need have written, `has_effect` false where it is for readers alone.
    """

    texts: tuple[str, ...]
    is_default: bool = False
    has_effect: bool = True


Properties = dict[str, Property]


def properties(model: Task | Pipeline | Parameter | MapRegion | Group | TestCase, spell: Spell) -> Properties:
    """The properties of a part; names of nested ones have dots. `spell` writes expressions."""
    return dict(_of_model(model, "", spell))


def _of_model(model: Model, path: str, spell: Spell) -> Iterator[tuple[str, Property]]:
    owner = type(model).__name__
    for name, field in model.model_fields().items():
        key = f"{owner}.{name}"
        if key in MEANINGLESS or key in APART or name == "kind":
            continue
        value = getattr(model, name)
        for inner, found in _of_field(key, f"{path}{name}", value, model, spell):
            is_default = found.is_default or value == field.default
            yield inner, Property(found.texts, is_default, name not in _WITHOUT_EFFECT)


def _of_field(key: str, path: str, value: Any, model: Model, spell: Spell) -> Iterator[tuple[str, Property]]:
    """The properties that one field makes."""
    match key:
        case "Task.inputs":
            yield from _inputs(value, spell)
        case "Task.outputs":
            single = isinstance(model, Task) and model.single_output
            yield from _outputs(value, single)
        case "Task.implementation":
            yield from _implementation(value, spell)
        case "Task.options":
            yield from _of_model(value, "", spell)
        case "Task.branches":
            if value:
                yield "inside", Property((_branches(value),))
        case "Task.is_finally":
            yield from _flag("finally", value)
        case "Task.requirements":
            if value:
                own = _of_task(model, spell) if isinstance(model, Task) else spell
                yield "require", Property(tuple(_requirement(one, own) for one in value))
        case "Task.alerts" | "Pipeline.alerts":
            yield from _alerts(value)
        case "Pipeline.schedule":
            if value is not None:
                yield "schedule", Property((schedule_text(value),))
        case "TestCase.givens" | "TestCase.expectations":
            if value:
                yield path, Property(tuple(sorted(_flat(one, spell) for one in value)))
        case _:
            yield from _general(key, path, value, spell)


def _general(key: str, path: str, value: Any, spell: Spell) -> Iterator[tuple[str, Property]]:
    match value:
        case None:
            return
        case Options():
            yield from _of_model(value, path, spell)
        case _ if _is_expression(value):
            yield path, Property((expression_text(value, spell),))
        case _ if _is_type(value):
            yield path, Property((str(value),))
        case dict():
            for name in value:
                yield from _general(f"{key}.{name}", f"{path}.{name}", value[name], spell)
        case Model():
            text = _whole(value)
            yield from [(path, Property((text,)))] if text is not None else _of_model(value, f"{path}.", spell)
        case tuple() | list() if not value and key in _SETS | {"Options.volumes", "Resources.tolerations"}:
            return
        case _:
            yield path, Property((_scalar(key, value),))


def _whole(value: Model) -> str | None:
    """The text of a model that is one value, not a map of several."""
    match value:
        case SecretReference():
            return plain_text(value)
        case Estimate(min=least, likely=likely, max=most) if least == most:
            return duration_text(likely)
        case Estimate(min=least, likely=likely, max=most):
            return f"{{ min: {duration_text(least)}, likely: {duration_text(likely)}, max: {duration_text(most)} }}"
        case _:
            return None


def _scalar(key: str, value: Any) -> str:
    if key in _DURATIONS and not isinstance(value, bool):
        return duration_text(value)
    if key in ("Resources.memory", "Resources.limits.memory") and isinstance(value, int):
        return size_text(value)
    if key in _DATES:
        return str(value)
    if key in _SETS:
        return plain_text(sorted(value, key=str))
    if isinstance(value, str) and key in (
        "Task.trigger_rule",
        "ApprovalRequest.on_timeout",
        "WaitCondition.on_timeout",
    ):
        return value
    if isinstance(value, float) and value.is_integer():
        return plain_text(int(value))
    return plain_text(value)


def _is_expression(value: Any) -> bool:
    return type(value).__module__ == "pipec.ir.expressions"


def _is_type(value: Any) -> bool:
    return type(value).__module__ == "pipec.ir.types"


# --- fields of their own kind --------------------------------------------------------------------


def _inputs(inputs: Iterable[Input], spell: Spell) -> Iterator[tuple[str, Property]]:
    for one in inputs:
        yield f"inputs.{one.name}", Property((expression_text(one.value, spell),))
        yield f"inputs.{one.name}.type", Property((str(one.type),), is_default=True)


def _outputs(outputs: Iterable[Output], single: bool) -> Iterator[tuple[str, Property]]:
    for one in outputs:
        yield "output" if single else f"outputs.{one.name}", Property((str(one.type),))


def _implementation(implementation: Implementation, spell: Spell) -> Iterator[tuple[str, Property]]:
    yield "does", Property((implementation_text(implementation, spell),))
    match implementation:
        case ApprovalRequest() | WaitCondition():
            told = {"condition", "arguments"}
            for path, one in _of_model(implementation, "", spell):
                if path.partition(".")[0] not in told:
                    yield path, one


def _branches(sides: Iterable[BranchSide]) -> str:
    return ", ".join(f"{'if' if side.taken else 'else of'} {side.decision}" for side in sides)


def _of_task(task: Task, spell: Spell) -> Spell:
    """The task's own named outputs by their names alone, as its requirements have them, where outputs are spelt."""

    def own(expression: Expression) -> str | None:
        spelt = spell(expression)
        match expression:
            case OutputReference(task=task.id, output=output) if spelt is not None and not task.single_output:
                return output
            case _:
                return spelt

    return own


def _requirement(requirement: Requirement, spell: Spell) -> str:
    condition = expression_text(requirement.condition, spell)
    message = requirement.message
    return condition if message is None else f"{condition} else {expression_text(message, spell)}"


def _alerts(alerts: Iterable[Alert]) -> Iterator[tuple[str, Property]]:
    """For each event who is told: `on failure, success = x` says the same as two statements."""
    told: dict[str, set[str]] = {}
    for alert in alerts:
        for event in alert.events:
            told.setdefault(event, set()).add(channel_text(alert))
    for name, channels in told.items():
        yield f"on {name}", Property(tuple(sorted(channels)))


def _flag(name: str, value: bool) -> Iterator[tuple[str, Property]]:
    if value:
        yield name, Property(("true",))


def _flat(model: Model, spell: Spell) -> str:
    """A model on one line, for what is for readers alone."""
    return ", ".join(f"{path} = {' '.join(one.texts)}" for path, one in _of_model(model, "", spell))
