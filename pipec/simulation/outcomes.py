"""How the attempts of a simulated run end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from pipec.engine.events import Failure
from pipec.ir.model import Task


@dataclass(frozen=True, slots=True)
class Outcome:
    """An attempt ends `seconds` after its start: with outputs in JSON form, a failure, or the answer of a person.

    An output may be `pipec.engine.unknown.UNKNOWN`. An infinite time is that of one which never ends by itself.
    """

    seconds: float
    result: Mapping[str, Any] | Failure | bool


class Outcomes(Protocol):
    """Says how each attempt ends, by its task, the id of the instance, its number from 1, and its inputs."""

    def __call__(self, task: Task, instance: str, attempt: int, inputs: Mapping[str, Any]) -> Outcome: ...
