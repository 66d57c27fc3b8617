"""What a person says of a run to come on the command line: `name=value` read by the types of the pipeline."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pipec.analysis.given import GivenValues
from pipec.diagnostics.suggest import hint
from pipec.ir.model import Decision, Pipeline, Task
from pipec.ir.types import BOOL, Type
from pipec.parameters import spelling, value_from_text
from pipec.runtime.values import OutputError


class GivenError(Exception):
    """What is given cannot be; the message says why, and what could be meant."""


def read_givens(pipeline: Pipeline, texts: Iterable[str]) -> GivenValues:
    """`decision=true`, `task.output=value`, `task=value` for a single output, `parameter=value`. Raises GivenError.

    Values are written as for `--param`. What is given twice has the later value.
    """
    subjects = _subjects(pipeline)
    parameters: dict[str, Any] = {}
    outputs: dict[tuple[str, str], Any] = {}
    sides: dict[str, bool] = {}
    for text in texts:
        name = _name(text, subjects)
        type_, place = subjects[name]
        try:
            value = value_from_text(text[len(name) + 1 :], type_, f"--given {name}", pipeline.timezone)
        except OutputError as error:
            way_out = spelling(type_, text[len(name) + 1 :])
            raise GivenError(f"{error}" + (f": {way_out}" if way_out else "")) from None
        match place:
            case str():
                parameters[place] = value
            case Task(id=id):
                sides[id] = value
            case (task, output) if task.map is not None:
                raise GivenError(f"`{task.id}` runs once for each item: give what decides by it, or --items")
            case (task, output):
                outputs[task.id, output] = value
    return GivenValues(parameters, outputs, sides)


_Subject = tuple[Type, str | Task | tuple[Task, str]]


def _subjects(pipeline: Pipeline) -> dict[str, _Subject]:
    """What can be given, by how it is written: its type and a parameter, a decision, or a task and its output."""
    found: dict[str, _Subject] = {}
    for parameter in pipeline.parameters:
        found[parameter.name] = parameter.type, parameter.name
    for task in pipeline.tasks:
        if isinstance(task.implementation, Decision):
            found[task.id] = BOOL, task
        for output in task.outputs:
            name = task.id if task.single_output else f"{task.id}.{output.name}"
            found[name] = output.type, (task, output.name)
    return found


def _name(text: str, known: Iterable[str]) -> str:
    """What is given: keys of instances may hold `=`, so the longest name that fits is meant."""
    names = list(known)
    fitting = [name for name in names if text.startswith(f"{name}=")]
    if fitting:
        return max(fitting, key=len)
    name, equals, _ = text.partition("=")
    if not equals:
        raise GivenError(f"--given `{text}` is not of the form name=value")
    found = hint(name, names, f"there are {', '.join(names[:8])}" + (" and others" if len(names) > 8 else ""))
    raise GivenError(f"there is no decision, output or parameter `{name}`" + (f": {found}" if names else ""))


def read_items(pipeline: Pipeline, texts: Iterable[str]) -> dict[str, int]:
    """`map=25`, or `25` for every map, as how many items each map has. Raises GivenError.

    A map is named by its variable, or by a task right inside.
    """
    found: dict[str, int] = {}
    for text in texts:
        name, equals, number = text.rpartition("=")
        if not (number.isascii() and number.isdecimal()):
            raise GivenError(f"--items `{text}`: `{number}` is not a number of items")
        regions = [region.name for region in pipeline.maps] if not equals else _regions(pipeline, name)
        if not regions:
            known = list(dict.fromkeys(region.variable for region in pipeline.maps))
            there = hint(name, known, f"there are {', '.join(known)}") if known else "the pipeline has no map"
            raise GivenError(f"--items `{text}`: there is no map `{name}`: {there}" if equals else f"--items: {there}")
        found.update(dict.fromkeys(regions, int(number)))
    return found


def _regions(pipeline: Pipeline, name: str) -> list[str]:
    """The maps of a variable, else that of a task, else of the name that the IR has for it."""
    by_variable = [region.name for region in pipeline.maps if region.variable == name]
    around = {task.map for task in pipeline.tasks if name in (task.id, task.name) and task.map is not None}
    return by_variable or sorted(around) or [region.name for region in pipeline.maps if region.name == name]
