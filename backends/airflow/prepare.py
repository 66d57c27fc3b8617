"""The pipeline as Airflow can run it: calls put in, lists of maps computed by tasks, loops in groups."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from pipec.ir.model import Group, Pipeline, Program, Task, TriggerRule

from .inlining import inlined
from .layout import Call, DictNode, Node
from .literals import py
from .synthetic import list_task_id, with_list_tasks


@dataclass(frozen=True, slots=True)
class Prepared:
    """`list_tasks` holds the task that gives the list of a map, `starts` the first task of the part around a task."""

    pipeline: Pipeline
    list_tasks: Mapping[str, str]
    starts: Mapping[str, str]


def prepared(program: Program, key: str) -> Prepared:
    """A pipeline of a program, ready to be lowered."""
    flat = inlined(program, key)
    pipeline = with_list_tasks(with_loop_groups(flat.pipeline))
    return Prepared(pipeline, {region.name: list_task_id(region) for region in pipeline.maps}, flat.starts)


def with_loop_groups(pipeline: Pipeline) -> Pipeline:
    """The pipeline with a group around the instances of each task of a loop, which stand in no other name."""
    counts = Counter((task.name, task.group, task.map, task.is_finally) for task in pipeline.tasks if task.keys)
    taken = {group.name for group in pipeline.groups} | {task.id for task in pipeline.tasks}
    loops = {place for place, count in counts.items() if count > 1 and place[0] not in taken and not place[3]}
    names = Counter(name for name, *_ in loops)
    loops = {place for place in loops if names[place[0]] == 1}
    if not loops:
        return pipeline
    added: dict[str, Group] = {}
    tasks = []
    for task in pipeline.tasks:
        if task.keys and (task.name, task.group, task.map, task.is_finally) in loops:
            added.setdefault(task.name, Group(name=task.name, parent=task.group, location=task.location))
            task = task.model_copy(update={"group": task.name})
        tasks.append(task)
    return pipeline.model_copy(update={"tasks": tuple(tasks), "groups": (*pipeline.groups, *added.values())})


def airflow_rule(task: Task) -> TriggerRule:
    """The rule of a task on Airflow: in a map `only_if` looks for the one success, for its item alone."""
    if task.map is not None and task.trigger_rule == "none_failed_min_one_success":
        return "none_failed"
    return task.trigger_rule


def guards_of(ready: Prepared, ids: Mapping[str, str]) -> dict[str, Node]:
    """The checks before tasks, by task; `ids` are those on Airflow."""
    tasks = {task.id: task for task in ready.pipeline.tasks}
    found = {task.id: _guard(task, tasks, ids, ready.starts.get(task.id)) for task in tasks.values()}
    return {id: node for id, node in found.items() if node is not None}


def _guard(task: Task, tasks: Mapping[str, Task], ids: Mapping[str, str], start: str | None) -> Node | None:
    """What is checked before a task runs, where Airflow's rules alone would let it run; None where they do."""
    given: list[tuple[str | None, Node]] = []
    sides = [side for side in task.branches if side.decision in task.upstream and tasks[side.decision].map]
    if task.map is not None and sides:
        entries = tuple((py(ids[side.decision]), py(side.taken)) for side in sides)
        given.append(("chosen", DictNode(entries)))
    if start is not None and task.trigger_rule != "all_success":
        given.append(("succeeded", py([ids[start]])))
    if airflow_rule(task) != task.trigger_rule:
        given.append(("any_of", py([ids[id] for id in task.upstream])))
    return Call("only_if", tuple(given)) if given else None
