"""What a person says of a run to come on the command line of `pipec plan`, by the names that a simulation knows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pipec.analysis.given import GivenValues
from pipec.ir.model import Decision, Pipeline
from pipec.parameters import spelling, value_from_text
from pipec.runtime.values import OutputError
from pipec.simulation.errors import NamingError
from pipec.simulation.naming import assumptions, read_given

__all__ = ["NamingError", "read_givens"]


def read_givens(pipeline: Pipeline, givens: Iterable[str], items: Iterable[str] = ()) -> GivenValues:
    """`name=value` by the types of the pipeline, as `simulate --given` takes it, and `map=25`, or `25` for every map.

    A name is that of a parameter, a decision, an approval, a task with a single output, or `task.output`; values are
    written as for `--param`. What is given twice has the later value. Raises NamingError.
    """
    types = {parameter.name: parameter.type for parameter in pipeline.parameters}
    names = _names(pipeline)
    parameters: dict[str, Any] = {}
    given: dict[str, Any] = {}
    for text in givens:
        name, value = _divided(text, names)
        if name not in types:
            given[name] = read_given(name, value, [pipeline])
            continue
        try:
            parameters[name] = value_from_text(value, types[name], f"--given {name}", pipeline.timezone)
        except OutputError as error:
            way_out = spelling(types[name], value)
            raise NamingError(f"{error}" + (f": {way_out}" if way_out else "")) from None
    known = assumptions([pipeline], given=given, items=_items(pipeline, items))
    tasks = {task.id: task for task in pipeline.tasks}
    sides = {id: side for name, side in known.answers.items() for id in _ids(pipeline, name)}
    return GivenValues(
        parameters,
        {(id, output): value for (name, output), value in known.outputs.items() for id in _single(pipeline, name)},
        {id: side for id, side in sides.items() if isinstance(tasks[id].implementation, Decision)},
        known.items,
        frozenset(id for id, side in sides.items() if not side and not isinstance(tasks[id].implementation, Decision)),
    )


def _names(pipeline: Pipeline) -> list[str]:
    """All that may be given, as it is written."""
    names = [parameter.name for parameter in pipeline.parameters]
    for task in pipeline.tasks:
        for name in dict.fromkeys((task.id, task.name)):
            names.extend((name, *(f"{name}.{output.name}" for output in task.outputs)))
    return names


def _divided(text: str, names: Iterable[str]) -> tuple[str, str]:
    """The name and the value: keys of instances may hold `=`, so the longest name that fits is meant."""
    name = max((name for name in names if text.startswith(f"{name}=")), key=len, default="")
    if not name:
        name, equals, _ = text.partition("=")
        if not equals or not name:
            raise NamingError(f"--given `{text}` is not of the form name=value")
    return name, text[len(name) + 1 :]


def _ids(pipeline: Pipeline, name: str) -> list[str]:
    """The task of an id, or all that share a name."""
    return [task.id for task in pipeline.tasks if name in (task.id, task.name)]


def _single(pipeline: Pipeline, name: str) -> list[str]:
    """The same, of tasks that run once: of what an item of a map gives nothing is known for all of them."""
    ids = _ids(pipeline, name)
    if not ids or any(task.map is not None for task in pipeline.tasks if task.id in ids):
        raise NamingError(f"`{name}` runs once for each item: give what decides by it, or --items")
    return ids


def _items(pipeline: Pipeline, texts: Iterable[str]) -> Mapping[str, int]:
    """How many items maps have, by what they are called."""
    found: dict[str, int] = {}
    for text in texts:
        name, equals, number = text.rpartition("=")
        if not (number.isascii() and number.isdecimal()):
            raise NamingError(f"--items `{text}`: `{number}` is not a number of items")
        if not equals and not pipeline.maps:
            raise NamingError(f"--items `{text}`: the pipeline has no map")
        found.update(dict.fromkeys([name] if equals else [region.name for region in pipeline.maps], int(number)))
    return found
