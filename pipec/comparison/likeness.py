"""How like two tasks are, whatever they are called."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable

from pipec.comparison.properties import properties
from pipec.comparison.spelling import exact
from pipec.frozen import Frozen
from pipec.ir.expressions import Expression, ItemReference, OutputReference
from pipec.ir.model import Task

_WORD = re.compile(r"[\w./-]+")
_WEIGHTS = {"does": 0.4, "inputs": 0.25, "upstream": 0.15, "downstream": 0.1, "outputs": 0.1}
_HALF_THE_WORDS = 0.5
"""What two tasks do has to be as like as this: another task at the same place is no task renamed."""


class Features(Frozen):
    """What a task is but for its name: `content` is all of it, the rest parts by which it is found and compared."""

    content: Hashable
    kind: str
    keys: tuple[str, ...]
    does: str
    words: frozenset[str]
    inputs: frozenset[str]
    outputs: frozenset[str]


def features(task: Task, name_of: Callable[[str], str]) -> Features:
    """The features of a task; `name_of` says what stands for the id of a task that it names."""

    def spell(expression: Expression) -> str | None:
        if isinstance(expression, OutputReference):
            own = "self" if expression.task == task.id else name_of(expression.task)
            return f"{own}[*].{expression.output}" if expression.mapped else f"{own}.{expression.output}"
        return "item" if isinstance(expression, ItemReference) else exact(expression)

    sides = tuple((name_of(side.decision), side.taken) for side in task.branches)
    found = properties(task.model_copy(update={"branches": ()}), spell)
    texts = {name: one.texts for name, one in found.items() if one.has_effect}
    keys = tuple(map(repr, task.keys))
    does = " ".join((*texts["does"], *texts.get("message", ()), *texts.get("require", ())))
    return Features(
        content=(keys, sides, tuple(sorted(item for item in texts.items() if item[0] != "map"))),
        kind=task.implementation.kind,
        keys=keys,
        does=does,
        words=frozenset(_WORD.findall(does)),
        inputs=frozenset(_items(texts, "inputs.")),
        outputs=frozenset(_items(texts, "output")),
    )


def _items(texts: dict[str, tuple[str, ...]], prefix: str) -> list[str]:
    """Names, and names with their values: so that the same name with another value counts half."""
    return [
        item for name, values in texts.items() if name.startswith(prefix) for item in (name, f"{name} = {values[0]}")
    ]


Neighbours = tuple[frozenset[Hashable], frozenset[Hashable]]
"""Upstream and downstream tasks."""


def likeness(old: Features, new: Features, around_old: Neighbours, around_new: Neighbours) -> float:
    """From 0, nothing in common, to 1. What neither of them has does not count."""
    if old.kind != new.kind or old.keys != new.keys:
        return 0.0
    does = 1.0 if old.does == new.does else _shared(old.words, new.words) or 0.0
    if does < _HALF_THE_WORDS:
        return 0.0
    parts = {
        "does": does,
        "inputs": _shared(old.inputs, new.inputs),
        "upstream": _shared(around_old[0], around_new[0]),
        "downstream": _shared(around_old[1], around_new[1]),
        "outputs": _shared(old.outputs, new.outputs),
    }
    known = {name: part for name, part in parts.items() if part is not None}
    return sum(_WEIGHTS[name] * part for name, part in known.items()) / sum(_WEIGHTS[name] for name in known)


def _shared(old: frozenset[Hashable], new: frozenset[Hashable]) -> float | None:
    """The part of both that is in each; None where both are empty."""
    together = old | new
    return len(old & new) / len(together) if together else None
