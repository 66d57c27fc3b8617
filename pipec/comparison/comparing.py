"""Two programs side by side: what became of each pipeline, parameter, task and edge."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from operator import attrgetter

from pipec.comparison.changes import Described, changed, stated
from pipec.comparison.edges import edge_changes
from pipec.comparison.families import Families, Told, gathered
from pipec.comparison.matching import match_tasks
from pipec.comparison.model import Change, Comparison, Kind, PipelineChange, ThingChange, What
from pipec.comparison.names import match_groups, match_maps, match_pipelines
from pipec.comparison.properties import APART, MEANINGLESS, properties
from pipec.comparison.renaming import Names, renamed
from pipec.comparison.spelling import as_written, exact
from pipec.comparison.times import compared_runs, times
from pipec.frozen import Frozen
from pipec.ir.model import Decision, Group, MapRegion, Parameter, Pipeline, Program, Task, TestCase
from pipec.ir.printout import Spell
from pipec.ir.traverse import called_pipelines

_COMPARED = tuple(name for name in Task.model_fields() if f"Task.{name}" not in MEANINGLESS.keys() | APART)
_values = attrgetter(*_COMPARED, "single_output")
_SCHEDULE = {"schedule", "start", "end"}

NamedPart = Parameter | MapRegion | Group
Part = Task | Pipeline | TestCase | NamedPart


def compare(old: Program, new: Program, now: datetime) -> Comparison:
    """What became of `old`: of its pipelines those are in it that there is something to tell of.

    `now` is the moment after which the next runs are looked for where a schedule is another.
    """
    pairs = match_pipelines(old, new)
    back = {there: here for here, there in pairs.items()}
    found = [
        _both(_Pair(old, new, back[key], key, pairs), now) if key in back else _one("added", key, new.pipelines[key])
        for key in new.pipelines
    ]
    found += [_one("removed", key, old.pipelines[key]) for key in old.pipelines if key not in pairs]
    changed_keys = {key for one in found if one.change.has_effect for key in (one.change.old, one.change.new)}
    timed = [_with_times(one, old, new, changed_keys) for one in found]
    return Comparison(pipelines=tuple(one for one in timed if not one.is_empty), tests=tuple(_tests(old, new)))


def restricted(comparison: Comparison, keys: Iterable[str]) -> Comparison:
    """The comparison with these pipelines alone, by a key that either side knows them by."""
    wanted = set(keys)
    kept = tuple(one for one in comparison.pipelines if wanted & {one.old, one.new})
    return Comparison(pipelines=kept)


# --- pipelines -----------------------------------------------------------------------------------


class _Found(Frozen):
    """What became of a pipeline, without its times; `tasks` are the ids in the new one by those in the old one."""

    change: PipelineChange
    tasks: Mapping[str, str]


def _one(kind: Kind, key: str, pipeline: Pipeline) -> _Found:
    """A pipeline that only one side has: its options and its tasks, which all come or go with it."""
    gone = kind == "removed"
    empty = Pipeline(name=pipeline.name, location=pipeline.location)
    sides = _Sides(pipeline, pipeline, empty) if gone else _Sides(empty, empty, pipeline)
    change = PipelineChange(
        kind=kind,
        old=key if gone else None,
        new=None if gone else key,
        changes=stated(_described(pipeline, as_written(pipeline)), removed=gone),
        things=tuple(_things(sides)),
        tasks=gathered(_told(sides, {}), sides.old, sides.new),
        edges=edge_changes(sides.old, sides.new, {}),
    )
    return _Found(change, {})


class _Pair(Frozen):
    """A pipeline of each program, by key; `keys` are all pairs of keys."""

    old_program: Program
    new_program: Program
    old: str
    new: str
    keys: Mapping[str, str]


def _both(pair: _Pair, now: datetime) -> _Found:
    old, new = pair.old_program.pipelines[pair.old], pair.new_program.pipelines[pair.new]
    tasks = match_tasks(old, new)
    names = Names(
        tasks=_renames(tasks),
        maps=_renames(match_maps(old, new, tasks)),
        groups=_renames(match_groups(old, new, tasks)),
        pipelines=_renames(pair.keys),
    )
    sides = _Sides(old, renamed(old, names), new)
    changes = changed(sides.before(old, sides.renamed), sides.after(new))
    found = PipelineChange(
        kind="renamed" if old.name != new.name else "unchanged",
        old=pair.old,
        new=pair.new,
        moved=pair.old != pair.new and old.name == new.name,
        changes=changes,
        things=tuple(_things(sides)),
        tasks=gathered(_told(sides, tasks), old, new),
        edges=edge_changes(old, new, tasks),
    )
    if not found.has_effect:
        return _Found(found, tasks)
    is_scheduled_anew = any(change.field in _SCHEDULE for change in changes)
    found = replace(
        found,
        kind="changed" if found.kind == "unchanged" else found.kind,
        next_runs=compared_runs(old, new, now) if is_scheduled_anew else None,
    )
    return _Found(found, tasks)


def _with_times(found: _Found, old: Program, new: Program, changed_keys: AbstractSet[str | None]) -> PipelineChange:
    """The change with what it means for the plan; a pipeline may also take longer because one that it runs does."""
    change = found.change
    called = {
        *(called_pipelines(old, change.old) if change.old is not None else ()),
        *(called_pipelines(new, change.new) if change.new is not None else ()),
    }
    if not called & changed_keys:
        return change
    effect = times(old, change.old, new, change.new, found.tasks)
    return change if effect.old == effect.new and not change.has_effect else replace(change, times=effect)


def _renames(pairs: Mapping[str, str]) -> dict[str, str]:
    return {old: new for old, new in pairs.items() if old != new}


class _Sides(Frozen):
    """Two pipelines; `renamed` is the old one with the names of the new one. A part of it is compared, and shown as the
    old one has it.
    """

    old: Pipeline
    renamed: Pipeline
    new: Pipeline

    @cached_property
    def spellings(self) -> tuple[Spell, Spell]:
        return as_written(self.old), as_written(self.new)

    def before(self, shown: Part, compared: Part) -> Described:
        return Described(exact=properties(compared, exact), shown=properties(shown, self.spellings[0]))

    def after(self, part: Part) -> Described:
        return _described(part, self.spellings[1])


def _described(part: Part, spell: Spell) -> Described:
    return Described(exact=properties(part, exact), shown=properties(part, spell))


# --- tasks ---------------------------------------------------------------------------------------


def _told(sides: _Sides, pairs: Mapping[str, str]) -> Iterator[Told]:
    """What became of each task of which there is something to tell."""
    back = {there: here for here, there in pairs.items()}
    old = {task.id: task for task in sides.old.tasks}
    names = {task.id: task for task in sides.renamed.tasks}
    renamed_names = {(old[here].name, task.name) for task in sides.new.tasks if (here := back.get(task.id)) is not None}
    families = Families(sides.new)
    for task in sides.new.tasks:
        here = back.get(task.id)
        if here is None:
            yield Told("added", None, task, _all_of(task, families, sides.spellings[1]))
            continue
        before, exact = old[here], names[task.id]
        is_same = _values(exact) == _values(task)
        changes = () if is_same else changed(sides.before(before, exact), sides.after(task))
        is_renamed = here != task.id and not _follows(before, task, renamed_names)
        if is_renamed or changes:
            yield Told("renamed" if is_renamed else "changed", before, task, changes)
    families = Families(sides.old)
    for task in sides.old.tasks:
        if task.id not in pairs:
            yield Told("removed", task, None, _all_of(task, families, sides.spellings[0], removed=True))


def _all_of(task: Task, family: Families, spell: Spell, *, removed: bool = False) -> tuple[Change, ...]:
    """What is written of a task that comes or goes, with what it waits for."""
    written = stated(_described(task, spell), removed=removed)
    if not task.upstream:
        return written
    after = ", ".join(family.labels(task.upstream))
    return (*written, Change(field="after", old=after if removed else None, new=None if removed else after))


def _follows(old: Task, new: Task, names: set[tuple[str, str]]) -> bool:
    """Whether the name of a decision is that of the first task in it, and that one is called otherwise."""
    prefix = "decide_"
    if not (isinstance(old.implementation, Decision) and old.name.startswith(prefix) and new.name.startswith(prefix)):
        return False
    return (old.name.removeprefix(prefix), new.name.removeprefix(prefix)) in names


# --- parameters, maps, groups, tests -------------------------------------------------------------


def _things(sides: _Sides) -> Iterator[ThingChange]:
    old, exact, new = sides.old, sides.renamed, sides.new
    yield from _named("parameter", zip(old.parameters, exact.parameters, strict=True), new.parameters, sides)
    yield from _named("map", zip(old.maps, exact.maps, strict=True), new.maps, sides)
    yield from _named("group", zip(old.groups, exact.groups, strict=True), new.groups, sides)


def _named(
    what: What, old: Iterable[tuple[NamedPart, NamedPart]], new: Sequence[NamedPart], sides: _Sides
) -> Iterator[ThingChange]:
    """What became of the parts of one kind; each old one comes with itself under the names of the new side."""
    left = {exact.name: (shown, exact) for shown, exact in old}
    for part in new:
        if part.name not in left:
            yield ThingChange(what, "added", None, part.name, stated(sides.after(part)))
            continue
        shown, exact = left.pop(part.name)
        changes = () if exact == part else changed(sides.before(shown, exact), sides.after(part))
        is_renamed = shown.name != part.name and what != "map"  # a map is named for the first task in it
        if changes or is_renamed:
            yield ThingChange(what, "renamed" if is_renamed else "changed", shown.name, part.name, changes)
    for shown, exact in left.values():
        yield ThingChange(what, "removed", shown.name, None, stated(sides.before(shown, exact), removed=True))


def _tests(old: Program, new: Program) -> Iterator[ThingChange]:
    before = {test.title: test for test in old.tests}
    after = {test.title: test for test in new.tests}
    for title, test in after.items():
        if title not in before:
            yield ThingChange("test", "added", None, title)
        elif before[title] != test and (changes := changed(_described(before[title], exact), _described(test, exact))):
            yield ThingChange("test", "changed", title, title, changes)
    yield from (ThingChange("test", "removed", title, None) for title in before if title not in after)
