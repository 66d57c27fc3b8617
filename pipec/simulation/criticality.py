"""What the length of a run hung on: the chain of tasks, each waiting for the one before, that ends with the last."""

from __future__ import annotations

from collections import defaultdict

from pipec.simulation.simulated import SimulatedRun, SimulatedTask


def critical_chain(run: SimulatedRun) -> list[str]:
    """Ids of instances in the order they ran, without pipelines run as tasks, whose own tasks stand for them.

    Before a task stands one that ended when it could begin: an upstream one where there is any, and where it waited for
    capacity one that gave some back.
    """
    ended: defaultdict[float, list[SimulatedTask]] = defaultdict(list)
    for task in run.tasks.values():
        if task.ended is not None and task.attempts:
            ended[task.ended].append(task)
    current = max(
        (task for tasks in ended.values() for task in tasks), key=lambda task: task.ended or 0.0, default=None
    )
    chain: list[str] = []
    seen: set[str] = set()
    while current is not None:
        chain.append(current.id)
        seen.add(current.id)
        current = _before(current, ended, seen)
    return chain[::-1]


def _before(task: SimulatedTask, ended: dict[float, list[SimulatedTask]], seen: set[str]) -> SimulatedTask | None:
    first = task.attempts[0]
    candidates = [other for other in ended.get(first.started, ()) if other.id not in seen]
    upstream = [other for other in candidates if _is_upstream(other, task)]
    found = upstream or candidates
    return found[0] if found else None


def _is_upstream(other: SimulatedTask, task: SimulatedTask) -> bool:
    """Whether another instance is one of an upstream task, or of a pipeline that an upstream task runs."""
    around, _, _ = task.id.rpartition("/")
    inside = other.id[len(around) + 1 :] if around and other.id.startswith(f"{around}/") else other.id
    name = inside.partition("/")[0].partition("@")[0].partition("[")[0]
    return any(upstream.partition("[")[0] == name for upstream in task.task.upstream)
