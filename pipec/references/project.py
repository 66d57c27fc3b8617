"""What the files of a project say of each other: assets, pipelines and tasks that others wait for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipec.diagnostics.model import Diagnostics, Label
from pipec.diagnostics.suggest import nearest
from pipec.ir.expressions import LiteralValue
from pipec.ir.model import AssetSchedule, CombinedSchedule, Pipeline, Schedule, Task, WaitCondition
from pipec.ir.traverse import called_pipelines, location_of
from pipec.references.spelling import misspelt
from pipec.semantics.references import task_reference
from pipec.syntax.source import Span

if TYPE_CHECKING:
    from pipec.api import Loaded


@dataclass(frozen=True)
class _Member:
    """A pipeline of the project, in the file that defines it, with all pipelines that it runs as parts of itself."""

    loaded: Loaded
    pipeline: Pipeline
    parts: tuple[Pipeline, ...]

    @property
    def place(self) -> Span:
        return self.loaded.span_of(self.pipeline.location)

    @property
    def schedule_place(self) -> Span:
        return self.loaded.span_of(location_of(self.pipeline, "schedule"))

    @property
    def produced(self) -> dict[str, Span]:
        """The assets that its tasks update, with where they say so."""
        return {
            uri: self.loaded.span_of(location_of(task, "produces"))
            for part in self.parts
            for task in part.tasks
            for uri in task.options.produces
        }

    @property
    def triggers(self) -> list[str]:
        """The assets whose updates start it."""
        return list(_assets(self.pipeline.schedule))

    def waits(self, condition: str, argument: str) -> Iterator[tuple[Task, str]]:
        """Its waits of one kind for something that is known when compiling."""
        for part in self.parts:
            for task in part.tasks:
                match task.implementation:
                    case WaitCondition(condition=found, arguments=arguments) if found == condition:
                        value = arguments[argument]
                        if isinstance(value, LiteralValue):
                            yield task, str(value.value)


def check_project(loaded: Sequence[Loaded], diagnostics: Diagnostics) -> None:
    """Reports what does not fit between the files. Those with errors are passed over."""
    members = [
        _Member(
            one, one.program.pipelines[key], tuple(one.program.pipelines[k] for k in called_pipelines(one.program, key))
        )
        for one in loaded
        if one.program is not None
        for key in one.program.own
    ]
    _check_names(members, diagnostics)
    _check_assets(members, diagnostics)
    _check_tasks(members, diagnostics)
    _check_circles(members, diagnostics)


def _assets(schedule: Schedule | None) -> Iterator[str]:
    match schedule:
        case AssetSchedule(uri=uri):
            yield uri
        case CombinedSchedule(members=members):
            for member in members:
                yield from _assets(member)


# --- names ---------------------------------------------------------------------------------------


def _check_names(members: list[_Member], diagnostics: Diagnostics) -> None:
    first: dict[str, _Member] = {}
    for member in members:
        name = member.pipeline.name
        other = first.setdefault(name, member)
        if other.loaded.path != member.loaded.path:
            diagnostics.warning(
                "L209",
                f"there are two pipelines `{name}`: on one engine the one would replace the other",
                member.place,
                labels=(Label(other.place, "the other"),),
                help="give one of them another name",
            )


# --- assets --------------------------------------------------------------------------------------


def _check_assets(members: list[_Member], diagnostics: Diagnostics) -> None:
    wanted = [(uri, place) for member in members for uri, place in _wanted(member)]
    produced: dict[str, Span] = {}
    for member in members:
        produced |= member.produced
    unused = [uri for uri in produced if uri not in {uri for uri, _ in wanted}]
    for uri, place in wanted:
        near = misspelt(uri, unused) if uri not in produced else None
        if near is not None:
            diagnostics.warning(
                "L206",
                f"nothing of the project produces the asset `{uri}`",
                place,
                labels=(Label(produced[near], f"produces `{near}`, which nobody waits for"),),
                help=f"there is `{near}`",
            )


def _wanted(member: _Member) -> Iterator[tuple[str, Span]]:
    for uri in member.triggers:
        yield uri, member.schedule_place
    for task, uri in member.waits("asset", "uri"):
        yield uri, member.loaded.span_of(location_of(task, "implementation"))


# --- tasks ---------------------------------------------------------------------------------------


def _check_tasks(members: list[_Member], diagnostics: Diagnostics) -> None:
    pipelines: dict[str, list[_Member]] = {}
    for member in members:
        pipelines.setdefault(member.pipeline.name, []).append(member)
    for member in members:
        for task, text in member.waits("task", "task"):
            reference = task_reference(text)
            if reference is None:
                continue
            fault, near = _missing(reference.pipeline, reference.task, pipelines)
            if fault is not None:
                diagnostics.warning(
                    "L207",
                    f"{fault}: `{task.id}` would wait in vain",
                    member.loaded.span_of(location_of(task, "implementation")),
                    help=f"there is `{near}`" if near else None,
                )


def _missing(name: str, task: str, pipelines: dict[str, list[_Member]]) -> tuple[str | None, str | None]:
    """What is not there, and what is there instead. A pipeline that is like no other belongs to another project."""
    if name not in pipelines:
        near = nearest(name, pipelines)
        return (f"the project has no pipeline `{name}`", near) if near is not None else (None, None)
    known = [one.id for member in pipelines[name] for one in member.pipeline.tasks]
    if task.replace(" ", "") in {id.replace(" ", "") for id in known}:
        return None, None
    instance = next((id for id in known if id.startswith(f"{task}[")), None)
    return f"the pipeline `{name}` has no task `{task}`", instance or nearest(task, known)


# --- circles -------------------------------------------------------------------------------------


def _check_circles(members: list[_Member], diagnostics: Diagnostics) -> None:
    """Reports each circle of pipelines that start each other once, at the first of them."""
    following: dict[int, list[int]] = {
        index: [
            other
            for other, candidate in enumerate(members)
            if not member.produced.keys().isdisjoint(candidate.triggers)
        ]
        for index, member in enumerate(members)
    }
    reported = set[int]()
    for index, member in enumerate(members):
        circle = _way_back(index, following)
        if not circle or not reported.isdisjoint(circle):
            continue
        reported.update(circle)
        names = " -> ".join(members[one].pipeline.name for one in [*circle, index])
        diagnostics.warning(
            "L208",
            f"pipelines start each other in a circle: {names}",
            member.schedule_place,
            labels=tuple(Label(members[one].schedule_place, "and this one") for one in circle[1:]),
            help="end it: let one of them run by a cron schedule",
        )


def _way_back(start: int, following: dict[int, list[int]]) -> list[int]:
    """The shortest way from a pipeline to itself, beginning with it; nothing where there is none."""
    came_from: dict[int, int] = {}
    pending = [start]
    for current in pending:
        for other in following[current]:
            if other == start:
                way = [current]
                while way[-1] != start:
                    way.append(came_from[way[-1]])
                return way[::-1]
            if other not in came_from:
                came_from[other] = current
                pending.append(other)
    return []
