"""What the tasks of a pipeline are to do in a run: the same table is played in the engine and in Airflow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import pipec
from pipec.ir.model import Pipeline

Ending = Literal["success", "error", "busy", "skip"]
"""How an attempt ends: `error` is a RuntimeError, `busy` a ConnectionError.

`skip` is what makes a wait or an approval skipped: a timeout of the one, a refusal of the other.
"""

MOST_ITEMS = 3
"""No list of a map is longer."""


@dataclass(frozen=True, slots=True)
class Plan:
    """By instance (`score[2]`): the endings of its attempts, of which the last stays, and the value of its output.

    An instance without endings succeeds, one without a value gives 1.
    """

    endings: Mapping[str, tuple[Ending, ...]] = field(default_factory=dict)
    values: Mapping[str, Any] = field(default_factory=dict)
    parameters: Mapping[str, Any] = field(default_factory=dict)

    def ending(self, instance: str, attempt: int) -> Ending:
        """How an attempt, counted from 1, ends."""
        endings = self.endings.get(instance, ("success",))
        return endings[min(attempt, len(endings)) - 1]

    def value(self, instance: str) -> Any:
        """What an instance gives when it succeeds."""
        return self.values.get(instance, 1)


@dataclass(frozen=True, slots=True)
class Case:
    """A pipeline as text and as IR, and what its tasks do."""

    text: str
    pipeline: Pipeline
    plan: Plan


def load(text: str) -> Pipeline | None:
    """The only pipeline of a text; None where it has faults, or reads what timing decides (lint L003)."""
    loaded = pipec.load(Path("random.pipe"), text=text)
    if loaded.program is None or any(one.severity == "error" or one.code == "L003" for one in loaded.diagnostics.found):
        return None
    (pipeline,) = loaded.program.pipelines.values()
    return pipeline


def instance_id(task: str, index: int) -> str:
    """The id of an instance; the index is -1 for one that stands for itself."""
    return task if index < 0 else f"{task}[{index}]"
