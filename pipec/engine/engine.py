"""The meaning of a run: events of the world in, commands out.

The engine reads no clock, starts nothing and writes nothing. A driver sends it `RunStarted` and from then on what
becomes of the attempts it asks for; whatever order these come in, the same outcomes end in the same states.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from pipec.engine.admission import Admission
from pipec.engine.alerting import deadline_alerts
from pipec.engine.capacity import Capacity
from pipec.engine.events import (
    ApprovalAnswered,
    AttemptFailed,
    AttemptSucceeded,
    CancelRun,
    Command,
    DeadlineMissed,
    Event,
    RetryDue,
    RunContext,
    RunFinished,
    RunStarted,
    StartTimer,
    TimerDue,
)
from pipec.engine.graph import Node
from pipec.engine.part import Part
from pipec.engine.restored import Restored
from pipec.engine.states import RunState, State
from pipec.engine.unknown import Guess, UnknownValueError
from pipec.engine.verdict import Verdict
from pipec.ir.model import Pipeline, PipelineCall, Task


class Engine:
    """One run of a pipeline.

    `parameters` holds the value of every parameter in JSON form (`pipec.parameters.complete_parameters`), `pipelines`
    those that it runs as tasks, by their keys. Attempts share `capacity`; its slots are also limited by the pipeline's
    own `concurrency`. Of the tasks that may start, those of higher declared priority come first, then those of higher
    value in `priorities` (by task id), then source order. `restored` is what a resumed run did before, by instance.

    Where no code runs, `is_certain` is false: outputs may be `UNKNOWN`, and `guess` decides what hangs on them. Without
    it, or where it raises the error too, what does fails. `needed` holds the outputs by who needed them. `when_ready`
    is told of every instance that may start and has to find capacity.

    Raises ValueError where a parameter has no value or a pipeline that is run as a task is not there.
    """

    def __init__(
        self,
        pipeline: Pipeline,
        parameters: Mapping[str, Any],
        context: RunContext,
        *,
        pipelines: Mapping[str, Pipeline] | None = None,
        capacity: Capacity | None = None,
        priorities: Mapping[str, float] | None = None,
        restored: Mapping[str, Restored] | None = None,
        is_certain: bool = True,
        guess: Guess | None = None,
        when_ready: Callable[[str], None] | None = None,
    ) -> None:
        missing = [parameter.name for parameter in pipeline.parameters if parameter.name not in parameters]
        if missing:
            raise ValueError(f"parameters without a value: {', '.join(missing)}")
        self._pipelines = pipelines or {}
        self._check_called(pipeline, set())
        self._context = context
        self._restored = restored or {}
        self.is_certain = is_certain
        self.needed: dict[str, tuple[str, ...]] = {}
        self._guess = guess
        self.admission = Admission(_limited(capacity or Capacity(), pipeline.concurrency), when_ready)
        self._states: dict[str, State] = {}
        self._owners: dict[str, tuple[Part, Node]] = {}
        self._undecided: list[Part] = []
        self._timeouts: dict[str, tuple[Part, Node]] = {}
        self._deadlines: dict[str, tuple[Part, Task | None, float]] = {}
        self._with_capacity: set[Node] = set()
        self._run_state: RunState | None = None
        self._commands: list[Command] = []
        self._main = Part(self, pipeline, parameters, context.facts(), priorities=priorities or {})
        self._enter(self._main)

    @property
    def states(self) -> Mapping[str, State]:
        """The state of every instance by its id; a live view."""
        return MappingProxyType(self._states)

    @property
    def run_state(self) -> RunState:
        """Running until `RunFinished` was commanded."""
        return self._run_state or "running"

    def task(self, id: str) -> Task:
        """The task of an instance. Raises KeyError for one that is not there."""
        return self._owners[id][1].task

    def outputs(self, id: str) -> Mapping[str, Any]:
        """The outputs of an instance in JSON form by name, empty until it succeeded."""
        part, node = self._owners[id]
        return MappingProxyType(dict(part.outputs.of(node)))

    def attempts(self, id: str) -> int:
        """How many attempts of an instance were begun."""
        return self._owners[id][1].attempt

    def handle(self, event: Event) -> list[Command]:
        """Take an event and say what to do next.

        A `RetryDue`, `TimerDue` or `CancelRun` that comes too late is no event. Raises ValueError for a second
        `RunStarted` and for the end of an attempt that does not run.
        """
        self._commands = []
        match event:
            case RunStarted():
                self._begin()
            case AttemptSucceeded(task=id, outputs=outputs):
                part, node = self._end_attempt(id)
                part.attempt_succeeded(node, outputs)
            case AttemptFailed(task=id, failure=failure):
                part, node = self._end_attempt(id)
                part.attempt_failed(node, failure)
            case ApprovalAnswered(task=id, approved=approved):
                part, node = self._end_attempt(id)
                part.approval_answered(node, approved)
            case RetryDue(task=id):
                part, node = self._owners[id]
                if node.state == "up_for_retry":
                    part.retry_due(node)
            case TimerDue(timer=timer):
                self._timer_due(timer)
            case CancelRun():
                self._cancel()
        self._advance()
        return self._commands

    # --- events ----------------------------------------------------------------------------------

    def _begin(self) -> None:
        if self._run_state is not None:
            raise ValueError("the run was started before")
        self._run_state = "running"
        self._begin_part(self._main)

    def _begin_part(self, part: Part) -> None:
        part.begin()
        self._undecided.append(part)
        self._start_deadline(f"deadline {part.prefix}".rstrip(), part, None, part.pipeline.deadline)
        for task in part.pipeline.tasks:
            self._start_deadline(f"deadline {part.prefix}{task.id}", part, task, task.options.deadline)

    def _start_deadline(self, timer: str, part: Part, task: Task | None, seconds: float | None) -> None:
        if seconds is not None:
            self._deadlines[timer] = (part, task, seconds)
            self.command(StartTimer(timer, seconds))

    def _end_attempt(self, id: str) -> tuple[Part, Node]:
        part, node = self._owners.get(id, (None, None))
        if part is None or node is None or node.state != "running":
            raise ValueError(f"no attempt of {id} is running: it is {node.state if node is not None else 'unknown'}")
        if node in self._with_capacity:
            self._with_capacity.remove(node)
            self.admission.release(part, node)
        self._undecided.append(part)
        return part, node

    def _timer_due(self, timer: str) -> None:
        if timer in self._timeouts:
            part, node = self._timeouts.pop(timer)
            part.time_out(node)
        elif timer in self._deadlines:
            self._deadline_due(*self._deadlines.pop(timer))

    def _deadline_due(self, part: Part, task: Task | None, seconds: float) -> None:
        if part.is_over or part.is_cancelled or (task is not None and part.is_final(task.id)):
            return
        caller = part.caller[1].id if part.caller is not None else None
        missed = caller if task is None else f"{part.prefix}{task.id}"
        self.command(DeadlineMissed(missed, seconds))
        self._commands.extend(deadline_alerts(part.pipeline, task, missed, seconds))

    def _cancel(self) -> None:
        if self._run_state not in ("success", "failed"):
            self._run_state = "running"
            self._main.cancel()

    # --- the machine -----------------------------------------------------------------------------

    def _advance(self) -> None:
        """Decide and start tasks until nothing more can be."""
        if self._run_state != "running":
            return
        self._decide()
        while (found := self.admission.pop()) is not None:
            part, node = found
            if node.state in ("pending", "up_for_retry") and part.start(node):
                self._with_capacity.add(node)
            else:
                self.admission.release(part, node)
            part.decide()
            self._decide()

    def _decide(self) -> None:
        self._main.decide()
        while self._undecided:
            self._undecided.pop().decide()

    # --- what parts ask for ----------------------------------------------------------------------

    def command(self, command: Command) -> None:
        """Hand a command to the driver."""
        self._commands.append(command)

    def decide_later(self, part: Part) -> None:
        """Something changed in a part: look at it once more before the event is done with."""
        self._undecided.append(part)

    def note(self, part: Part, node: Node) -> None:
        """Keep the state of a node."""
        self._states[node.id] = node.state
        self._owners[node.id] = (part, node)

    def forget(self, id: str) -> None:
        """A task in a map stands for itself no more: its instances do."""
        del self._states[id], self._owners[id]

    def restored(self, id: str) -> Restored | None:
        """What is known of an instance from before the run was resumed."""
        return self._restored.get(id)

    def guess(self, id: str, error: UnknownValueError) -> Guess:
        """Who decides for an instance or a map what hangs on something unknown. Raises the error where nobody does."""
        self.needed[id] = error.names
        if self._guess is None:
            raise error
        return self._guess

    def attempts_before(self, id: str) -> int:
        earlier = self._restored.get(id)
        return earlier.attempts if earlier is not None else 0

    def call(self, part: Part, node: Node, key: str, inputs: Mapping[str, Any]) -> tuple[Part | None, str]:
        """Begin a pipeline that is an attempt of a task; None and why, where its parameters have no values."""
        from pipec.parameters import complete_parameters

        pipeline = self._pipelines[key]
        parameters, problems = complete_parameters(pipeline, inputs, self._context)
        if problems:
            return None, "\n".join(problem.message for problem in problems)
        called = Part(
            self,
            pipeline,
            parameters,
            part.facts,
            prefix=f"{_attempt(node)}/",
            base_priority=part.priority(node.task.id),
            caller=(part, node),
        )
        self._enter(called)
        self._begin_part(called)
        if node.task.options.timeout is not None:
            self._timeouts[_timeout(node)] = (part, node)
            self.command(StartTimer(_timeout(node), node.task.options.timeout))
        return called, ""

    def part_ended(self, part: Part, verdict: Verdict) -> None:
        """A part is over: the run, or the attempt of a task."""
        if part.caller is None:
            self._run_state = verdict.state
            self.command(RunFinished(verdict.state, verdict.returns, verdict.failure))
        else:
            caller, node = part.caller
            self._timeouts.pop(_timeout(node), None)
            caller.call_ended(node, verdict)
            self._undecided.append(caller)

    def _enter(self, part: Part) -> None:
        for node in part.graph.nodes.values():
            self.note(part, node)

    def _check_called(self, pipeline: Pipeline, seen: set[str]) -> None:
        for task in pipeline.tasks:
            match task.implementation:
                case PipelineCall(pipeline=key) if key not in self._pipelines:
                    raise ValueError(f"task {task.id} runs the unknown pipeline {key}")
                case PipelineCall(pipeline=key) if key not in seen:
                    seen.add(key)
                    self._check_called(self._pipelines[key], seen)


def _attempt(node: Node) -> str:
    """An attempt of a pipeline run as a task: the id of the task, with the number of the attempt from the second on."""
    return node.id if node.attempt == 1 else f"{node.id}@{node.attempt}"


def _timeout(node: Node) -> str:
    return f"timeout {_attempt(node)}"


def _limited(capacity: Capacity, concurrency: int | None) -> Capacity:
    slots = [slots for slots in (capacity.slots, concurrency) if slots is not None]
    return replace(capacity, slots=min(slots, default=None))
