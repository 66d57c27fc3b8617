"""The pipeline as Airflow can run it: calls put in, lists of maps computed by tasks, loops in groups."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from pipec.analysis.races import find_races
from pipec.frozen import Frozen
from pipec.ir.model import Decision, Group, Pipeline, Program, Task, TriggerRule
from pipec.optimisation.optimiser import Optimiser

from .inlining import inlined, start_id
from .layout import Call, DictNode, Node
from .literals import py
from .optimising import OPTIMISATIONS
from .synthetic import list_task_id, with_list_tasks


class Prepared(Frozen):
    """A pipeline, and where Airflow needs more than its own rules.

    `list_tasks` holds the task that gives the list of a map, `list_sources` all that it waits for, however that is
    drawn, `starts` the first task of the part around a task. `races`
    are the tasks whose upstream tasks may fail and be skipped in one run. `plain_decisions` are no branch operators: in
    a map these skip nothing, and what races must not be skipped before it is known whether something failed.
    """

    pipeline: Pipeline
    list_tasks: Mapping[str, str]
    list_sources: Mapping[str, frozenset[str]]
    starts: Mapping[str, str]
    races: frozenset[str]
    plain_decisions: frozenset[str]


def prepared(program: Program, key: str, optimiser: Optimiser | None = None) -> Prepared:
    """A pipeline of a program, ready to be lowered."""
    optimiser = optimiser or Optimiser.by_default(OPTIMISATIONS)
    flat = inlined(optimiser.before_calls(program, key), key)
    whole = with_list_tasks(with_loop_groups(with_first_tasks(flat.pipeline)))
    races = find_races(whole)
    pipeline = optimiser.graph(whole)
    list_tasks = {region.name: list_task_id(region) for region in pipeline.maps}
    plain = {task.id for task in pipeline.tasks if isinstance(task.implementation, Decision) and task.map is not None}
    plain |= {race.decision for race in races if race.decision is not None and race.skipped == race.task}
    return Prepared(
        pipeline,
        list_tasks,
        {task.id: frozenset(task.upstream) for task in whole.tasks if task.id in list_tasks.values()},
        flat.starts,
        frozenset(race.task for race in races),
        frozenset(plain),
    )


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


def with_first_tasks(pipeline: Pipeline) -> Pipeline:
    """The pipeline without rules of tasks in maps that wait for nothing: on Airflow the list is upstream of them."""
    tasks = (
        task.model_copy(update={"trigger_rule": "all_success"}) if task.map is not None and not task.upstream else task
        for task in pipeline.tasks
    )
    return pipeline.model_copy(update={"tasks": tuple(tasks)}) if pipeline.maps else pipeline


def airflow_rule(task: Task, ready: Prepared) -> TriggerRule:
    """The rule of a task on Airflow.

    In a map `only_if` looks for the one success, for its item alone. Where a failure and a skip may meet it looks for
    the skip: for all_success Airflow takes whichever came first. And behind a pipeline run as a task it looks for what
    is done, since that one is upstream_failed where it failed.
    """
    if task.trigger_rule == "one_done" and any(_is_call(id, ready) for id in task.upstream):
        return "all_done"
    if task.map is not None and task.trigger_rule == "none_failed_min_one_success":
        return "none_failed"
    if task.id in ready.races and task.trigger_rule == "all_success":
        return "none_failed"
    return task.trigger_rule


def guards_of(ready: Prepared, ids: Mapping[str, str]) -> dict[str, Node]:
    """The checks before tasks, by task; `ids` are those on Airflow."""
    tasks = {task.id: task for task in ready.pipeline.tasks}
    found = {task.id: _guard(task, tasks, ids, ready) for task in tasks.values()}
    return {id: node for id, node in found.items() if node is not None}


def _guard(task: Task, tasks: Mapping[str, Task], ids: Mapping[str, str], ready: Prepared) -> Node | None:
    """What is checked before a task runs, where Airflow's rules alone would let it run; None where they do."""
    given: list[tuple[str | None, Node]] = []
    start = ready.starts.get(task.id)
    sides = [side for side in task.branches if side.decision in task.upstream if side.decision in ready.plain_decisions]
    if sides:
        entries = tuple((py(ids[side.decision]), py(side.taken)) for side in sides)
        given.append(("chosen", DictNode(entries)))
    if start is not None and task.trigger_rule != "all_success":
        given.append(("succeeded", py([ids[start]])))
    if airflow_rule(task, ready) != task.trigger_rule:
        what = _CHECKS[task.trigger_rule]
        looked_at = [start_id(id) if what == "any_done" and _is_call(id, ready) else id for id in task.upstream]
        given.append((what, py([ids[id] for id in looked_at])))
    return Call("only_if", tuple(given)) if given else None


_CHECKS = {"all_success": "none_skipped", "none_failed_min_one_success": "any_of", "one_done": "any_done"}
"""What `only_if` looks for in place of a rule."""


def _is_call(id: str, ready: Prepared) -> bool:
    """Whether a task is the last one of a pipeline run as a task; it is done if the first one ran."""
    return ready.starts.get(id) == start_id(id)
