"""The meaning of a run: events of the world in, commands out.

The engine reads no clock, starts nothing and writes nothing. A driver sends it `RunStarted` and from then on what
becomes of the attempts it asks for; whatever order these come in, the same outcomes end in the same states.
"""

from __future__ import annotations

from collections import ChainMap, deque
from collections.abc import Mapping
from dataclasses import asdict, replace
from types import MappingProxyType
from typing import Any

from pipec.engine.attempts import attempt_arguments, attempt_inputs, failed_requirements
from pipec.engine.evaluate import EvaluationError, Scope, evaluate, json_value
from pipec.engine.events import (
    AttemptFailed,
    AttemptSucceeded,
    CancelRun,
    Command,
    Event,
    Failure,
    RetryDue,
    RunContext,
    RunFinished,
    RunStarted,
    RunState,
    StartAttempt,
    State,
    TaskChanged,
    WaitForRetry,
)
from pipec.engine.graph import Node, build_nodes, decide_node
from pipec.engine.ready import ReadyQueue
from pipec.engine.retries import is_retried, retry_delay
from pipec.engine.verdict import verdict
from pipec.ir.model import Decision, GateCheck, Pipeline


class Engine:
    """One run of a pipeline.

    `parameters` holds the value of every parameter in JSON form (`pipec.parameters.complete_parameters`). At most
    `max_parallel` attempts run at once, nor more than the pipeline's own `concurrency`. Of the tasks that may start,
    those of higher declared priority come first, then those of higher value in `priorities` (by task id), then source
    order.

    Raises ValueError where a parameter has no value or the pipeline uses what the engine does not play: maps,
    approvals, waits, pipelines as tasks.
    """

    def __init__(
        self,
        pipeline: Pipeline,
        parameters: Mapping[str, Any],
        context: RunContext,
        *,
        max_parallel: int | None = None,
        priorities: Mapping[str, float] | None = None,
    ) -> None:
        self._pipeline = pipeline
        self._facts = asdict(context)
        self._nodes = build_nodes(pipeline)
        missing = [parameter.name for parameter in pipeline.parameters if parameter.name not in parameters]
        if missing:
            raise ValueError(f"parameters without a value: {', '.join(missing)}")
        self._parameters = parameters
        self._slots = min((n for n in (max_parallel, pipeline.concurrency) if n is not None), default=len(self._nodes))
        self._ready = ReadyQueue(priorities or {})
        self._states: dict[str, State] = {task_id: node.state for task_id, node in self._nodes.items()}
        self._outputs: dict[str, dict[str, Any]] = {}
        self._values: dict[tuple[str, str], Any] = {}
        self._undecided: deque[Node] = deque()
        self._finally_nodes = [node for node in self._nodes.values() if node.task.is_finally]
        self._work_left = len(self._nodes) - len(self._finally_nodes)
        self._tasks_left = len(self._nodes)
        self._running = 0
        self._is_cancelled = False
        self._run_state: RunState | None = None
        self._commands: list[Command] = []

    @property
    def states(self) -> Mapping[str, State]:
        """The state of every task by its id; a live view."""
        return MappingProxyType(self._states)

    @property
    def run_state(self) -> RunState:
        """Running until `RunFinished` was commanded."""
        return self._run_state or "running"

    def outputs(self, task_id: str) -> Mapping[str, Any]:
        """The outputs of a task in JSON form by name, empty until it succeeded."""
        return MappingProxyType(self._outputs.get(task_id, {}))

    def attempts(self, task_id: str) -> int:
        """How many attempts of a task were begun."""
        return self._nodes[task_id].attempt

    def handle(self, event: Event) -> list[Command]:
        """Take an event and say what to do next.

        A `RetryDue` or `CancelRun` that comes too late is no event. Raises ValueError for a second `RunStarted` and
        for the end of an attempt that does not run.
        """
        self._commands = []
        match event:
            case RunStarted():
                self._begin()
            case AttemptSucceeded(task=task_id, outputs=outputs):
                self._attempt_succeeded(self._end_attempt(task_id), outputs)
            case AttemptFailed(task=task_id, failure=failure):
                self._attempt_failed(self._end_attempt(task_id), failure)
            case RetryDue(task=task_id):
                if self._states[task_id] == "up_for_retry":
                    self._ready.push(self._nodes[task_id])
            case CancelRun():
                self._cancel()
        self._advance()
        return self._commands

    # --- events ----------------------------------------------------------------------------------

    def _begin(self) -> None:
        if self._run_state is not None:
            raise ValueError("the run was started before")
        self._run_state = "running"
        self._undecided.extend(self._nodes.values())

    def _end_attempt(self, task_id: str) -> Node:
        node = self._nodes[task_id]
        if node.state != "running":
            raise ValueError(f"no attempt of {task_id} is running: it is {node.state}")
        self._running -= 1
        return node

    def _attempt_succeeded(self, node: Node, outputs: dict[str, Any]) -> None:
        own = {(node.task.id, name): value for name, value in outputs.items()}
        messages = failed_requirements(node.task.requirements, self._scope(node, own))
        if messages:
            self._attempt_failed(node, Failure("requirement", "\n".join(messages)))
        else:
            self._succeed(node, outputs)

    def _attempt_failed(self, node: Node, failure: Failure) -> None:
        retry = node.task.options.retry
        if self._is_cancelled:
            self._end(node, "failed", failure=replace(failure, kind="cancelled"))
        elif retry is not None and is_retried(retry, failure, node.attempt):
            self._change(node, "up_for_retry", failure=failure)
            delay = retry_delay(retry, node.attempt)
            self._commands.append(WaitForRetry(node.task.id, node.attempt + 1, delay))
        else:
            self._end(node, "failed", failure=failure)

    def _cancel(self) -> None:
        """What runs goes on until the driver has ended it; what waits for a retry failed, all else is skipped."""
        if self._is_cancelled or self._run_state in ("success", "failed"):
            return
        self._run_state = "running"
        self._is_cancelled = True
        self._ready.clear()
        for node in self._nodes.values():
            if node.state == "up_for_retry":
                self._end(node, "failed", failure=Failure("cancelled", "the run was cancelled before the next attempt"))
            elif node.state == "pending":
                self._end(node, "skipped")

    # --- the machine -----------------------------------------------------------------------------

    def _advance(self) -> None:
        """Decide and start tasks until nothing more can be."""
        self._decide()
        while self._ready and self._running < self._slots:
            self._start(self._ready.pop())
            self._decide()
        if self._run_state == "running" and self._tasks_left == 0:
            self._finish()

    def _decide(self) -> None:
        while self._undecided:
            node = self._undecided.popleft()
            if node.state != "pending":
                continue
            match decide_node(node, work_is_final=self._work_left == 0):
                case "run" if isinstance(node.task.implementation, Decision | GateCheck):
                    self._play(node)
                case "run":
                    self._ready.push(node)
                case "skipped" | "upstream_failed" as state:
                    self._end(node, state)

    def _play(self, node: Node) -> None:
        """Decisions and gates run no code: the engine itself is what they do."""
        node.attempt = 1
        scope = self._scope(node)
        messages = failed_requirements(node.task.requirements, scope)
        if messages:
            self._end(node, "failed", failure=Failure("requirement", "\n".join(messages)))
        elif isinstance(node.task.implementation, Decision):
            try:
                chosen = bool(evaluate(node.task.implementation.condition, scope))
            except EvaluationError as error:
                self._end(node, "failed", failure=Failure("input", str(error)))
            else:
                self._succeed(node, {"output": chosen})
        else:
            self._succeed(node, {})

    def _start(self, node: Node) -> None:
        node.attempt += 1
        scope = self._scope(node)
        try:
            inputs = attempt_inputs(node.task, scope)
            arguments = attempt_arguments(node.task, scope)
        except EvaluationError as error:
            self._end(node, "failed", failure=Failure("input", str(error)))
        else:
            self._running += 1
            self._change(node, "running")
            self._commands.append(StartAttempt(node.task.id, node.attempt, inputs, arguments))

    def _succeed(self, node: Node, outputs: dict[str, Any]) -> None:
        self._outputs[node.task.id] = outputs
        self._values |= {(node.task.id, name): value for name, value in outputs.items()}
        self._end(node, "success", outputs=outputs)

    def _end(
        self, node: Node, state: State, *, failure: Failure | None = None, outputs: dict[str, Any] | None = None
    ) -> None:
        self._change(node, state, failure=failure, outputs=outputs)
        self._tasks_left -= 1
        chosen = self._values.get((node.task.id, "output")) if isinstance(node.task.implementation, Decision) else None
        for downstream in node.downstream:
            downstream.upstream_ended(node, chosen)
            self._undecided.append(downstream)
        if not node.task.is_finally:
            self._work_left -= 1
            if self._work_left == 0:
                self._undecided.extend(self._finally_nodes)

    def _change(
        self, node: Node, state: State, *, failure: Failure | None = None, outputs: dict[str, Any] | None = None
    ) -> None:
        node.state = self._states[node.task.id] = state
        self._commands.append(TaskChanged(node.task.id, state, node.attempt, failure, outputs))

    def _finish(self) -> None:
        self._run_state = "failed" if self._is_cancelled else verdict(self._nodes.values())
        returns, failure = None, None
        if self._run_state == "success" and self._pipeline.returns is not None:
            try:
                returns = json_value(self._pipeline.returns, self._run_scope(attempt=1))
            except EvaluationError as error:
                self._run_state, failure = "failed", Failure("output", f"the return value: {error}")
        self._commands.append(RunFinished(self._run_state, returns, failure))

    # --- what expressions see --------------------------------------------------------------------

    def _scope(self, node: Node, own: dict[tuple[str, str], Any] | None = None) -> Scope:
        scope = self._run_scope(node.attempt)
        return scope if own is None else replace(scope, outputs=ChainMap(own, self._values))

    def _run_scope(self, attempt: int) -> Scope:
        return Scope(self._parameters, self._facts | {"attempt": attempt}, self._values)
