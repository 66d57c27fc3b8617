"""What the store keeps of runs: entries as they are appended, and the records they add up to.

An entry is a fact; the record of a run is what all its entries say. `RunRecord.apply` is the only place that knows how
they add up, for the run under way and for one that is read back.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from pipec.engine.states import State

EntryKind = Literal[
    "state",  # a task has a new state: state, failure, outputs, restored
    "attempt_started",  # inputs, log (path relative to the run's folder), arguments
    "attempt_ended",  # state (success or failed), failure, exit_code, cached_from (a run id) where nothing ran
    "mapped",  # count: the task is now so many instances
    "approval_asked",  # message, approvers
    "approval_answered",  # approved, by, comment
    "asset",  # uri: the task has updated it
    "deadline",  # seconds: the task, or the run, takes longer than its deadline
    "alert",  # event, channel, message, error (None where it was delivered)
    "resumed",  # changes: lines that say what of the pipeline changed; forgotten: instances whose success no longer
    # stands; parameters and source_digest from now on
    "ended",  # state (success or failed), returns, error, interrupted
]


@dataclass(frozen=True, slots=True)
class Entry:
    """One fact of a run. `at` is Unix time; `task` the id of an instance, "" where the fact is about the run.

    `data` is JSON; what it holds hangs on the kind.
    """

    kind: EntryKind
    at: float
    task: str = ""
    attempt: int = 0
    data: dict[str, Any] = field(default_factory=dict)


RunStatus = Literal["running", "success", "failed", "killed"]
"""A run that neither ended nor is held by a living process was killed."""


@dataclass(slots=True)
class AttemptRecord:
    """One attempt of an instance. Times are Unix times; `state` is running until it ended.

    `failure` holds kind, message and exit_code; `log` is a path relative to the folder of the run.
    """

    attempt: int
    started_at: float
    inputs: dict[str, Any] = field(default_factory=dict)
    log: str | None = None
    state: Literal["running", "success", "failed", "killed"] = "running"
    ended_at: float | None = None
    failure: dict[str, Any] | None = None
    cached_from: str | None = None
    arguments: tuple[str, ...] | None = None
    """The evaluated elements of its command line, where it has one."""


@dataclass(slots=True)
class TaskRecord:
    """One instance of a task. `attempts_made` also counts those of decisions and gates, which have no record."""

    task: str
    state: State = "pending"
    attempts: list[AttemptRecord] = field(default_factory=list)
    attempts_made: int = 0
    outputs: dict[str, Any] = field(default_factory=dict)
    error: str | None = None
    restored: bool = False
    mapped: int | None = None
    """How many instances there are where it is mapped: they have records of their own."""
    succeeded: bool = False
    """Whether a resume finds a success that stands; unlike `state` it outlives the break-off of a resumed run."""


@dataclass(frozen=True, slots=True)
class RunStart:
    """What a run starts with, as `RunRecord` has it. `run_id` is one that was reserved, None for a new one.

    `context` must hold date, interval_start and interval_end, by which runs are looked up; the store sets its `id`.
    """

    pipeline: str
    file: str
    source_digest: str
    parameters: dict[str, Any]
    context: dict[str, Any]
    started_at: float
    pipeline_json: str = ""
    run_id: str | None = None


@dataclass(slots=True)
class RunRecord:
    """A run. `parameters` and `context` (of `RunContext`) are what it started with, `pipeline_json` the program's IR.

    `file` is the `.pipe` file as it was given, made absolute; `source_digest` that of all its texts.
    """

    run_id: str
    pipeline: str
    file: str
    source_digest: str
    parameters: dict[str, Any]
    context: dict[str, Any]
    started_at: float
    pipeline_json: str = ""
    status: RunStatus = "running"
    ended_at: float | None = None
    interrupted: bool = False
    returns: Any = None
    error: str | None = None
    tasks: dict[str, TaskRecord] = field(default_factory=dict)
    """By instance, in the order in which they were first heard of."""
    alerts: list[dict[str, Any]] = field(default_factory=list)
    resumed_at: list[float] = field(default_factory=list)

    def apply(self, entry: Entry) -> None:
        """Take in one fact."""
        match entry.kind:
            case "state":
                self._state(entry)
            case "attempt_started":
                task = self._task(entry)
                task.attempts.append(_begun_attempt(entry))
                task.attempts_made = max(task.attempts_made, entry.attempt)
            case "attempt_ended":
                self._attempt_ended(entry)
            case "mapped":
                self._task(entry).mapped = entry.data["count"]
            case "alert":
                self.alerts.append({"at": entry.at, "task": entry.task, **entry.data})
            case "resumed":
                self._resumed(entry)
            case "ended":
                self.status = entry.data["state"]
                self.ended_at = entry.at
                self.interrupted = entry.data.get("interrupted", False)
                self.returns = entry.data.get("returns")
                self.error = entry.data.get("error")
            case "approval_asked" | "approval_answered" | "asset" | "deadline":
                pass

    def mark_killed(self) -> None:
        """The process of the run is gone: what it left running was killed."""
        self.status = "killed"
        self._kill_attempts()

    def _kill_attempts(self) -> None:
        for task in self.tasks.values():
            for attempt in task.attempts:
                if attempt.state == "running":
                    attempt.state = "killed"

    def _task(self, entry: Entry) -> TaskRecord:
        return self.tasks.setdefault(entry.task, TaskRecord(entry.task))

    def _state(self, entry: Entry) -> None:
        task = self._task(entry)
        task.state = entry.data["state"]
        if task.state == "success":
            task.succeeded = True
        elif task.state in ("running", "up_for_retry", "failed"):
            task.succeeded = False
        task.attempts_made = max(task.attempts_made, entry.attempt)
        task.restored = entry.data.get("restored", False)
        failure = entry.data.get("failure")
        task.error = failure["message"] if failure else None
        if entry.data.get("outputs") is not None:
            task.outputs = entry.data["outputs"]

    def _attempt_ended(self, entry: Entry) -> None:
        for attempt in reversed(self._task(entry).attempts):
            if attempt.attempt == entry.attempt:
                attempt.state = entry.data["state"]
                attempt.ended_at = entry.at
                attempt.failure = entry.data.get("failure")
                attempt.cached_from = entry.data.get("cached_from")
                return

    def _resumed(self, entry: Entry) -> None:
        """What ran when the earlier part broke off was killed; every task is decided anew."""
        self.status, self.ended_at, self.error, self.returns, self.interrupted = "running", None, None, None, False
        self.resumed_at.append(entry.at)
        self.parameters = entry.data.get("parameters", self.parameters)
        self.source_digest = entry.data.get("source_digest", self.source_digest)
        self._kill_attempts()
        for task in self.tasks.values():
            task.state, task.error, task.mapped, task.restored = "pending", None, None, False
        for instance in entry.data.get("forgotten", ()):
            self.tasks[instance].succeeded = False


def _begun_attempt(entry: Entry) -> AttemptRecord:
    arguments = entry.data.get("arguments")
    return AttemptRecord(
        entry.attempt,
        entry.at,
        entry.data.get("inputs", {}),
        entry.data.get("log"),
        arguments=None if arguments is None else tuple(arguments),
    )


@dataclass(frozen=True, slots=True)
class RunSummary:
    """A line of the list of runs. `date` is `run.date`; times are Unix times."""

    run_id: str
    pipeline: str
    file: str
    status: RunStatus
    date: str
    interval_start: str
    interval_end: str
    started_at: float
    ended_at: float | None


@dataclass(frozen=True, slots=True)
class OpenApproval:
    """A question that nobody has answered yet."""

    run_id: str
    task: str
    message: str
    approvers: tuple[str, ...]
    asked_at: float


@dataclass(frozen=True, slots=True)
class CacheEntry:
    """The outputs of a success, to be used again by what has the same key.

    `parts` says what went into the key (`CacheKey`); `task` is the id of the instance. Unix time.
    """

    key: str
    parts: dict[str, str]
    pipeline: str
    task: str
    run_id: str
    stored_at: float
    outputs: dict[str, Any]
