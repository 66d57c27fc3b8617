"""When tasks run: strategies that the backend knows, and exit tasks in the one form that works on a cluster.

The backend runs an exit task as a hook at the end of each task that it depends on. So it would run twice after two
tasks, of two on one task it forgets one, it never runs after a loop, an importer or a task that was skipped, and it is
no part of the graph in which others could wait for it.
"""

from __future__ import annotations

from collections.abc import Iterator

from .document import KINDS, Document, Graph, Use, given, is_loop, producers, selectors

EXIT = "ALL_UPSTREAM_TASKS_COMPLETED"
_STRATEGIES = ("TRIGGER_STRATEGY_UNSPECIFIED", "ALL_UPSTREAM_TASKS_SUCCEEDED", EXIT)


def check(document: Document) -> Iterator[str]:
    """The faults in trigger policies, except for conditions."""
    for use in document.tasks():
        strategy = use.task.get("triggerPolicy", {}).get("strategy")
        if strategy is not None and strategy not in _STRATEGIES:
            yield f'{use.path}.triggerPolicy.strategy: the backend knows no "{strategy}"'
        if strategy == EXIT:
            yield from _exit_task(document, use)
        yield from _statuses(use)
    for graph in document.graphs:
        yield from _exit_tasks(graph)


def exit_tasks(graph: Graph) -> list[str]:
    """The names of the exit tasks of a graph, in the order of the alphabet."""
    return sorted(name for name, task in graph.tasks.items() if task.get("triggerPolicy", {}).get("strategy") == EXIT)


def _exit_task(document: Document, use: Use) -> Iterator[str]:
    upstream = use.task.get("dependentTasks", [])
    if len(upstream) != 1:
        yield f"{use.path}.dependentTasks: an exit task has to name one task, after which it runs, not {len(upstream)}"
    elif upstream[0] in use.graph.tasks:
        wrong = _unfit(document, use.graph, upstream[0])
        if wrong:
            yield f'{use.path}.dependentTasks: an exit task does not run after "{upstream[0]}", which {wrong}'
    if is_loop(use.task):
        yield f"{use.path}: an exit task cannot be a loop"
    waiting = sorted(_waiting(use.graph, use.name))
    if waiting:
        yield f"{use.path}: is an exit task, and nothing can wait for one: {', '.join(waiting)}"


def _unfit(document: Document, graph: Graph, upstream: str) -> str | None:
    """Why the backend runs no exit task after a task, or None where it does."""
    task = graph.tasks[upstream]
    component = document.component_of(task) or {}
    if is_loop(task):
        return "is a loop"
    if "importer" in document.executor_of(component):
        return "is an importer"
    if task.get("triggerPolicy", {}).get("condition"):
        return "may be skipped"
    if task.get("triggerPolicy", {}).get("strategy") == EXIT:
        return "is an exit task itself"
    return None


def _waiting(graph: Graph, name: str) -> Iterator[str]:
    """What waits for a task, or takes an output of it."""
    for other, task in graph.tasks.items():
        is_exit = task.get("triggerPolicy", {}).get("strategy") == EXIT  # those are told that it does not work
        if not is_exit and (name in task.get("dependentTasks", []) or name in {each for _, each in producers(task)}):
            yield f'"{other}"'
    for kind in KINDS:
        for output, selection in graph.component["dag"].get("outputs", {}).get(kind, {}).items():
            if name in [each.get("producerSubtask") for each in selectors(selection)]:
                yield f'the output "{output}"'


def _statuses(use: Use) -> Iterator[str]:
    """The state of another task is given to an exit task alone, and is that of the task which it waits for."""
    for name, source in given(use.task, "parameters").items():
        if "taskFinalStatus" not in source:
            continue
        path = f"{use.path}.inputs.parameters.{name}"
        producer = source["taskFinalStatus"].get("producerTask", "")
        if use.task.get("triggerPolicy", {}).get("strategy") != EXIT:
            yield f"{path}: only an exit task is given the status of a task"
        elif producer not in use.task.get("dependentTasks", []):
            yield f'{path}: the exit task does not wait for "{producer}"'


def _exit_tasks(graph: Graph) -> Iterator[str]:
    exits = exit_tasks(graph)
    if exits and len(exits) == len(graph.tasks):
        yield f"{graph.path}.dag.tasks: there are exit tasks alone"
    first: dict[str, str] = {}
    for name in exits:
        for upstream in graph.tasks[name].get("dependentTasks", []):
            if upstream in first:
                yield (
                    f'{graph.path_of(name)}.dependentTasks: "{first[upstream]}" is an exit task of "{upstream}" too, '
                    "and the backend runs one of them"
                )
            first.setdefault(upstream, name)
