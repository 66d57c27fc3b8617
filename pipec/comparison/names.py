"""Which pipelines, maps and groups belong together though they have other names: by what is in them."""

from __future__ import annotations

from collections.abc import Hashable, Mapping

from pipec.comparison.spelling import exact_leaf, implementation_text
from pipec.ir.model import Pipeline, Program

ALIKE_PIPELINES = 0.3
ALIKE_REGIONS = 0.5


def match_by_content(
    old: Mapping[str, frozenset[Hashable]], new: Mapping[str, frozenset[Hashable]], enough: float
) -> dict[str, str]:
    """New names by old ones: equal names first, then the likest contents that have at least so much in common."""
    pairs = {name: name for name in old if name in new}
    here = {name: place for place, name in enumerate(name for name in old if name not in pairs)}
    there = {name: place for place, name in enumerate(name for name in new if name not in pairs)}
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
    for own in (True, False):
        sides = [
            {key: _content(one) for key, one in program.pipelines.items() if (key in program.own) == own}
            for program in (old, new)
        ]
        found |= match_by_content(sides[0], sides[1], ALIKE_PIPELINES)
    return found


def _content(pipeline: Pipeline) -> frozenset[Hashable]:
    names: set[Hashable] = {("name", pipeline.name)}
    names |= {("task", task.id) for task in pipeline.tasks}
    names |= {("does", implementation_text(task.implementation, exact_leaf)) for task in pipeline.tasks}
    return frozenset(names)


def match_maps(old: Pipeline, new: Pipeline, tasks: Mapping[str, str]) -> dict[str, str]:
    """The names of maps in `new` by those in `old`."""
    parents = [{region.name: region.parent for region in side.maps} for side in (old, new)]
    inside = [_inside(side, parents[place], "map") for place, side in enumerate((old, new))]
    return match_by_content(_as_new(inside[0], tasks), _frozen(inside[1]), ALIKE_REGIONS)


def match_groups(old: Pipeline, new: Pipeline, tasks: Mapping[str, str]) -> dict[str, str]:
    """The names of groups in `new` by those in `old`."""
    parents = [{group.name: group.parent for group in side.groups} for side in (old, new)]
    inside = [_inside(side, parents[place], "group") for place, side in enumerate((old, new))]
    return match_by_content(_as_new(inside[0], tasks), _frozen(inside[1]), ALIKE_REGIONS)


def _inside(pipeline: Pipeline, parents: Mapping[str, str | None], kind: str) -> dict[str, set[str]]:
    """The tasks that stand directly in each region, and the depth of the region, which tells nested ones apart."""
    inside: dict[str, set[str]] = {name: set() for name in parents}
    for task in pipeline.tasks:
        name = getattr(task, kind)
        if name is not None:
            inside[name].add(task.id)
    return inside


def _as_new(inside: Mapping[str, set[str]], tasks: Mapping[str, str]) -> dict[str, frozenset[Hashable]]:
    return {name: frozenset(tasks.get(id, ("old", id)) for id in ids) for name, ids in inside.items()}


def _frozen(inside: Mapping[str, set[str]]) -> dict[str, frozenset[Hashable]]:
    return {name: frozenset(ids) for name, ids in inside.items()}
