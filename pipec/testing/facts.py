"""What a test gives, as values: parameters, facts of the run, and how the attempts of each instance end."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pipec.engine.evaluate import EvaluationError
from pipec.engine.events import Failure, RunContext
from pipec.engine.unknown import UNKNOWN, UncertainScope, json_value
from pipec.ir.model import ApprovalRequest, Given, Pipeline, Task, TestCase
from pipec.ir.types import optional
from pipec.simulation.outcomes import Outcome

DEFAULT_DATE = "2026-01-01"
"""The date of a run whose test gives none, where the pipeline has no start."""

_INDEXES = re.compile(r"(?:\[\d+\])*\Z")

Path = tuple[int, ...]


class GivenError(Exception):
    """A given that has no value; it says where it stands."""

    def __init__(self, given: Given, message: str) -> None:
        super().__init__(message)
        self.given = given


def path_of(task: Task, instance: str) -> Path | None:
    """The item in each map around an instance of a task; None for one of a pipeline run as a task."""
    if not instance.startswith(task.id):
        return None
    indexes = instance[len(task.id) :]
    if not indexes:
        return ()
    if not _INDEXES.match(indexes):
        return None
    return tuple(map(int, indexes[1:-1].split("][")))


def context_of(pipeline: Pipeline, case: TestCase) -> RunContext:
    """The facts of the run: what is given of them, and the rest as it follows from the date."""
    from datetime import datetime
    from zoneinfo import ZoneInfo

    given: dict[str, str] = {
        one.fact: json_value(one.value, UncertainScope())
        for one in case.givens
        if one.fact is not None and one.value is not None
    }
    zone = ZoneInfo(pipeline.timezone)
    date = given.get("date", pipeline.start or DEFAULT_DATE)
    timestamp = given.get("timestamp") or datetime.fromisoformat(date).replace(tzinfo=zone).isoformat()
    return RunContext(
        id=given.get("id", "test"),
        pipeline=pipeline.name,
        date=given.get("date") or datetime.fromisoformat(timestamp).astimezone(zone).date().isoformat(),
        timestamp=timestamp,
        interval_start=given.get("interval_start", timestamp),
        interval_end=given.get("interval_end", timestamp),
        url=given.get("url", ""),
    )


@dataclass
class Facts:
    """The values of one test; an instance of `Outcomes` for the run of it.

    `used` are the givens that an attempt looked at. `problems` are those that do not fit what came of the run.
    """

    case: TestCase
    pipeline: Pipeline
    context: RunContext
    parameters: Mapping[str, Any]
    used: set[int] = field(default_factory=set)
    problems: list[GivenError] = field(default_factory=list)
    _values: dict[int, Any] = field(default_factory=dict)
    _by_task: dict[str, list[Given]] = field(default_factory=dict)
    _nullable: set[tuple[str | None, str | None]] = field(default_factory=set)

    def __post_init__(self) -> None:
        scope = UncertainScope(self.parameters, self.context.facts() | {"attempt": 1})
        for given in self.case.givens:
            if given.task is None:
                continue
            self._by_task.setdefault(given.task, []).append(given)
            if given.value is not None:
                try:
                    self._values[id(given)] = json_value(given.value, scope)
                except EvaluationError as error:
                    raise GivenError(given, str(error)) from error
        for task in self.pipeline.tasks if any(given.by_item for given in self.case.givens) else ():
            self._nullable.update((task.id, one.name) for one in task.outputs if optional(one.type) == one.type)

    def __call__(self, task: Task, instance: str, attempt: int, inputs: Mapping[str, Any]) -> Outcome:
        """How an attempt ends. What is not given succeeds, and its outputs are not known."""
        path = path_of(task, instance)
        givens = self._by_task.get(task.id, ()) if path is not None else ()
        if not givens:
            return Outcome(_seconds(task), _success(task))
        assert path is not None
        closest = self._closest(path, givens)
        self.used.update(id(given) for given in givens if fits_items(given.items, path))
        seconds = closest["estimate"] if "estimate" in closest else _seconds(task)
        match closest.get("state"):
            case "failed":
                return Outcome(seconds, failure_of(task))
            case "timeout":
                return Outcome(float("inf"), _success(task))
            case "approved":
                return Outcome(seconds, True)
            case "rejected" | "skipped":
                return Outcome(seconds, False)
        if attempt < closest.get("attempts", 1):
            return Outcome(seconds, failure_of(task))
        return Outcome(seconds, True if isinstance(task.implementation, ApprovalRequest) else self.outputs(task, path))

    def outputs(self, task: Task, path: Path) -> dict[str, Any]:
        """What an instance gives where it succeeds."""
        given = self._closest(path, self._by_task.get(task.id, ()))
        return {output.name: given.get(f"output {output.name}", UNKNOWN) for output in task.outputs}

    def _closest(self, path: Path, givens: list[Given] | tuple[Given, ...]) -> dict[str, Any]:
        """What is given of one instance, by what it is of it; what picks it more closely goes before."""
        fitting = [given for given in givens if fits_items(given.items, path)]
        fitting.sort(key=lambda given: sum(item is not None for item in given.items))
        found: dict[str, Any] = {}
        for given in fitting:
            if given.state is not None:
                found["state"] = given.state
            elif given.measure is not None:
                found[given.measure] = self._values[id(given)]
            else:
                value = self._values[id(given)]
                found[f"output {given.output}"] = self._item(given, value, path) if given.by_item else value
        return found

    def _item(self, given: Given, values: list[Any], path: Path) -> Any:
        index = path[0]
        if index < len(values):
            is_left_out = values[index] is None and (given.task, given.output) not in self._nullable
            return UNKNOWN if is_left_out else values[index]
        if not any(problem.given is given for problem in self.problems):
            self.problems.append(
                GivenError(given, f"the list has {_count(len(values), 'value')}, the map item {index + 1} too")
            )
        return UNKNOWN


def failure_of(task: Task) -> Failure:
    """A failure that is tried again wherever the task tries again at all."""
    retry = task.options.retry
    message = "given as failed"
    if retry is None or retry.on is None:
        return Failure("error", message)
    code = next((one for one in retry.on if isinstance(one, int)), None)
    name = next((one for one in retry.on if isinstance(one, str) and one != "timeout"), None)
    if code is not None:
        return Failure("error", message, exit_code=code)
    return Failure("error", message, exceptions=(name,)) if name is not None else Failure("timeout", message)


def _seconds(task: Task) -> float:
    return task.options.estimate.likely if task.options.estimate is not None else 0.0


def _success(task: Task) -> bool | dict[str, Any]:
    if isinstance(task.implementation, ApprovalRequest):
        return True
    return {output.name: UNKNOWN for output in task.outputs}


def fits_items(items: tuple[int | None, ...], path: Path) -> bool:
    """Whether the items a given picks are those of an instance."""
    return all(item is None or item == index for item, index in zip(items, path, strict=False))


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
