"""Items of a map that limits how many of them run at once."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipec.engine.graph import Node


@dataclass(slots=True, eq=False)
class ItemLimit:
    """Of a map with `max_parallel`: `running` items were begun and have instances that are not final."""

    max_parallel: int
    running: int = 0
    waiting: deque[Item] = field(default_factory=deque)

    def freed(self) -> list[Node]:
        """Begin items that wait, as many as there is room for; the nodes that may start now."""
        nodes: list[Node] = []
        while self.waiting and self.running < self.max_parallel:
            item = self.waiting.popleft()
            item.is_begun = True
            self.running += 1
            nodes.extend(item.ready)
            item.ready.clear()
        return nodes


@dataclass(slots=True, eq=False)
class Item:
    """One item: `unfinished` of its instances are not final, those in `ready` wait for it to begin."""

    limit: ItemLimit
    unfinished: int = 0
    is_begun: bool = False
    ready: list[Node] = field(default_factory=list)

    def admit(self, node: Node) -> bool:
        """Whether a node of the item may start now; else it waits until the item begins."""
        if not self.is_begun and self.limit.running < self.limit.max_parallel:
            self.is_begun = True
            self.limit.running += 1
        if not self.is_begun:
            if not self.ready:
                self.limit.waiting.append(self)
            self.ready.append(node)
        return self.is_begun

    def ended_one(self) -> list[Node]:
        """One more of its instances is final; the nodes of other items that may start because of that."""
        self.unfinished -= 1
        if self.unfinished or not self.is_begun:
            return []
        self.limit.running -= 1
        return self.limit.freed()
