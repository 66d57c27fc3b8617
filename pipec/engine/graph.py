"""The tasks of a run as nodes that know their neighbours and count what is final upstream of them."""

from __future__ import annotations

from dataclasses import dataclass, field

from pipec.engine.events import State
from pipec.engine.trigger_rules import FAILURE_BEATS_SKIP, Decided, StateCounts, decide_by_counts
from pipec.ir.model import ApprovalRequest, Pipeline, PipelineCall, Task, WaitCondition


@dataclass(slots=True, eq=False)
class Node:
    """A task in a run.

    `sides` holds, for each decision directly upstream, the side of it that the task stands in. `open_decisions` of
    them are not final yet; `is_untaken` is true once one of them chose the other side. `is_ready` is true from the
    moment the task may start until it does.
    """

    task: Task
    position: int
    counts: StateCounts
    sides: dict[str, bool]
    open_decisions: int
    downstream: list[Node] = field(default_factory=list)
    state: State = "pending"
    attempt: int = 0
    is_untaken: bool = False
    is_ready: bool = False

    def upstream_ended(self, upstream: Node, chosen: bool | None) -> None:
        """Note that a direct upstream task is final; `chosen` is the side it took where it decided one."""
        self.counts.add(upstream.state)
        if upstream.task.id in self.sides:
            self.open_decisions -= 1
            self.is_untaken = self.is_untaken or chosen not in (None, self.sides[upstream.task.id])


def build_nodes(pipeline: Pipeline) -> dict[str, Node]:
    """The nodes of a pipeline by task id, in source order.

    Raises ValueError where the pipeline uses what the engine does not play or an upstream task is not there.
    """
    if pipeline.maps:
        raise ValueError(f"the engine does not play maps: {pipeline.maps[0].name}")
    nodes = {task.id: _node(task, position) for position, task in enumerate(pipeline.tasks)}
    for node in nodes.values():
        for upstream in dict.fromkeys(node.task.upstream):
            if upstream not in nodes:
                raise ValueError(f"task {node.task.id} has the unknown upstream task {upstream}")
            nodes[upstream].downstream.append(node)
    return nodes


def _node(task: Task, position: int) -> Node:
    if isinstance(task.implementation, PipelineCall | ApprovalRequest | WaitCondition):
        raise ValueError(f"the engine does not play {task.implementation.kind} tasks: {task.id}")
    upstream = set(task.upstream)
    sides = {side.decision: side.taken for side in task.branches if side.decision in upstream}
    return Node(task, position, StateCounts(total=len(upstream)), sides, open_decisions=len(sides))


def decide_node(node: Node, work_is_final: bool) -> Decided:
    """What becomes of a pending task; `work_is_final` says that every task outside `finally` is final.

    A task right behind a decision does not start before the decision is final, not even by an eager rule, and is
    skipped when the other side was chosen, unless its rule makes a failure upstream win.
    """
    if node.task.is_finally:
        return _decide_finally(node, work_is_final)
    rule = node.task.trigger_rule
    if node.is_untaken:
        if rule not in FAILURE_BEATS_SKIP:
            return "skipped"
        if node.counts.failures:
            return "upstream_failed"
        return "skipped" if node.counts.all_final else "wait"
    decided = decide_by_counts(rule, node.counts)
    return "wait" if decided == "run" and node.open_decisions else decided


def _decide_finally(node: Node, work_is_final: bool) -> Decided:
    if not work_is_final:
        return "wait"
    if node.is_untaken:
        return "skipped"
    return "run" if node.counts.all_final else "wait"
