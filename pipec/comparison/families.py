"""Tasks of which the same can be said, told together: instances of a `for`, and others with the same changes."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable
from dataclasses import replace

from pipec.comparison.model import Change, Kind, TaskChange
from pipec.frozen import Frozen
from pipec.ir.model import Pipeline, Task

_EXACT = 3
"""Up to so many different sets of changes of one family are told apart."""

_SHOWN = 3
"""So many values are shown where the instances differ."""

_ORDER: tuple[Kind, ...] = ("added", "removed", "renamed", "changed", "unchanged")


class Told(Frozen):
    """What became of one task, before it is put together with others."""

    kind: Kind
    old: Task | None
    new: Task | None
    changes: tuple[Change, ...]

    @property
    def family(self) -> Hashable:
        """Tasks of one kind with these names belong together."""
        return self.kind, *((None if task is None else (task.name, bool(task.keys))) for task in (self.old, self.new))


def gathered(told: Iterable[Told], old: Pipeline, new: Pipeline) -> tuple[TaskChange, ...]:
    """What became of the tasks, each once, in the order of kinds and then of the source."""
    families: dict[Hashable, list[Told]] = defaultdict(list)
    for one in told:
        families[one.family].append(one)
    sides = Families(old), Families(new)
    entries = [_entry(cluster, sides) for members in families.values() for cluster in _clusters(members)]
    return tuple(sorted(_joined(entries), key=lambda entry: _ORDER.index(entry.kind)))


class Families:
    """The tasks of a pipeline by id, and how many there are of each name."""

    def __init__(self, pipeline: Pipeline) -> None:
        self.tasks = {task.id: task for task in pipeline.tasks}
        self.sizes = Counter(task.name for task in pipeline.tasks)

    def labels(self, ids: Iterable[str], *, is_whole: bool = False) -> tuple[str, ...]:
        """What tasks are called together: `train[*]` where they are all instances, or `is_whole` says so; `5 of 36
        train[*]` where they are many of them, else each by its id.
        """
        tasks = [self.tasks[id] for id in ids]
        counts = Counter(task.name for task in tasks)
        return tuple(dict.fromkeys(self._label(task, counts[task.name], is_whole) for task in tasks))

    def _label(self, task: Task, number: int, is_whole: bool) -> str:
        size = self.sizes[task.name]
        if not task.keys or not (is_whole or number == size > 1 or number > _SHOWN):
            return task.id
        return f"{task.name}[*]" if is_whole or number == size else f"{number} of {size} {task.name}[*]"


# --- instances -----------------------------------------------------------------------------------


def _clusters(members: list[Told]) -> list[list[Told]]:
    """The instances with the same changes together; where these are too many, those with the same fields."""
    if len(members) == 1:
        return [members]
    alike: dict[Hashable, list[Told]] = defaultdict(list)
    for one in members:
        alike[_general(one)].append(one)
    if len(alike) <= _EXACT and members[0].kind not in ("added", "removed"):
        return list(alike.values())
    fields: dict[Hashable, list[Told]] = defaultdict(list)
    for one in members:
        same = one.kind in ("added", "removed")
        fields["all" if same else tuple((change.field, change.has_effect) for change in one.changes)].append(one)
    return list(fields.values())


def _general(one: Told) -> tuple[Change, ...]:
    """The changes of an instance with its own key left open."""
    return tuple(
        replace(change, old=_without_key(change.old, one.old), new=_without_key(change.new, one.new))
        for change in one.changes
    )


def _without_key(text: str | None, task: Task | None) -> str | None:
    if text is None or task is None or not task.keys:
        return text
    return text.replace(task.id[len(task.name) :], "[…]")


def _entry(cluster: list[Told], sides: tuple[Families, Families]) -> TaskChange:
    old = tuple(one.old.id for one in cluster if one.old is not None)
    new = tuple(one.new.id for one in cluster if one.new is not None)
    kind = cluster[0].kind
    is_family = kind == "renamed" and len(cluster) > 1  # some instances may come or go besides
    return TaskChange(
        kind=kind,
        old=old,
        new=new,
        labels=(sides[1].labels(new, is_whole=is_family) if new else sides[0].labels(old)),
        old_labels=sides[0].labels(old, is_whole=is_family) if kind == "renamed" else (),
        changes=cluster[0].changes if len(cluster) == 1 else _merged([_general(one) for one in cluster]),
    )


def _merged(instances: list[tuple[Change, ...]]) -> tuple[Change, ...]:
    """The changes of several instances, by field; where they differ, some of the values."""
    by_field: dict[tuple[str, int], list[Change]] = defaultdict(list)
    for changes in instances:
        seen: Counter[str] = Counter()
        for change in changes:
            by_field[change.field, seen[change.field]].append(change)
            seen[change.field] += 1
    return tuple(_common(found, len(instances)) for found in by_field.values())


def _common(found: list[Change], instances: int) -> Change:
    if len(found) == instances and all(change == found[0] for change in found):
        return found[0]
    old, new = _some(change.old for change in found), _some(change.new for change in found)
    return replace(found[0], old=old, new=new, varies=True)


def _some(texts: Iterable[str | None]) -> str | None:
    different = list(dict.fromkeys(text for text in texts if text is not None))
    if not different:
        return None
    return ", ".join(different[:_SHOWN]) + (", …" if len(different) > _SHOWN else "")


# --- other tasks ---------------------------------------------------------------------------------


def _joined(entries: Iterable[TaskChange]) -> list[TaskChange]:
    """Tasks with the same changes as one entry."""
    together: dict[Hashable, TaskChange] = {}
    for number, entry in enumerate(entries):
        same = entry.kind == "changed" and not any(change.varies for change in entry.changes)
        key: Hashable = entry.changes if same else number
        before = together.get(key)
        together[key] = (
            entry
            if before is None
            else replace(
                before, old=before.old + entry.old, new=before.new + entry.new, labels=before.labels + entry.labels
            )
        )
    return list(together.values())
