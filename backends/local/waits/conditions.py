"""The conditions of waits: from a task and the values of its arguments to what is looked at."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from pipec.engine.events import AttemptFailed, AttemptSucceeded
from pipec.ir.expressions import LiteralValue
from pipec.ir.model import Input, Options, Output, PythonFunction, Task, WaitCondition
from pipec.ir.types import BOOL, JSON
from pipec.semantics.references import TaskReference, function_reference, task_reference

from .contract import Condition, Met, RunHistory, Surroundings, WaitError
from .files import FileCondition
from .messages import SERVERS, MessageCondition, Topic
from .objects import ObjectCondition

_Named = TypeVar("_Named")


class UntilCondition(Condition):
    """Met at a time."""

    def __init__(self, moment: datetime) -> None:
        self._moment = moment

    def describe(self) -> str:
        return f"waits until {self._moment.isoformat()}"

    def check(self) -> Met | None:
        return Met() if self.seconds_left() == 0 else None

    def seconds_left(self) -> float:
        return max(0.0, self._moment.timestamp() - time.time())


class TaskCondition(Condition):
    """Met when a task of another pipeline succeeded in a run for the same date."""

    def __init__(self, reference: TaskReference, date: str, history: RunHistory) -> None:
        self._reference = reference
        self._date = date
        self._history = history

    def describe(self) -> str:
        return f"waits for {self._reference.pipeline}.{self._reference.task} of {self._date}"

    def check(self) -> Met | None:
        return Met() if self._history.task_succeeded(*self._reference, self._date) else None


class AssetCondition(Condition):
    """Met when an asset was updated at or after `since`, a Unix time."""

    def __init__(self, uri: str, since: float, history: RunHistory) -> None:
        self._uri = uri
        self._since = since
        self._history = history

    def describe(self) -> str:
        return f"waits for an update of {self._uri}"

    def check(self) -> Met | None:
        return Met() if self._history.asset_updated(self._uri, self._since) else None


@dataclass(frozen=True, slots=True)
class PredicateCall:
    """A look by a Python function, which the runner executes like any task.

    `task` is called with `inputs` and has one bool output, called `output`.
    """

    task: Task
    inputs: dict[str, Any]

    def describe(self) -> str:
        match self.task.implementation:
            case PythonFunction(module=module, function=function):
                return f"waits for {module}:{function} to return true"
            case other:
                raise TypeError(f"a predicate is no {other.kind}")

    def result(self, event: AttemptSucceeded | AttemptFailed) -> Met | WaitError | None:
        """What came of a look. A predicate that fails ends the wait: it is for it to say what may be tried again."""
        match event:
            case AttemptSucceeded(outputs=outputs):
                return Met() if outputs["output"] else None
            case AttemptFailed(failure=failure):
                return WaitError(failure.message, failure.kind, failure.exceptions)


def condition_for(task: Task, inputs: Mapping[str, Any], surroundings: Surroundings) -> Condition | PredicateCall:
    """What a wait task looks at; `inputs` are the arguments of its condition in their JSON form.

    Raises WaitError where they make no sense.
    """
    wait = task.implementation
    if not isinstance(wait, WaitCondition):
        raise TypeError(f"a {wait.kind} task waits for nothing")
    match wait.condition:
        case "file":
            return FileCondition(_text(inputs, "glob"), surroundings.folder)
        case "object":
            return ObjectCondition(_uri(inputs))
        case "until":
            return UntilCondition(_moment(_text(inputs, "time"), "time"))
        case "task":
            reference = _named(task_reference, _text(inputs, "task"), "no task: write pipeline.task")
            return TaskCondition(reference, surroundings.context.date, surroundings.history)
        case "asset":
            return AssetCondition(_text(inputs, "uri"), _interval_start(surroundings), surroundings.history)
        case "message":
            return MessageCondition(_topic(task, inputs, surroundings), wait.poll, surroundings.environment)
        case "python":
            return _predicate(task, wait, inputs)


def _predicate(task: Task, wait: WaitCondition, inputs: Mapping[str, Any]) -> PredicateCall:
    module, function = _named(function_reference, _text(inputs, "function"), "no Python function")
    given = {name: value for name, value in inputs.items() if name != "function"}
    types = {name: wait.argument_types.get(name, JSON) for name in given}
    call = task.model_copy(
        update={
            "implementation": PythonFunction(module=module, function=function),
            "inputs": tuple(
                Input(name=name, type=types[name], value=LiteralValue(value=value, type=types[name]))
                for name, value in given.items()
            ),
            "outputs": (Output(name="output", type=BOOL),),
            "single_output": True,
            "options": Options(),
        }
    )
    return PredicateCall(call, given)


def _topic(task: Task, inputs: Mapping[str, Any], surroundings: Surroundings) -> Topic:
    servers = inputs.get("servers") or surroundings.environment.get(SERVERS)
    if not servers:
        raise WaitError(f'no Kafka server is known: set {SERVERS} or write message("topic", servers = "host:9092")')
    return Topic(
        name=_text(inputs, "topic"),
        servers=servers,
        group=inputs.get("group") or f"pipec.{surroundings.context.pipeline}.{task.id}",
        key=inputs.get("key"),
        since=_interval_start(surroundings),
    )


def _interval_start(surroundings: Surroundings) -> float:
    return _moment(surroundings.context.interval_start, "interval_start").timestamp()


def _text(inputs: Mapping[str, Any], name: str) -> str:
    value = inputs.get(name)
    if not isinstance(value, str) or not value or "\0" in value:
        raise WaitError(f"{name} is {value!r}: it needs a text that is not empty")
    return value


def _uri(inputs: Mapping[str, Any]) -> str:
    uri = _text(inputs, "uri")
    if "://" not in uri:
        raise WaitError(f"{uri} is no URI of an object: write s3://bucket/key, or wait for file(…)")
    return uri


def _moment(text: str, name: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise WaitError(f"{name} is {text!r}, which is no time") from error
    if moment.tzinfo is None:
        raise WaitError(f"{name} is {text!r}, which has no time zone")
    return moment


def _named(read: Callable[[str], _Named | None], text: str, fault: str) -> _Named:
    found = read(text)
    if found is None:
        raise WaitError(f"{text} is {fault}")
    return found
