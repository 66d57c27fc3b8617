"""What becomes of a node that waits: by its trigger rule, the decisions above it and the map it stands in."""

from __future__ import annotations

from typing import Literal

from pipec.engine.graph import Node, RegionNode
from pipec.engine.trigger_rules import FAILURE_BEATS_SKIP, Decided, StateCounts, decide_by_counts


def decide_node(node: Node, work_is_final: bool) -> Decided | Literal["failed"]:
    """What becomes of a pending node; `work_is_final` says that every task outside `finally` is final.

    A task in a map whose list is not known waits for it. What would run is skipped where the list is empty or a source
    of the list was skipped, and fails where the list could not be computed. Where a source failed it is
    upstream_failed, whatever its rule.
    """
    if node.region is None:
        return _decide(node, work_is_final)
    match node.region.state:
        case "upstream_failed":
            return "upstream_failed"
        case "empty":
            decided = _decide(node, work_is_final)
            return "skipped" if decided == "run" else decided
        case "faulty":
            decided = _decide(node, work_is_final)
            return "failed" if decided == "run" else decided
        case _:
            return "wait"


def decide_region(region: RegionNode) -> Literal["compute", "wait", "empty", "upstream_failed"]:
    """What becomes of a map whose list is not known: it is computed when all tasks it is read from succeeded."""
    counts = StateCounts(total=0)
    for group in region.groups:
        counts.join(group.counts)
    match decide_by_counts("all_success", counts):
        case "run":
            return "compute"
        case "skipped":
            return "empty"
        case decided:
            return decided


def _decide(node: Node, work_is_final: bool) -> Decided:
    """A task right behind a decision does not start before the decision is final, not even by an eager rule.

    It is skipped when the other side was chosen, unless its rule makes a failure upstream win.
    """
    if node.task.is_finally:
        return _decide_finally(node, work_is_final)
    rule = node.task.trigger_rule
    counts = node.counts
    if node.is_untaken:
        if rule not in FAILURE_BEATS_SKIP:
            return "skipped"
        if counts.failures:
            return "upstream_failed"
        return "skipped" if counts.all_final else "wait"
    decided = decide_by_counts(rule, counts)
    return "wait" if decided == "run" and node.has_open_decision else decided


def _decide_finally(node: Node, work_is_final: bool) -> Decided:
    if not work_is_final:
        return "wait"
    if node.is_untaken:
        return "skipped"
    return "run" if node.counts.all_final else "wait"
