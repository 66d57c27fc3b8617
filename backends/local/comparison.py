"""Two versions of a pipeline compared by what their tasks compute."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pipec.analysis.graph import downstream_map, upstream_map
from pipec.ir.base import Model
from pipec.ir.expressions import Expression, ParameterReference, walk
from pipec.ir.model import MapRegion, Options, Pipeline, PipelineCall, Program, Task
from pipec.ir.traverse import task_expressions

_FOR_PEOPLE = frozenset({"location", "locations", "doc", "source"})
"""Fields of the IR that change no value: places in the text, and the text itself for messages."""

_ASPECTS: Mapping[str, tuple[str, ...]] = {
    "its implementation changed": ("implementation",),
    "its inputs changed": ("inputs",),
    "its outputs changed": ("outputs", "single_output"),
    "its requirements changed": ("requirements",),
    "its trigger rule changed": ("trigger_rule",),
    "what is upstream of it changed": ("upstream",),
    "the branch it is in changed": ("branches",),
    "the map it is in changed": ("map",),
    "it was moved into or out of `finally`": ("is_finally",),
}

_OPTIONS = ("image", "env", "secrets", "volumes", "produces", "packages", "working_dir")
"""Options by which a task computes something else; the rest says when, where and how often it runs."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What of a pipeline changed. `lines` say it to people.

    Tasks are named as in `cleaned/scrub`: without the indices of maps and the attempts of pipelines run as tasks.
    `changed` are those that compute something else, `rerun` these and everything downstream of them.
    """

    lines: tuple[str, ...] = ()
    changed: frozenset[str] = frozenset()
    rerun: frozenset[str] = frozenset()


def changes(old: Program, new: Program, pipeline: str, parameters: Collection[str] = ()) -> Changes:
    """Compare a pipeline of two programs, by its key, and all it runs as tasks.

    `parameters` are those that have another value now: what reads them computes something else.
    """
    if pipeline not in old.pipelines:
        return Changes((f"the pipeline `{pipeline}` is new",), *(frozenset(all_tasks(new, pipeline)),) * 2)
    comparison = _Comparison(old, new)
    comparison.lines.extend(_parameter_lines(old.pipelines[pipeline], new.pipelines[pipeline], parameters))
    changed, rerun = comparison.compare(pipeline, pipeline, "", frozenset(parameters))
    return Changes(tuple(comparison.lines), frozenset(changed), frozenset(rerun))


def all_tasks(program: Program, pipeline: str, prefix: str = "") -> dict[str, Task]:
    """The tasks of a pipeline and of all it runs as tasks, named as in `Changes`."""
    found: dict[str, Task] = {}
    for task in program.pipelines[pipeline].tasks:
        found[prefix + task.id] = task
        if isinstance(task.implementation, PipelineCall):
            found |= all_tasks(program, task.implementation.pipeline, f"{prefix}{task.id}/")
    return found


@dataclass
class _Comparison:
    old: Program
    new: Program
    lines: list[str] = field(default_factory=list)

    def compare(self, old_key: str, new_key: str, prefix: str, parameters: frozenset[str]) -> tuple[set[str], set[str]]:
        """What changed and what is to be run again, of one pipeline and those it runs."""
        old, new = self.old.pipelines[old_key], self.new.pipelines[new_key]
        before = {task.id: task for task in old.tasks}
        own = {task.id for task in new.tasks if self._is_changed(before.get(task.id), task, prefix)}
        own |= self._in_changed_maps(old, new, prefix, parameters)
        own |= {task.id for task in new.tasks if parameters & _parameters_read(e for _, e in task_expressions(task))}
        names = {task.id for task in new.tasks}
        self.lines.extend(f"task `{prefix}{task}` is gone" for task in before if task not in names)
        return self._spread(before, new, prefix, own)

    def _spread(
        self, before: Mapping[str, Task], new: Pipeline, prefix: str, own: set[str]
    ) -> tuple[set[str], set[str]]:
        """Take in what the pipelines run as tasks say, and everything downstream."""
        calls = {task.id: task.implementation for task in new.tasks if isinstance(task.implementation, PipelineCall)}
        changed, inner_changes, rerun = {prefix + task for task in own}, set[str](), set[str]()
        for task, call in calls.items():
            earlier = before[task].implementation if task in before else None
            if isinstance(earlier, PipelineCall) and earlier.pipeline in self.old.pipelines:
                inside, again = self.compare(earlier.pipeline, call.pipeline, f"{prefix}{task}/", frozenset())
                changed |= inside
                rerun |= again
                if inside or self._returns_changed(earlier, call, f"{prefix}{task}"):
                    inner_changes.add(task)
        downstream = _downstream(new, own | inner_changes)
        for task in (own | downstream) & set(calls):
            rerun |= set(all_tasks(self.new, calls[task].pipeline, f"{prefix}{task}/"))
        changed |= {prefix + task for task in inner_changes}
        return changed, rerun | {prefix + task for task in own | inner_changes | downstream}

    def _is_changed(self, before: Task | None, task: Task, prefix: str) -> bool:
        if before is None:
            self.lines.append(f"task `{prefix}{task.id}` is new")
            return True
        aspects = list(_changed_aspects(before, task))
        if aspects:
            self.lines.append(f"task `{prefix}{task.id}`: {', '.join(aspects)}")
        return bool(aspects)

    def _in_changed_maps(self, old: Pipeline, new: Pipeline, prefix: str, parameters: frozenset[str]) -> set[str]:
        """The tasks in maps whose lists are other ones now."""
        before = {region.name: region for region in old.maps}
        changed = {region.name for region in new.maps if parameters & _parameters_read([region.items])}
        for region in new.maps:
            if region.name in before and _meaning(before[region.name].items) != _meaning(region.items):
                self.lines.append(f"the list of the map `{prefix}{region.name}` changed")
                changed.add(region.name)
        around = {region.name: region for region in new.maps}
        return {task.id for task in new.tasks if changed & set(_maps_around(task, around))}

    def _returns_changed(self, earlier: PipelineCall, call: PipelineCall, task: str) -> bool:
        old, new = self.old.pipelines[earlier.pipeline], self.new.pipelines[call.pipeline]
        if _meaning(old.returns) == _meaning(new.returns):
            return False
        self.lines.append(f"what the pipeline of task `{task}` returns changed")
        return True


def _parameter_lines(old: Pipeline, new: Pipeline, parameters: Collection[str]) -> Iterator[str]:
    before, now = ({one.name: one for one in pipeline.parameters} for pipeline in (old, new))
    yield from (f"parameter `{name}` is new" for name in now if name not in before)
    yield from (f"parameter `{name}` is gone" for name in before if name not in now)
    for name in now:
        if name in before and before[name].type != now[name].type:
            yield f"parameter `{name}` was {before[name].type} and is {now[name].type}"
        if name in parameters:
            yield f"parameter `{name}` has another value"


def _changed_aspects(before: Task, task: Task) -> Iterator[str]:
    for line, names in _ASPECTS.items():
        if any(_aspect(before, name) != _aspect(task, name) for name in names):
            yield line
    yield from (
        f"its option `{name}` changed"
        for name in _OPTIONS
        if _option(before.options, name) != _option(task.options, name)
    )


def _option(options: Options, name: str) -> Any:
    return _meaning(getattr(options, name))


def _aspect(task: Task, name: str) -> Any:
    """What a field of a task says; the order in which named things are written says nothing."""
    value = getattr(task, name)
    match name:
        case "upstream":
            return set(value)
        case "inputs" | "outputs":
            return {one.name: _meaning(one) for one in value}
        case _:
            return _meaning(value)


def _meaning(value: Any) -> Any:
    """A value of the IR without what is for people; values of the user's stay as they are, with their JSON types."""
    match value:
        case Model():
            names = (name for name in type(value).model_fields() if name not in _FOR_PEOPLE)
            return type(value).__name__, *((name, _meaning(getattr(value, name))) for name in names)
        case tuple() | list():
            return [_meaning(item) for item in value]
        case dict():
            return {key: _meaning(item) for key, item in value.items()}
        case _:
            return type(value).__name__, value


def _parameters_read(expressions: Iterable[Expression]) -> set[str]:
    parts = (part for expression in expressions for part in walk(expression))
    return {part.name for part in parts if isinstance(part, ParameterReference)}


def _maps_around(task: Task, regions: Mapping[str, MapRegion]) -> Iterator[str]:
    name = task.map
    while name is not None:
        yield name
        name = regions[name].parent


def _downstream(pipeline: Pipeline, tasks: set[str]) -> set[str]:
    """Everything downstream of any of the tasks, directly or not."""
    downstream = downstream_map(upstream_map(pipeline))
    found, waiting = set[str](), list(tasks)
    while waiting:
        for task in downstream[waiting.pop()]:
            if task not in found:
                found.add(task)
                waiting.append(task)
    return found
