"""What a failure does on a cluster otherwise than the language says: to the run, and to tasks that then do not run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pipec.analysis.graph import ancestors, upstream_map
from pipec.backend import Advice
from pipec.ir.model import Decision, MapRegion, Pipeline


def failure_advice(pipeline: Pipeline) -> Iterator[Advice]:
    """What is otherwise, at its lines."""
    yield from _finally(pipeline)
    yield from _maps(pipeline)


def _finally(pipeline: Pipeline) -> Iterator[Advice]:
    """The failure of an exit task is no failure of the run: Argo calls it as a hook, and looks past its end."""
    for task in pipeline.tasks:
        if task.is_finally:
            yield Advice(
                "P0507",
                "where it fails on a cluster of Kubeflow, the run succeeds all the same",
                "put what must not fail before `finally`, or say `# pipec: ignore[P0507]` where it may",
                task.location,
                f"task `{task.id}` of finally",
            )


def _maps(pipeline: Pipeline) -> Iterator[Advice]:
    """A loop begins when all that its tasks wait for has succeeded, and what follows one of them follows all."""
    if not pipeline.maps:
        return
    upstream = upstream_map(pipeline)
    place = {id: index for index, id in enumerate(upstream)}
    before = ancestors(upstream)

    def follows(id: str, other: str) -> bool:
        return bool(before[id] >> place[other] & 1)

    decisions = {task.id for task in pipeline.tasks if isinstance(task.implementation, Decision)}  # hardly ever fail
    outer = {region.name: region.parent for region in pipeline.maps}
    regions = {task.id: list(_around(task.map, outer)) for task in pipeline.tasks}
    for region in pipeline.maps:
        inside = [id for id in upstream if region.name in regions[id]]
        found = next(
            (
                (failing, kept)
                for id in upstream
                for parent in upstream[id]
                for failing, kept in _beside(id in inside, parent in inside, id, parent, inside)
                if failing not in decisions and not follows(kept, failing)
            ),
            None,
        )
        if found is not None:
            yield _whole(region, *found)


def _around(region: str | None, outer: Mapping[str, str | None]) -> Iterator[str]:
    while region is not None:
        yield region
        region = outer[region]


def _beside(
    is_inside: bool, comes_from_inside: bool, id: str, parent: str, inside: list[str]
) -> Iterator[tuple[str, str]]:
    """Tasks that may fail, and tasks that Kubeflow makes wait for them, where an edge enters or leaves a loop."""
    if is_inside and not comes_from_inside:
        yield from ((parent, other) for other in inside)
    elif comes_from_inside and not is_inside:
        yield from ((other, id) for other in inside)


def _whole(region: MapRegion, failing: str, kept: str) -> Advice:
    return Advice(
        "P0508",
        f"on Kubeflow it begins and ends as a whole: where `{failing}` fails, `{kept}` does not run",
        f"let `{kept}` wait for `{failing}`, put what has to go on into a map of its own, or say "
        "`# pipec: ignore[P0508]` where it does not matter",
        region.location,
        f"map over `{region.variable}`",
    )
