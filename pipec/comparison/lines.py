"""A comparison as lines for people, each with its sign: what is added, removed or another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from difflib import ndiff
from itertools import zip_longest
from typing import Literal

from pipec.comparison.model import (
    Change,
    Comparison,
    EdgeChange,
    Kind,
    NextRuns,
    PipelineChange,
    TaskChange,
    ThingChange,
)
from pipec.comparison.summary import count, documented
from pipec.diagnostics.snippet import display_text
from pipec.frozen import Frozen

Sign = Literal["+", "-", "~", " "]

_SIGNS: dict[Kind, Sign] = {"added": "+", "removed": "-", "renamed": "~", "changed": "~", "unchanged": " "}
_LONGEST = 100
"""So many characters of a value are shown, around the first place where it is another."""

_CONTEXT = 20
_LABELS = 6
_SHARED = 3
"""Changes that so many entries have in common are told once."""

_DOCUMENTED = 5


class Line(Frozen):
    """A line of text, how deep it stands, and what has become of what it says. It can be shown anywhere as it is."""

    sign: Sign
    depth: int
    text: str


def pipeline_lines(pipeline: PipelineChange) -> list[Line]:
    """All that is told of a pipeline but its times, without a heading."""
    lines = list(_changes(pipeline.changes, 0))
    if pipeline.next_runs is not None:
        lines += _next_runs(pipeline.next_runs)
    for thing in pipeline.things:
        lines += _thing(thing)
    lines += _tasks(pipeline.tasks)
    for edge in pipeline.edges:
        lines += _edge(edge)
    lines += _documentation(documented(pipeline))
    return lines


def test_lines(comparison: Comparison) -> list[Line]:
    """What became of the tests, which are no part of the meaning."""
    return [line for thing in comparison.tests for line in _thing(thing)]


def heading(pipeline: PipelineChange) -> str:
    """`pipeline nightly (added)`."""
    name = display_text(pipeline.name)
    match pipeline.kind:
        case "renamed":
            return f"pipeline {display_text(pipeline.old or '')} → {name} (renamed)"
        case "added" | "removed":
            return f"pipeline {name} ({pipeline.kind})"
        case _ if pipeline.moved:
            return f"pipeline {display_text(pipeline.old or '')} → {name} (moved, which changes nothing)"
        case "unchanged" if pipeline.times is not None:
            return f"pipeline {name} (runs one that changed)"
        case _:
            return f"pipeline {name}"


# --- parts ---------------------------------------------------------------------------------------


def _thing(thing: ThingChange) -> Iterator[Line]:
    if thing.kind == "changed" and not any(change.has_effect for change in thing.changes) and thing.what != "test":
        return
    name = f"{thing.old} → {thing.new} (renamed)" if thing.kind == "renamed" else thing.new or thing.old or ""
    yield Line(_SIGNS[thing.kind], 0, f"{thing.what} {_one_line(name)}")
    if thing.kind != "removed":
        yield from _changes(thing.changes, 1)


def _tasks(tasks: Sequence[TaskChange]) -> Iterator[Line]:
    """The tasks; changes that several entries share are told once, before what else became of these tasks."""
    told = [task for task in tasks if task.has_effect]
    shared = _shared(told)
    for task in told:
        if task.kind in ("added", "removed"):
            yield from _task(task, task.changes)
    common: set[tuple[int, Change]] = set()
    for places, changes in shared.items():
        entries = [told[place] for place in places]
        labels = [label for entry in entries for label in entry.labels]
        yield Line("~", 0, f"tasks {_names(labels)}{_instances(sum(len(one.new) for one in entries), len(labels))}")
        yield from _changes(changes, 1)
        common |= {(place, change) for place in places for change in changes}
    for place, task in enumerate(told):
        left = tuple(change for change in task.changes if (place, change) not in common)
        if task.kind == "renamed" or (task.kind == "changed" and any(change.has_effect for change in left)):
            yield from _task(task, left)


def _shared(tasks: Sequence[TaskChange]) -> dict[tuple[int, ...], list[Change]]:
    """Changes that so many of the entries have in common that they are told once, by the places of these entries."""
    having: dict[Change, list[int]] = defaultdict(list)
    for place, task in enumerate(tasks):
        if task.kind in ("renamed", "changed"):
            for change in dict.fromkeys(task.changes):
                having[change].append(place)
    shared: dict[tuple[int, ...], list[Change]] = defaultdict(list)
    for change, places in having.items():
        if len(places) >= _SHARED and change.has_effect and not change.varies:
            shared[tuple(places)].append(change)
    return shared


def _task(task: TaskChange, shown: Sequence[Change]) -> Iterator[Line]:
    names = _names(task.labels)
    if task.kind == "renamed":
        names = f"{_names(task.old_labels)} → {names} (renamed)"
    number = _instances(len(task.new or task.old), len(task.labels))
    yield Line(_SIGNS[task.kind], 0, f"task{'s' if len(task.labels) > 1 else ''} {names}{number}")
    if task.kind == "removed":
        shown = [change for change in shown if change.field == "after" or _is_short_work(change)]
    yield from _changes(shown, 1)


def _is_short_work(change: Change) -> bool:
    return change.field == "does" and "\n" not in (change.old or "")


def _instances(number: int, labels: int) -> str:
    return f" ({count(number, 'instance')})" if number != labels else ""


def _names(labels: Sequence[str]) -> str:
    shown = ", ".join(map(_one_line, labels[:_LABELS]))
    return shown + (f" and {len(labels) - _LABELS} more" if len(labels) > _LABELS else "")


def _edge(edge: EdgeChange) -> Iterator[Line]:
    if edge.of_new_task and edge.has_effect:
        return  # it stands with its task
    notes = [f"{len(edge.edges):,} edges"] if len(edge.edges) > 1 else []
    notes += ["reads its output"] if edge.reads else []
    notes += [] if edge.has_effect else ["without effect: other edges order the same"]
    yield Line(_SIGNS[edge.kind], 0, f"edge {_one_line(edge.label)}" + (f" ({', '.join(notes)})" if notes else ""))


def _documentation(parts: list[str]) -> Iterator[Line]:
    if parts:
        shown = ", ".join(map(_one_line, parts[:_DOCUMENTED]))
        more = f" and {len(parts) - _DOCUMENTED} more" if len(parts) > _DOCUMENTED else ""
        yield Line(" ", 0, f"documentation of {shown}{more}: no change of meaning")


def _next_runs(runs: NextRuns) -> Iterator[Line]:
    def shown(times: tuple[str, ...] | None) -> list[str]:
        if times is None:
            return ["no times"]
        moments = [datetime.fromisoformat(time) for time in times]
        return [f"{one:%a} {one.isoformat(sep=' ', timespec='minutes')}" for one in moments] or ["never"]

    if runs.old == runs.new:
        return
    sides = shown(runs.old), shown(runs.new)
    width = max(map(len, sides[0]))
    for place, (before, after) in enumerate(zip_longest(*sides, fillvalue="")):
        title = "next runs" if place == 0 else ""
        yield Line(" ", 1, f"{title:<9}  {before:<{width}} → {after}")


# --- values --------------------------------------------------------------------------------------


def _changes(changes: Iterable[Change], depth: int) -> Iterator[Line]:
    told = [change for change in changes if change.has_effect]
    width = max((len(display_text(change.field)) for change in told), default=0)
    for change in told:
        yield from _change(change, depth, width)


def _change(change: Change, depth: int, width: int) -> Iterator[Line]:
    old, new = change.old, change.new
    sign: Sign = "+" if old is None else "-" if new is None else "~"
    name = display_text(change.field)
    if "\n" in (old or "") + (new or ""):
        yield Line(sign, depth, name)
        yield from _text_lines(old, new, depth + 1)
        return
    varies = "  (differs from instance to instance)" if change.varies else ""
    value = f"{_excerpt(old, new)} → {_excerpt(new, old)}" if sign == "~" else _excerpt(new or old, None)
    yield Line(sign, depth, f"{name:<{width}}  {value}{varies}")


def _text_lines(old: str | None, new: str | None, depth: int) -> Iterator[Line]:
    """A value of several lines: what of it is another."""
    if old is None or new is None:
        sign: Sign = "-" if new is None else "+"
        yield from (Line(sign, depth, display_text(line)) for line in (old or new or "").splitlines())
        return
    signs: dict[str, Sign] = {"+ ": "+", "- ": "-", "  ": " "}
    for line in ndiff(old.splitlines(), new.splitlines()):
        if line[:2] in signs:
            yield Line(signs[line[:2]], depth, display_text(line[2:]))


def _one_line(text: str) -> str:
    return display_text(" ".join(text.splitlines()))


def _excerpt(text: str | None, other: str | None) -> str:
    """A value, of a long one the part where it begins to differ from the other."""
    text = display_text(text or "")
    if len(text) <= _LONGEST:
        return text
    start = 0
    if other is not None:
        same = next(
            (place for place, (a, b) in enumerate(zip(text, display_text(other), strict=False)) if a != b), None
        )
        start = max(0, (len(text) if same is None else same) - _CONTEXT)
        start = 0 if start < _CONTEXT else min(start, len(text) - _CONTEXT)
    end = start + _LONGEST
    return ("…" if start else "") + text[start:end] + ("…" if end < len(text) else "")
