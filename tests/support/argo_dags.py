"""The controller of Argo Workflows on nested DAGs: what it starts, and when it says that a DAG has ended.

A port of `executeDAG`, `executeDAGTask`, `evaluateDependsLogic` and `assessDAGPhase` of `workflow/controller/dag.go`
(the same from 3.4 to 4.1 in what is here), with `failFast` on, as Kubeflow leaves it. Left out are retries, loops,
daemons and expressions other than that all tasks before succeeded, which is the one that Kubeflow writes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

Phase = Literal["Pending", "Succeeded", "Failed", "Skipped", "Omitted", ""]
_FULFILLED = ("Succeeded", "Failed", "Skipped", "Omitted")
_COMPLETED = ("Succeeded", "Failed")


@dataclass(frozen=True)
class ArgoTask:
    """A pod, or a DAG of the tasks `inside`. With `skips` its condition is false; `hook` is its exit task."""

    name: str
    depends: tuple[str, ...] = ()
    inside: tuple[ArgoTask, ...] = ()
    fails: bool = False
    skips: bool = False
    hook: ArgoTask | None = None


@dataclass
class _Node:
    task: ArgoTask
    phase: Phase = "Pending"
    children: list[str] = field(default_factory=list)
    outbound: list[str] = field(default_factory=list)
    is_hook: bool = False


class Controller:
    """Runs the DAG of some tasks. `nodes` has what became of each by its path: `a/b`, exit tasks as `a@exit`."""

    def __init__(self, tasks: Sequence[ArgoTask]) -> None:
        self.nodes: dict[str, _Node] = {}
        self.root = ArgoTask("root", inside=tuple(tasks))

    def run(self, ended: Callable[[Sequence[str]], Sequence[str]]) -> Phase:
        """Look at the DAG again and again; in between those of the running pods end that `ended` chooses."""
        while True:
            self._execute("", self.root)
            if self.nodes[""].phase != "Pending":
                return self.nodes[""].phase
            running = [path for path, node in self.nodes.items() if node.phase == "Pending" and not node.task.inside]
            for path in ended(running):
                self.nodes[path].phase = "Failed" if self.nodes[path].task.fails else "Succeeded"

    def _execute(self, path: str, task: ArgoTask, is_hook: bool = False) -> None:
        """`executeTemplate`: a pod is started once, a DAG looked at as long as it has not ended."""
        node = self.nodes.setdefault(path, _Node(task, is_hook=is_hook))
        if task.inside and node.phase not in _FULFILLED:
            self._execute_dag(path, task.inside)

    def _execute_dag(self, path: str, tasks: Sequence[ArgoTask]) -> None:
        """`executeDAG`: all leaves, and with them what they depend on; then whether the DAG has ended."""
        by_name = {task.name: task for task in tasks}
        leaves = [task.name for task in tasks if not any(task.name in other.depends for other in tasks)]
        visited: set[str] = set()
        for leaf in leaves:
            self._execute_task(path, by_name, leaf, visited)
        phase = self._assess(path, leaves)
        if phase != "Pending":
            self.nodes[path].outbound = [_inside(path, leaf) for leaf in leaves if _inside(path, leaf) in self.nodes]
            self.nodes[path].phase = phase

    def _execute_task(self, around: str, tasks: dict[str, ArgoTask], name: str, visited: set[str]) -> None:
        """`executeDAGTask`: what a task depends on first, then the task itself where that has ended."""
        if name in visited:
            return
        visited.add(name)
        path, task = _inside(around, name), tasks[name]
        node = self.nodes.get(path)
        if node is not None and node.phase in _FULFILLED:
            self._run_hook(path, task)
            return
        for other in task.depends:
            self._execute_task(around, tasks, other, visited)
        if node is None:
            before = [self.nodes.get(_inside(around, other)) for other in task.depends]
            if not all(one and one.phase in _FULFILLED and self._hooks_ended(one) for one in before):
                return
            if any(one and one.phase != "Succeeded" for one in before):
                self._place(path, around, task, "Omitted")
                return
            if task.skips:
                self._place(path, around, task, "Skipped")
                return
            self._place(path, around, task, "Pending")
        self._execute(path, task)
        self._run_hook(path, task)

    def _place(self, path: str, around: str, task: ArgoTask, phase: Phase) -> None:
        """A new node, and where it hangs: `connectDependencies`."""
        self.nodes[path] = _Node(task, phase)
        parents = [each for other in task.depends for each in self._outbound(_inside(around, other))]
        for parent in parents if task.depends else [around]:
            self.nodes[parent].children.append(path)

    def _outbound(self, path: str) -> list[str]:
        node = self.nodes[path]
        if not node.task.inside or node.phase in ("Skipped", "Omitted"):
            return [path]
        return [each for inner in node.outbound for each in self._outbound(inner)]

    def _run_hook(self, path: str, task: ArgoTask) -> None:
        """`runOnExitNode`: after a task that succeeded or failed."""
        if task.hook is not None and self.nodes[path].phase in _COMPLETED and f"{path}@exit" not in self.nodes:
            self._execute(f"{path}@exit", task.hook, is_hook=True)
            self.nodes[path].children.append(f"{path}@exit")

    def _hooks_ended(self, node: _Node) -> bool:
        return all(self.nodes[each].phase in _FULFILLED for each in node.children if self.nodes[each].is_hook)

    def _assess(self, path: str, leaves: Sequence[str]) -> Phase:
        """`assessDAGPhase`: as long as any node below has not ended the DAG runs, whatever has failed."""
        ends: dict[str, Phase] = {_inside(path, leaf): "" for leaf in leaves}
        queue: list[tuple[str, Phase]] = [(child, "Succeeded") for child in self.nodes[path].children]
        seen = set(queue)
        while queue:
            current, branch = queue.pop(0)
            node = self.nodes[current]
            if node.phase not in _FULFILLED:
                return "Pending"
            if node.phase in _COMPLETED:
                branch = node.phase
            if current in ends and ends[current] != "Failed":
                ends[current] = branch
            for child in node.children:
                if (child, branch) not in seen:
                    seen.add((child, branch))
                    queue.append((child, branch))
        if "Failed" in ends.values():
            return "Failed"
        return "Pending" if "" in ends.values() else "Succeeded"


def _inside(around: str, name: str) -> str:
    return f"{around}/{name}" if around else name
