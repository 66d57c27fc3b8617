"""Which pipelines, maps and groups belong together though they have other names: by what is in them."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping

from pipec.comparison.spelling import exact, implementation_text
from pipec.ir.model import Pipeline, Program

ALIKE_PIPELINES = 0.3
ALIKE_REGIONS = 0.5
_ANYTHING = 1e-9


def match_by_content(
    old: Mapping[str, frozenset[Hashable]], new: Mapping[str, frozenset[Hashable]], enough: float
) -> dict[str, str]:
    """New names by old ones: equal names first, then the likest contents that have at least so much in common.

    Where only one is left on either side they belong together if they have anything in common.
    """
    pairs = {name: name for name in old if name in new}
    here = {name: place for place, name in enumerate(name for name in old if name not in pairs)}
    there = {name: place for place, name in enumerate(name for name in new if name not in pairs)}
    enough = enough if len(here) > 1 or len(there) > 1 else _ANYTHING
    scored = []
    for name, place in here.items():
        for other, other_place in there.items():
            together = len(old[name] | new[other])
            score = len(old[name] & new[other]) / together if together else 0.0
            if score >= enough:
                scored.append((-score, abs(place - other_place), place + other_place, name, other))
    taken: set[str] = set()
    for *_, name, other in sorted(scored, key=lambda one: one[:3]):
        if name not in pairs and other not in taken:
            pairs[name] = other
            taken.add(other)
    return pairs


def match_pipelines(old: Program, new: Program) -> dict[str, str]:
    """The keys in `new` by those in `old`. A file's own pipelines are matched with own ones alone."""
    found: dict[str, str] = {}
    for imported in (False, True):
        sides = [
            {key: _content(one) for key, one in program.pipelines.items() if (":" in key) == imported}
            for program in (old, new)
        ]
        found |= match_by_content(sides[0], sides[1], ALIKE_PIPELINES)
    return found


def _content(pipeline: Pipeline) -> frozenset[Hashable]:
    names: set[Hashable] = {("name", pipeline.name)}
    names |= {("task", task.id) for task in pipeline.tasks}
    names |= {("does", implementation_text(task.implementation, exact)) for task in pipeline.tasks}
    return frozenset(names)


def match_maps(old: Pipeline, new: Pipeline, tasks: Mapping[str, str]) -> dict[str, str]:
    """The names of maps in `new` by those in `old`."""
    inside = [
        _inside({region.name: region.parent for region in side.maps}, [(task.id, task.map) for task in side.tasks])
        for side in (old, new)
    ]
    return match_by_content(_as_new(inside[0], tasks), inside[1], ALIKE_REGIONS)


def match_groups(old: Pipeline, new: Pipeline, tasks: Mapping[str, str]) -> dict[str, str]:
    """The names of groups in `new` by those in `old`."""
    inside = [
        _inside({group.name: group.parent for group in side.groups}, [(task.id, task.group) for task in side.tasks])
        for side in (old, new)
    ]
    return match_by_content(_as_new(inside[0], tasks), inside[1], ALIKE_REGIONS)


def _inside(
    parents: Mapping[str, str | None], placed: Iterable[tuple[str, str | None]]
) -> dict[str, frozenset[Hashable]]:
    """The tasks in each region, and how deep it stands, which tells it from one that holds nothing but it."""
    inside: dict[str, set[Hashable]] = {name: {("depth", len(_around(name, parents)))} for name in parents}
    for id, region in placed:
        for name in _around(region, parents):
            inside[name].add(id)
    return {name: frozenset(content) for name, content in inside.items()}


def _around(region: str | None, parents: Mapping[str, str | None]) -> list[str]:
    """A region and those around it."""
    found: list[str] = []
    while region is not None:
        found.append(region)
        region = parents[region]
    return found


def _as_new(inside: Mapping[str, frozenset[Hashable]], tasks: Mapping[str, str]) -> dict[str, frozenset[Hashable]]:
    """The same with the tasks by the ids that they have in the new pipeline."""
    return {
        name: frozenset(tasks.get(one, ("old", one)) if isinstance(one, str) else one for one in content)
        for name, content in inside.items()
    }
