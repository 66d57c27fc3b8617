"""One pipeline in a run: the run itself, or a pipeline that is a task of another. Decides, plays, and hears of ends."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from pipec.engine.admission import Concurrency
from pipec.engine.alerting import run_alerts, task_alerts
from pipec.engine.attempts import (
    attempt_arguments,
    attempt_inputs,
    failed_requirements,
    missing_outputs,
    returned_outputs,
)
from pipec.engine.deciding import decide_node, decide_region
from pipec.engine.evaluate import EvaluationError
from pipec.engine.events import EndAttempt, Failure, StartAttempt, TaskChanged, TaskMapped, WaitForRetry
from pipec.engine.graph import Graph, Node, Place, RegionNode
from pipec.engine.retries import is_retried, retry_delay
from pipec.engine.scopes import Outputs, Scopes
from pipec.engine.states import FINAL, State
from pipec.engine.unknown import Unknown, UnknownValueError, items_value, truth
from pipec.engine.verdict import Verdict, verdict_of
from pipec.ir.model import (
    ApprovalRequest,
    Decision,
    GateCheck,
    Pipeline,
    PipelineCall,
    Requirement,
    Task,
    WaitCondition,
)

if TYPE_CHECKING:
    from pipec.engine.engine import Engine


@dataclass(eq=False)
class Part:
    """`prefix` stands before the ids of its tasks, `facts` holds the facts behind `run.…`.

    `base_priority` is added to that of its tasks. `caller` is the node in the part around it that it is the attempt of.
    `limits` are those of the called pipelines it is in, itself one of them, on how much of them runs at once.
    """

    engine: Engine
    pipeline: Pipeline
    parameters: Mapping[str, Any]
    facts: Mapping[str, Any]
    prefix: str = ""
    priorities: Mapping[str, float] = field(default_factory=dict)
    base_priority: float = 0.0
    caller: tuple[Part, Node] | None = None

    def __post_init__(self) -> None:
        self.graph = Graph(self.pipeline, self.prefix)
        self.outputs = Outputs(self.graph)
        self.scopes = Scopes(self.graph, self.outputs, self.parameters, self.facts, self.engine.is_certain)
        self.limits = self._limits()
        self.is_cancelled = False
        self.is_over = False
        self._undecided: deque[Node | RegionNode] = deque()
        self._called: dict[Node, Part] = {}
        nodes = self.graph.nodes.values()
        self._tasks_left = len(nodes)
        self._work_left = sum(not node.task.is_finally for node in nodes)

    def priority(self, task: str) -> float:
        """How urgent a task is among those that declare the same priority."""
        return self.base_priority + self.priorities.get(task, 0.0)

    def declared_priority(self, task: Task) -> int:
        """That of a task; where it has none, that of the task this part is an attempt of."""
        if task.options.priority is None and self.caller is not None:
            part, node = self.caller
            return part.declared_priority(node.task)
        return task.options.priority or 0

    def place(self, node: Node) -> Place:
        """Where a node stands among all others of the run."""
        around = self.caller[0].place(self.caller[1]) if self.caller is not None else ()
        return (*around, (node.position, node.path))

    # --- what happens to it ----------------------------------------------------------------------

    def begin(self) -> None:
        """Look at every task and map for the first time."""
        for node in self.graph.nodes.values():
            node.earlier_attempts = node.attempt = self.engine.attempts_before(node.id)
        self._undecided.extend(self.graph.outermost_regions())
        self._undecided.extend(self.graph.nodes.values())

    def attempt_succeeded(self, node: Node, outputs: Mapping[str, Any]) -> None:
        own = {(node.task.id, name): value for name, value in outputs.items()}
        messages = self._failed_requirements(node, own)
        if messages:
            self.attempt_failed(node, Failure("requirement", "\n".join(messages)))
        else:
            self._succeed(node, outputs)

    def attempt_failed(self, node: Node, failure: Failure) -> None:
        retry = node.task.options.retry
        if self.is_cancelled:
            self._end(node, "failed", failure=replace(failure, kind="cancelled"))
        elif failure.kind == "timeout" and isinstance(node.task.implementation, ApprovalRequest | WaitCondition):
            self._nobody_came(node, failure)
        elif retry is not None and is_retried(retry, failure, number := node.attempt - node.earlier_attempts):
            self._change(node, "up_for_retry", failure=failure)
            self.engine.command(WaitForRetry(node.id, node.attempt + 1, retry_delay(retry, number)))
        else:
            self._end(node, "failed", failure=failure)

    def approval_answered(self, node: Node, approved: bool) -> None:
        if approved:
            self._succeed(node, {})
        else:
            self._end(node, "skipped", failure=Failure("rejected", "rejected"))

    def retry_due(self, node: Node) -> None:
        self.engine.admission.push(self, node)

    def cancel(self) -> None:
        """What runs goes on until the driver has ended it; what waits for a retry failed, all else is skipped."""
        if self.is_cancelled or self.is_over:
            return
        self.is_cancelled = True
        for node in list(self.graph.nodes.values()):
            if node.state == "up_for_retry":
                self._end(node, "failed", failure=Failure("cancelled", "the run was cancelled before the next attempt"))
            elif node.state == "pending":
                self._end(node, "skipped")
        for part in list(self._called.values()):
            part.cancel()
        self.engine.decide_later(self)

    def end_attempts(self) -> None:
        """Have the driver end all that runs in it and in the pipelines it called."""
        for node in self.graph.nodes.values():
            if node.state == "running" and not isinstance(node.task.implementation, PipelineCall):
                self.engine.command(EndAttempt(node.id))
        for part in self._called.values():
            part.end_attempts()

    def time_out(self, node: Node) -> None:
        """A pipeline run as a task took too long: it is ended, and the attempt fails when nothing of it runs."""
        called = self._called[node]
        if not called.is_cancelled:
            called.end_attempts()
            called.cancel()

    # --- the machine -----------------------------------------------------------------------------

    def decide(self) -> None:
        """Decide all that can be decided now."""
        while self._undecided:
            match self._undecided.popleft():
                case RegionNode() as region if self._is_decidable(region):
                    self._decide_region(region)
                case Node() as node if node.state == "pending" and not node.is_ready:
                    self._decide_node(node)
        if self._tasks_left == 0 and not self.is_over:
            self.is_over = True
            self._finish()

    def start(self, node: Node) -> bool:
        """Start an attempt that capacity was found for; whether one runs now."""
        match node.task.implementation:
            case PipelineCall(pipeline=called):
                return self._call(node, called)
            case _:
                node.attempt += 1
                return self._run(node)

    def _decide_node(self, node: Node) -> None:
        match decide_node(node, work_is_final=self._work_left == 0):
            case "run":
                self._may_run(node)
            case "skipped" | "upstream_failed" as state:
                self._end(node, state)
            case "failed":
                assert node.region is not None
                self._end(node, "failed", failure=Failure("input", node.region.fault))

    def _may_run(self, node: Node) -> None:
        match node.task.implementation:
            case Decision() | GateCheck():
                self._play(node)
            case _ if not self._restore(node):
                self.engine.admission.push(self, node)

    def _is_decidable(self, region: RegionNode) -> bool:
        """Whether the list of a map may be asked for: not before it is known which items of the maps around it are."""
        return region.state == "open" and len(region.path) == len(self.graph.around(region)) and not self.is_cancelled

    def _decide_region(self, region: RegionNode) -> None:
        match decide_region(region):
            case "compute":
                self._expand(region)
            case "empty" | "upstream_failed" as state:
                region.state = state
                self._undecided.extend(self.graph.inside(region))

    def _expand(self, region: RegionNode) -> None:
        try:
            items = self._items(region)
        except EvaluationError as error:
            region.state, region.fault = "faulty", f"the list of the map: {error}"
        else:
            if items:
                self._map(region, items)
                return
            region.state = "empty"
        self._undecided.extend(self.graph.inside(region))

    def _map(self, region: RegionNode, items: list[Any]) -> None:
        for unexpanded, nodes in self.graph.expand(region, items):
            self.engine.forget(unexpanded.id)
            self.engine.command(TaskMapped(unexpanded.id, len(nodes)))
            self._tasks_left += len(nodes) - 1
            self._work_left += len(nodes) - 1
            for node in nodes:
                node.earlier_attempts = node.attempt = self.engine.attempts_before(node.id)
                self.engine.note(self, node)
            self._undecided.extend(nodes)
        self._undecided.extend(self.graph.regions_inside(region))

    def _play(self, node: Node) -> None:
        """Decisions and gates run no code: the engine itself is what they do."""
        node.attempt = 1
        messages = self._failed_requirements(node, {})
        if messages:
            self._end(node, "failed", failure=Failure("requirement", "\n".join(messages)))
        elif isinstance(node.task.implementation, Decision):
            try:
                chosen = self._chosen(node, node.task.implementation)
            except EvaluationError as error:
                self._end(node, "failed", failure=Failure("input", str(error)))
            else:
                self._succeed(node, {"output": chosen})
        else:
            self._succeed(node, {})

    def _restore(self, node: Node) -> bool:
        """Whether the node's success of the earlier part of a resumed run still stands."""
        earlier = self.engine.restored(node.id)
        if earlier is None or earlier.outputs is None or isinstance(node.task.implementation, PipelineCall):
            return False
        scope = self.scopes.of_node(node)
        try:
            inputs, arguments = attempt_inputs(node.task, scope), attempt_arguments(node.task, scope)
        except EvaluationError:
            return False
        if inputs != earlier.inputs or earlier.arguments not in (None, arguments):
            return False
        self._succeed(node, earlier.outputs, restored=True)
        return True

    def _run(self, node: Node) -> bool:
        scope = self.scopes.of_node(node)
        try:
            inputs = attempt_inputs(node.task, scope)
            arguments = attempt_arguments(node.task, scope)
        except EvaluationError as error:
            self._end(node, "failed", failure=Failure("input", str(error)))
            return False
        self._change(node, "running")
        self.engine.command(StartAttempt(node.id, node.attempt, inputs, arguments))
        return True

    def _call(self, node: Node, key: str) -> bool:
        """Begin the attempt of a pipeline run as a task; a resumed one goes on with the attempt it was in."""
        if node.state == "pending" and node.earlier_attempts:
            node.earlier_attempts -= 1
        else:
            node.attempt += 1
        try:
            inputs = attempt_inputs(node.task, self.scopes.of_node(node))
        except EvaluationError as error:
            self._end(node, "failed", failure=Failure("input", str(error)))
            return False
        self._change(node, "running")
        called, problem = self.engine.call(self, node, key, inputs)
        if called is None:
            self._end(node, "failed", failure=Failure("input", problem))
            return False
        self._called[node] = called
        return True

    def call_ended(self, node: Node, verdict: Verdict) -> None:
        """A pipeline that is an attempt of a task ended."""
        called = self._called.pop(node)
        if called.is_cancelled and not self.is_cancelled:
            self.attempt_failed(node, Failure("timeout", f"timed out after {node.task.options.timeout:g}s"))
        elif verdict.state == "failed":
            self.attempt_failed(node, Failure("error", f"the pipeline {called.pipeline.name} failed: {verdict.reason}"))
        else:
            returned = returned_outputs(node.task, verdict.returns)
            missing = missing_outputs(node.task, returned)
            if missing:
                self.attempt_failed(node, Failure("output", missing))
            else:
                self.attempt_succeeded(node, returned)

    # --- what nobody knows ---------------------------------------------------------------------------

    def _chosen(self, node: Node, decision: Decision) -> bool:
        try:
            return truth(decision.condition, self.scopes.of_node(node))
        except UnknownValueError as error:
            return self.engine.guess(node.id, error).decision(node.id)

    def _items(self, region: RegionNode) -> list[Any]:
        try:
            return items_value(region.region.items, self.scopes.of_region(region))
        except UnknownValueError as error:
            name = f"{self.prefix}{region.region.name}"
            return [Unknown((f"the items of {name}",))] * self.engine.guess(name, error).items(name)

    def _failed_requirements(self, node: Node, own: Mapping[tuple[str, str], Any]) -> list[str]:
        if not node.task.requirements:
            return []

        def guessed(requirement: Requirement, error: UnknownValueError) -> bool:
            return self.engine.guess(node.id, error).requirement(node.id, requirement.source)

        return failed_requirements(node.task.requirements, self.scopes.of_node(node, own), guessed)

    # --- ends ----------------------------------------------------------------------------------------

    def _nobody_came(self, node: Node, failure: Failure) -> None:
        implementation = node.task.implementation
        assert isinstance(implementation, ApprovalRequest | WaitCondition)
        match implementation.on_timeout:
            case "approve":
                self._succeed(node, {})
            case "reject" | "skip":
                self._end(node, "skipped", failure=failure)
            case "fail":
                self._end(node, "failed", failure=failure)

    def _succeed(self, node: Node, outputs: Mapping[str, Any], *, restored: bool = False) -> None:
        self.outputs.set(node, outputs)
        self._end(node, "success", outputs=dict(outputs), restored=restored)

    def _end(
        self,
        node: Node,
        state: State,
        *,
        failure: Failure | None = None,
        outputs: dict[str, Any] | None = None,
        restored: bool = False,
    ) -> None:
        self._change(node, state, failure=failure, outputs=outputs, restored=restored)
        self._tasks_left -= 1
        is_decision = isinstance(node.task.implementation, Decision)
        chosen = self.outputs.of(node).get("output") if is_decision else None
        for group in node.downstream:
            if group.ended(node, chosen):
                self._undecided.extend(group.members)
        self.engine.admission.ended(self, node)
        if not node.task.is_finally:
            self._work_left -= 1
            if self._work_left == 0:
                self._undecided.extend(node for node in self.graph.nodes.values() if node.task.is_finally)

    def _change(
        self,
        node: Node,
        state: State,
        *,
        failure: Failure | None = None,
        outputs: dict[str, Any] | None = None,
        restored: bool = False,
    ) -> None:
        node.state = state
        self.engine.note(self, node)
        self.engine.command(TaskChanged(node.id, state, node.attempt, failure, outputs, restored))
        if not (self.is_cancelled or restored):
            for alert in task_alerts(self.pipeline, node.task, node.id, state, failure):
                self.engine.command(alert)

    def _finish(self) -> None:
        if self.is_cancelled:
            verdict = Verdict("failed", reason="it was stopped")
        else:
            verdict = verdict_of(self.graph, self.pipeline.returns, self.scopes.of_pipeline())
            caller = self.caller[1].id if self.caller is not None else None
            for alert in run_alerts(self.pipeline, caller, verdict.state, verdict.reason):
                self.engine.command(alert)
        self.engine.part_ended(self, verdict)

    def _limits(self) -> tuple[Concurrency, ...]:
        if self.caller is None:
            return ()
        around, concurrency = self.caller[0].limits, self.pipeline.concurrency
        return around if concurrency is None else (*around, Concurrency(concurrency))

    def is_final(self, task: str) -> bool:
        """Whether every instance of a task is final."""
        return all(node.state in FINAL for node in self.graph.instances_of(task))
