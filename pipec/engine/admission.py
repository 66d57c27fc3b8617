"""Tasks that may start but wait for capacity, and who goes first."""

from __future__ import annotations

from collections import deque
from heapq import heappop, heappush
from typing import TYPE_CHECKING

from pipec.engine.capacity import Capacity, Need, Usage
from pipec.engine.graph import Node, Path
from pipec.ir.model import ApprovalRequest, PipelineCall, Task, WaitCondition

if TYPE_CHECKING:
    from pipec.engine.part import Part

_Key = tuple[float, float, int, Path, int]
_Waiting = tuple[_Key, "Part", Node]


class Admission:
    """Hands out tasks by the priority they declare, then that of their part, then source and item order.

    Higher comes first. A task that does not fit lets those go ahead that do. What takes no capacity goes at once.
    """

    def __init__(self, capacity: Capacity) -> None:
        self._capacity = capacity
        self._usage = Usage(capacity)
        self._needs: dict[str, Need] = {}
        self._waiting: dict[Need, list[_Waiting]] = {}
        self._free: deque[tuple[Part, Node]] = deque()
        self._count = 0

    def push(self, part: Part, node: Node) -> None:
        """Put a node in; one that is in already stays there once, one whose item has to wait comes in later."""
        if node.is_ready:
            return
        node.is_ready = True
        self._admit(part, node)

    def _admit(self, part: Part, node: Node) -> None:
        if not all(item.admit(node) for item in node.limits):
            return
        if not _takes_capacity(node.task):
            self._free.append((part, node))
            return
        self._count += 1
        declared = node.task.options.priority or 0
        key = (-declared, -part.priority(node.task.id), node.position, node.path, self._count)
        heappush(self._waiting.setdefault(self._capacity.need(node.task), []), (key, part, node))

    def pop(self) -> tuple[Part, Node] | None:
        """Take the next one out and its capacity with it; None where nothing fits."""
        if self._free:
            part, node = self._free.popleft()
            node.is_ready = False
            return part, node
        if not self._usage.has_slot:
            return None
        best: tuple[_Key, Need] | None = None
        for need, heap in self._waiting.items():
            if heap and (best is None or heap[0][0] < best[0]) and self._usage.fits(need):
                best = (heap[0][0], need)
        if best is None:
            return None
        _, part, node = heappop(self._waiting[best[1]])
        node.is_ready = False
        self._usage.take(best[1])
        return part, node

    def release(self, node: Node) -> None:
        """An attempt that was taken out has ended."""
        if _takes_capacity(node.task):
            self._usage.take(self._capacity.need(node.task), -1)

    def ended(self, part: Part, node: Node) -> None:
        """A node is final: items that waited for its item may begin."""
        for item in node.limits:
            for freed in item.ended_one():
                self._admit(part, freed)

    def clear(self, part: Part) -> None:
        """Nothing of a part starts any more."""
        for need, heap in self._waiting.items():
            kept = [waiting for waiting in heap if waiting[1] is not part]
            for _, _, node in (waiting for waiting in heap if waiting[1] is part):
                node.is_ready = False
            self._waiting[need] = sorted(kept, key=lambda waiting: waiting[0])


def _takes_capacity(task: Task) -> bool:
    """People, waits and called pipelines, whose own tasks take it, do not."""
    return not isinstance(task.implementation, ApprovalRequest | WaitCondition | PipelineCall)
