"""The edited file that `diff` is measured on is edited as the table says."""

from __future__ import annotations

from pipec.api import diff, load
from tests.benchmarks.analysis_scale import edited
from tests.benchmarks.compile_scale import random_graph, source


def test_the_edited_file_differs_in_what_is_said() -> None:
    graph = random_graph(200, 1)
    sides = [load("scale.pipe", text=text) for text in (source(graph), edited(source(graph), graph, 1))]
    (pipeline,) = diff(*sides).pipelines
    kinds = [task.kind for task in pipeline.tasks for _ in task.new or task.old]
    assert kinds.count("renamed") == 10
    assert kinds.count("changed") >= 9  # one may have been renamed besides
    assert sum(len(edge.edges) for edge in pipeline.edges if edge.kind == "removed") == 10
    assert {"added", "removed"}.isdisjoint(kinds)
