"""The texts that stand in a task: those of its inputs, its implementation, its environment."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pipec.ir.base import Location
from pipec.ir.expressions import Expression, Interpolation, LiteralValue, children
from pipec.ir.model import (
    ApprovalRequest,
    Decision,
    ShellScript,
    SqlQuery,
    Task,
)
from pipec.ir.traverse import implementation_expressions, location_of

GAP = "\0"
"""Stands in a text for a value that is filled in: nothing that a path, a word or a number could hold."""


def task_texts(task: Task) -> Iterator[tuple[Location, str]]:
    """The texts of inputs, implementation and `working_dir`, each with where it was written."""
    for given in task.inputs:
        for text in expression_texts(given.value):
            yield location_of(task, f"inputs.{given.name}"), text
    for text in implementation_texts(task):
        yield location_of(task, "implementation"), text
    if task.options.working_dir is not None:
        yield location_of(task, "working_dir"), task.options.working_dir


def implementation_texts(task: Task) -> Iterator[str]:
    """A shell text or query as a whole; the arguments of a command, an image or a wait one by one."""
    match task.implementation:
        case ShellScript(text=text):
            yield text
        case SqlQuery(text=str(text)):
            yield text
        case Decision() | ApprovalRequest():
            return
        case _:
            for expression in implementation_expressions(task):
                yield from expression_texts(expression)


def expression_texts(expression: Expression) -> Iterator[str]:
    """The literal texts in an expression; an interpolated one is one text with gaps."""
    match expression:
        case LiteralValue(value=value):
            yield from value_texts(value)
        case Interpolation(parts=parts):
            yield "".join(_piece(part) for part in parts)
        case _:
            for child in children(expression):
                yield from expression_texts(child)


def value_texts(value: Any) -> Iterator[str]:
    """The texts in a value in its JSON form."""
    match value:
        case str():
            yield value
        case list() | tuple():
            for item in value:
                yield from value_texts(item)
        case dict():
            for item in value.values():
                yield from value_texts(item)


def _piece(part: Expression) -> str:
    return part.value if isinstance(part, LiteralValue) and isinstance(part.value, str) else GAP
