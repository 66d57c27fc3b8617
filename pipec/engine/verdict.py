"""Whether a run as a whole failed."""

from __future__ import annotations

from collections.abc import Iterable

from pipec.engine.events import RunState
from pipec.engine.graph import Node


def verdict(nodes: Iterable[Node]) -> RunState:
    """The state of a run whose tasks are all final.

    It failed if a task that nothing outside `finally` follows is failed or upstream_failed: the leaves outside
    `finally`, and every task of `finally`.
    """
    decisive = (node for node in nodes if all(downstream.task.is_finally for downstream in node.downstream))
    return "failed" if any(node.state in ("failed", "upstream_failed") for node in decisive) else "success"
