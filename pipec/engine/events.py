"""What goes into the engine and what comes out: events of the world in, commands to the driver out.

Values are in their JSON form (`pipec.runtime.values`). Only delays appear, in seconds: time is for the driver.

`task` is always the id of one instance: that of the task, `train["rf"]`; for a task in a map followed by the index of
each item, `score[3]`, in nested maps `score[3][0]`; for a task of a pipeline run as a task behind the id of that task,
`cleaned/scrub`, in its second attempt `cleaned@2/scrub`. `Engine.task` gives the task of an instance.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from pipec.engine.states import RunState, State
from pipec.ir.model import Alert


@dataclass(frozen=True, slots=True)
class RunContext:
    """The facts behind `run.…`: dates and times as ISO 8601 text, times with their offset."""

    id: str
    pipeline: str
    date: str
    timestamp: str
    interval_start: str
    interval_end: str
    url: str = ""

    def facts(self) -> dict[str, str]:
        """By the field of `run.…`; `dataclasses.asdict` would copy each text, in every one of thousands of runs."""
        return {name: getattr(self, name) for name in self.__slots__}


FailureKind = Literal["error", "timeout", "requirement", "input", "output", "cancelled", "rejected"]


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an attempt failed.

    `error` covers exceptions and exit codes: `exceptions` holds the dotted names of the exception's class and of its
    base classes, nearest first (`builtins.ConnectionError`), `exit_code` a process's status. Only `error` and `timeout`
    are ever retried.
    """

    kind: FailureKind
    message: str
    exceptions: tuple[str, ...] = ()
    exit_code: int | None = None


# --- events --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RunStarted:
    """The first event of every run."""


@dataclass(frozen=True, slots=True)
class AttemptSucceeded:
    """The code of a task ended well; `outputs` by name, checked against their types already."""

    task: str
    outputs: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AttemptFailed:
    task: str
    failure: Failure


@dataclass(frozen=True, slots=True)
class ApprovalAnswered:
    """The person who was asked by the attempt of an approval said yes or no."""

    task: str
    approved: bool


@dataclass(frozen=True, slots=True)
class RetryDue:
    """The delay of a `WaitForRetry` is over."""

    task: str


@dataclass(frozen=True, slots=True)
class TimerDue:
    """The time of a `StartTimer` is over; one that is no longer of interest is no event."""

    timer: str


@dataclass(frozen=True, slots=True)
class CancelRun:
    """Stop: nothing further starts, `finally` neither; what runs is to be ended by the driver and reported as failed.

    Tasks that had not started are skipped, those waiting for a retry fail with the kind `cancelled`, as does what the
    driver ends; the run is failed.
    """


Event = RunStarted | AttemptSucceeded | AttemptFailed | ApprovalAnswered | RetryDue | TimerDue | CancelRun


# --- commands ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class StartAttempt:
    """Run the code of a task now, ask a person, or begin to wait.

    `inputs` are those of the task by name; of a `wait` the arguments of its condition, of an approval its `message`.
    `arguments` are the evaluated elements of the line of a command task, of an image task its command and arguments.
    A wait or approval that takes longer than its timeout is an `AttemptFailed` of the kind `timeout`.
    """

    task: str
    attempt: int
    inputs: dict[str, Any]
    arguments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EndAttempt:
    """End a running attempt; it is still to be reported, as failed with the kind `cancelled`."""

    task: str


@dataclass(frozen=True, slots=True)
class WaitForRetry:
    """Send `RetryDue` after `delay` seconds. `attempt` is the number of the attempt to come."""

    task: str
    attempt: int
    delay: float


@dataclass(frozen=True, slots=True)
class StartTimer:
    """Send `TimerDue` after `delay` seconds: of a deadline, or of the timeout of a pipeline run as a task."""

    timer: str
    delay: float


@dataclass(frozen=True, slots=True)
class TaskMapped:
    """The list of a map is known: the task in it, so far one, is now `count` instances, `task[0]` and so on.

    An empty list leaves the task one that is skipped: nothing is said.
    """

    task: str
    count: int


@dataclass(frozen=True, slots=True)
class TaskChanged:
    """A task has a new state; for progress and stores. `attempt` counts from 1, 0 before the first.

    `restored` says that a success is that of an earlier part of a resumed run.
    """

    task: str
    state: State
    attempt: int
    failure: Failure | None = None
    outputs: dict[str, Any] | None = None
    restored: bool = False


@dataclass(frozen=True, slots=True)
class DeadlineMissed:
    """A task, or where it is None the run, is not over `seconds` after the run began. Nothing else follows from it.

    Deadlines in a pipeline run as a task count from the start of that attempt; its own is that of the task.
    """

    task: str | None
    seconds: float


AlertEvent = Literal["failure", "success", "retry", "skipped", "deadline"]


@dataclass(frozen=True, slots=True)
class SendAlert:
    """Tell people. `task` is None where the alert is about the run as a whole; `message` says what happened.

    The alerts of a pipeline run as a task are about that task.
    """

    alert: Alert
    event: AlertEvent
    task: str | None
    message: str


@dataclass(frozen=True, slots=True)
class RunFinished:
    """The last command of every run.

    `returns` is the pipeline's return value, None where it has none; `failure` says why it could not be computed, which
    makes the run a failed one.
    """

    state: RunState
    returns: Any = None
    failure: Failure | None = None


Command = (
    StartAttempt
    | EndAttempt
    | WaitForRetry
    | StartTimer
    | TaskMapped
    | TaskChanged
    | DeadlineMissed
    | SendAlert
    | RunFinished
)
