"""Tasks that may start but wait for capacity, and who goes first."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import TYPE_CHECKING

from pipec.engine.capacity import Capacity, Need, Usage
from pipec.engine.graph import Node, Place
from pipec.ir.model import ApprovalRequest, PipelineCall, Task, WaitCondition

if TYPE_CHECKING:
    from pipec.engine.part import Part

_Key = tuple[int, float, Place, int]
_Waiting = tuple[_Key, "Part", Node]


@dataclass(slots=True, eq=False)
class Concurrency:
    """Of a called pipeline that says how many of its tasks run at once: `room` more may. The others are set aside."""

    room: int
    aside: dict[Need, list[_Waiting]] = field(default_factory=dict)


class Admission:
    """Hands out tasks by the priority they declare, then that of their part, then source and item order.

    Tasks of a pipeline run as a task stand at its place, and have its priority where they declare none.

    Higher comes first. A task that does not fit lets those go ahead that do. What takes no capacity goes at once.
    `when_ready` is told of every instance that is put in.
    """

    def __init__(self, capacity: Capacity, when_ready: Callable[[str], None] | None = None) -> None:
        self._capacity = capacity
        self._when_ready = when_ready
        self._usage = Usage(capacity)
        self._waiting: dict[Need, list[_Waiting]] = {}
        self._free: deque[tuple[Part, Node]] = deque()
        self._count = 0

    def push(self, part: Part, node: Node) -> None:
        """Put a node in; one that is in already stays there once, one whose item has to wait comes in later."""
        if node.is_ready:
            return
        node.is_ready = True
        if self._when_ready is not None:
            self._when_ready(node.id)
        self._admit(part, node)

    def _admit(self, part: Part, node: Node) -> None:
        if not all(item.admit(node) for item in node.limits):
            return
        if not _takes_capacity(node.task):
            self._free.append((part, node))
            return
        self._count += 1
        key = (-part.declared_priority(node.task), -part.priority(node.task.id), part.place(node), self._count)
        heappush(self._waiting.setdefault(self._capacity.need(node.task), []), (key, part, node))

    def pop(self) -> tuple[Part, Node] | None:
        """Take the next one out and its capacity with it; None where nothing fits.

        It may have become final in here, where its part was cancelled: whoever takes it out looks, and releases it.
        """
        if self._free:
            part, node = self._free.popleft()
            node.is_ready = False
            return part, node
        while self._usage.has_slot and (need := self._first()) is not None:
            heap = self._waiting[need]
            waiting = heappop(heap)
            if not heap:
                del self._waiting[need]
            _, part, node = waiting
            full = next((limit for limit in part.limits if not limit.room), None)
            if full is None:
                node.is_ready = False
                self._usage.take(need)
                for limit in part.limits:
                    limit.room -= 1
                return part, node
            heappush(full.aside.setdefault(need, []), waiting)
            for limit in part.limits:
                if limit.room:
                    self._bring_back(limit, need)
        return None

    def release(self, part: Part, node: Node) -> None:
        """An attempt that was taken out has ended."""
        if not _takes_capacity(node.task):
            return
        self._usage.take(self._capacity.need(node.task), -1)
        for limit in part.limits:
            limit.room += 1
            for need in list(limit.aside):
                self._bring_back(limit, need)

    def ended(self, part: Part, node: Node) -> None:
        """A node is final: items that waited for its item may begin."""
        for item in node.limits:
            for freed in item.ended_one():
                self._admit(part, freed)

    def _first(self) -> Need | None:
        """What the first one needs of those that fit."""
        best: Need | None = None
        for need, heap in self._waiting.items():
            if (best is None or heap[0][0] < self._waiting[best][0][0]) and self._usage.fits(need):
                best = need
        return best

    def _bring_back(self, limit: Concurrency, need: Need) -> None:
        """As many of each need wait among all others as there is room for, so that none is overlooked."""
        if need in limit.aside:
            heappush(self._waiting.setdefault(need, []), heappop(limit.aside[need]))
            if not limit.aside[need]:
                del limit.aside[need]


def _takes_capacity(task: Task) -> bool:
    """People, waits and called pipelines, whose own tasks take it, do not."""
    return not isinstance(task.implementation, ApprovalRequest | WaitCondition | PipelineCall)
