"""Texts that an engine hands on as they are, in which it would look for something to fill in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pipec.frozen import Frozen
from pipec.ir.base import Location
from pipec.ir.expressions import LiteralValue, walk
from pipec.ir.model import ContainerImage, Pipeline, Task
from pipec.ir.traverse import implementation_expressions, location_of

_TEMPLATE = re.compile(r"\{\{")
_VALUE = re.compile(r"\{\{|\$[$(]")
_STRUCTURE = re.compile(r'\{\{|\A\s*\{\s*"(?:IfPresent|Concat)"')


class FilledIn(Frozen):
    """A text of which a part would be taken for a placeholder. `subject` is what has it, `shown` the part."""

    location: Location
    subject: str
    shown: str


def texts_filled_in(pipeline: Pipeline) -> Iterator[FilledIn]:
    """Defaults of parameters, and what tasks say of containers: image, command and environment.

    All other texts reach tasks among what a target writes for its own program, which can protect them.
    """
    for parameter in pipeline.parameters:
        if isinstance(parameter.default, LiteralValue):
            for shown in _found(_VALUE, parameter.default.value):
                yield FilledIn(parameter.location, f"parameter `{parameter.name}`", shown)
    for task in pipeline.tasks:
        for key, shown in _of_container(task):
            yield FilledIn(location_of(task, key), f"task `{task.id}`", shown)


def _of_container(task: Task) -> Iterator[tuple[str, str]]:
    """The parts with the key of where they stand."""
    for key, value in (("env", task.options.env), ("image", task.options.image)):
        for shown in _found(_TEMPLATE, value):
            yield key, shown
    if isinstance(task.implementation, ContainerImage):
        for expression in implementation_expressions(task):
            for part in walk(expression):
                if isinstance(part, LiteralValue):
                    for shown in _found(_STRUCTURE, part.value):
                        yield "implementation", shown


def _found(pattern: re.Pattern[str], value: Any) -> Iterator[str]:
    """The first part of each text in a value that the pattern finds, with what follows."""
    match value:
        case str():
            if found := pattern.search(value):
                yield value[found.start() : found.start() + 40]
        case list() | tuple():
            for item in value:
                yield from _found(pattern, item)
        case dict():
            for name, item in value.items():
                yield from _found(pattern, name)
                yield from _found(pattern, item)
