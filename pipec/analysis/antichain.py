"""The most tasks that can run at once: the largest set of tasks none of which is upstream of another, exactly.

By Dilworth's theorem it is as large as the fewest chains that hold all tasks, and every link of a chain that can be
made saves one. The most links are a largest flow: from `out` of a task that others may follow, along edges, to `in` of
a task that may be followed, each used once; a link may pass tasks on its way, from their `in` to their `out`. So the
graph stays as small as the pipeline: no closure is made, which has millions of edges for thousands of tasks.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence


def largest_antichain(upstream: Mapping[str, Sequence[str]], counted: Collection[str] | None = None) -> list[str]:
    """One of the largest sets of tasks that no order is between, in the order of `upstream`.

    `counted` are the tasks that may be in it, all where it is None; the others only hand on the order.
    """
    tasks = list(upstream)
    number = {task: index for index, task in enumerate(tasks)}
    wanted = [counted is None or task in counted for task in tasks]
    flow = _Flow([[number[parent] for parent in upstream[task]] for task in tasks], wanted)
    while flow.layer():
        flow.augment()
    return [task for index, task in enumerate(tasks) if wanted[index] and flow.is_apart(index)]


class _Flow:
    """Dinic's algorithm. Nodes are `out` of task n as n, `in` as n + size; an arc and its opposite differ in one bit.

    An arc has room without end, its opposite as much as was sent along it. What the source may still give and the sink
    may still take is kept by task.
    """

    def __init__(self, upstream: list[list[int]], wanted: list[bool]) -> None:
        self.size = len(upstream)
        self.heads: list[int] = []
        self.sent: list[int] = []
        self.arcs: list[list[int]] = [[] for _ in range(2 * self.size)]
        self.may_give = list(wanted)
        self.may_take = list(wanted)
        self.levels: list[int] = []
        for task, parents in enumerate(upstream):
            self._arc(task + self.size, task)
            for parent in parents:
                self._arc(parent, task + self.size)

    def _arc(self, tail: int, head: int) -> None:
        for start, end in ((tail, head), (head, tail)):
            self.arcs[start].append(len(self.heads))
            self.heads.append(end)
            self.sent.append(0)

    def layer(self) -> bool:
        """Number the nodes by their distance from the source, up to the nearest free sink; whether there is one."""
        heads, sent, arcs, size, may_take = self.heads, self.sent, self.arcs, self.size, self.may_take
        levels = [-1] * (2 * size)
        row = [task for task in range(size) if self.may_give[task]]
        for node in row:
            levels[node] = 0
        distance, is_found = 0, False
        while row and not is_found:
            distance += 1
            following = []
            for node in row:
                for arc in arcs[node]:
                    head = heads[arc]
                    if levels[head] < 0 and not (arc & 1 and not sent[arc ^ 1]):
                        levels[head] = distance
                        following.append(head)
                        is_found = is_found or (head >= size and may_take[head - size])
            row = following
        self.levels = levels
        return is_found

    def augment(self) -> None:
        """Send as much as goes along shortest ways."""
        following = [0] * (2 * self.size)
        for task in range(self.size):
            if self.may_give[task] and (way := self._way(task, following)) is not None:
                self.may_give[task] = False
                self.may_take[self.heads[way[-1]] - self.size] = False
                for arc in way:
                    if arc & 1:
                        self.sent[arc ^ 1] -= 1
                    else:
                        self.sent[arc] += 1

    def _way(self, start: int, following: list[int]) -> list[int] | None:
        """The arcs from a node to a free sink; `following` says which arc of a node was not yet tried in vain."""
        heads, sent, arcs, size, levels, may_take = (
            self.heads,
            self.sent,
            self.arcs,
            self.size,
            self.levels,
            self.may_take,
        )
        way: list[int] = []
        node = start
        while True:
            if node >= size and may_take[node - size]:
                return way
            around, position, level = arcs[node], following[node], levels[node] + 1
            while position < len(around):
                arc = around[position]
                if levels[heads[arc]] == level and not (arc & 1 and not sent[arc ^ 1]):
                    break
                position += 1
            following[node] = position
            if position < len(around):
                way.append(around[position])
                node = heads[way[-1]]
            elif way:
                node = heads[way.pop() ^ 1]
                following[node] += 1
            else:
                return None

    def is_apart(self, task: int) -> bool:
        """After the last layer: whether a task is in the antichain that the smallest cut leaves.

        What the source still reaches is one side of the cut: `out` of the task on it, `in` on the other.
        """
        return self.levels[task] >= 0 and self.levels[task + self.size] < 0
