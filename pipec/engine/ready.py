"""Tasks that may start but wait for a free slot."""

from __future__ import annotations

from collections.abc import Mapping
from heapq import heappop, heappush

from pipec.engine.graph import Node


class ReadyQueue:
    """Hands out tasks by the priority they declare, then the value in `priorities`, then source order.

    Higher comes first; a task without either counts as 0.
    """

    def __init__(self, priorities: Mapping[str, float]) -> None:
        self._priorities = priorities
        self._heap: list[tuple[float, float, int, Node]] = []

    def __len__(self) -> int:
        return len(self._heap)

    def push(self, node: Node) -> None:
        """Put a task in; one that is in already stays there once."""
        if not node.is_ready:
            node.is_ready = True
            declared = node.task.options.priority or 0
            heappush(self._heap, (-declared, -self._priorities.get(node.task.id, 0.0), node.position, node))

    def pop(self) -> Node:
        """Take the next task out. Raises IndexError where none is left."""
        node = heappop(self._heap)[-1]
        node.is_ready = False
        return node

    def clear(self) -> None:
        while self._heap:
            self.pop()
