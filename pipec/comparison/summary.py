"""What a comparison comes to in one line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from pipec.analysis.plan_text import duration_text
from pipec.comparison.model import Comparison, Kind, Measures, PipelineChange, Simulated, TaskChange, Times

_KINDS: tuple[Kind, ...] = ("added", "removed", "renamed", "changed")
_TIMES_SHOWN = 3


def count(number: int, noun: str) -> str:
    """`1 task`, `2 tasks`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def summary(comparison: Comparison) -> str:
    """One line: how much of what is added, removed, renamed and changed, and what becomes of the critical path."""
    if not comparison.has_effect:
        told = list(_of_form(comparison))
        return "no change of meaning" + (f" ({', '.join(told)})" if told else "")
    parts = [", ".join(_counts(comparison)), *_paths(comparison.pipelines)]
    return "; ".join(part for part in parts if part)


def _counts(comparison: Comparison) -> Iterator[str]:
    both = [one for one in comparison.pipelines if one.kind not in ("added", "removed")]
    kinds = Counter(one.kind for one in comparison.pipelines)
    yield from _counted("pipeline", {kind: kinds[kind] for kind in _KINDS if kind != "changed"})
    tasks = [task for one in both for task in one.tasks if task.has_effect]
    yield from _task_counts(tasks)
    edges = Counter[Kind]()
    for one in both:
        for edge in one.edges:
            edges[edge.kind] += len(edge.edges) if edge.has_effect and not edge.of_new_task else 0
    yield from _counted("edge", edges)
    for what in ("parameter", "map", "group"):
        yield from _counted(
            what, Counter(thing.kind for one in both for thing in one.things if thing.what == what and thing.has_effect)
        )
    fields = dict.fromkeys(change.field for one in both for change in one.changes if change.has_effect)
    if fields:
        yield f"{', '.join(fields) if len(fields) < 4 else count(len(fields), 'option')} changed"


def _task_counts(tasks: Iterable[TaskChange]) -> Iterator[str]:
    """Tasks as they are told: instances of a `for` count as one, with their number behind where it is another."""
    noun = True
    found = list(tasks)
    for kind in _KINDS:
        own = [task for task in found if task.kind == kind]
        told = sum(len(task.labels) for task in own)
        instances = sum(len(task.new or task.old) for task in own)
        if told:
            number = count(told, "task") if noun else f"{told:,}"
            yield f"{number} {kind}" + (f" ({count(instances, 'instance')})" if instances != told else "")
            noun = False


def _counted(noun: str, numbers: dict[Kind, int] | Counter[Kind]) -> Iterator[str]:
    """`3 edges added`, `1 removed`."""
    first = True
    for kind in _KINDS:
        if number := numbers.get(kind, 0):
            yield f"{count(number, noun) if first else format(number, ',')} {kind}"
            first = False


# --- times ---------------------------------------------------------------------------------------


def _paths(pipelines: Iterable[PipelineChange]) -> Iterator[str]:
    known = [(one, one.times) for one in pipelines if one.times is not None and one.times.old and one.times.new]
    for one, times in known[:_TIMES_SHOWN]:
        whose = f" of {one.name}" if len(known) > 1 else ""
        yield f"critical path{whose} {_path(times)}"
    if len(known) > _TIMES_SHOWN:
        yield "…"


def _path(times: Times) -> str:
    old, new = times.old, times.new
    assert old is not None
    assert new is not None
    before, after = amount(old, old.critical_path_length), amount(new, new.critical_path_length)
    if before == after:
        return f"{after} as before"
    difference = delta(old, new, old.critical_path_length, new.critical_path_length)
    return f"{before} → {after}" + (f" ({difference})" if difference else "")


Timed = Measures | Simulated


def amount(measures: Timed, value: float) -> str:
    """A time in the unit of the plan."""
    return duration_text(value) if measures.unit == "seconds" else count(round(value), "task")


def delta(old: Timed, new: Timed, before: float, after: float) -> str:
    """What is more or less, with its sign; nothing where the two cannot be compared or are equal."""
    if old.unit != new.unit or before == after:
        return ""
    more = after - before
    text = duration_text(abs(more)) if new.unit == "seconds" else f"{abs(round(more))}"
    return f"{'+' if more > 0 else '-'}{text}"


# --- form ----------------------------------------------------------------------------------------


def _of_form(comparison: Comparison) -> Iterator[str]:
    """What changed that means nothing."""
    if any(documented(one) for one in comparison.pipelines):
        yield "documentation"
    if any(one.edges for one in comparison.pipelines):
        yield "redundant edges"
    if any(one.moved for one in comparison.pipelines):
        yield "names of files"
    if comparison.tests:
        yield "tests"


def documented(pipeline: PipelineChange) -> list[str]:
    """The parts of a pipeline whose documentation is another."""
    found = ["the pipeline"] if any(not change.has_effect for change in pipeline.changes) else []
    for thing in pipeline.things:
        if any(not change.has_effect for change in thing.changes):
            found.append(f"{thing.what} {thing.new}")
    for task in pipeline.tasks:
        if any(not change.has_effect for change in task.changes):
            found.extend(f"task {label}" for label in task.labels)
    return found
