"""The graph in characters."""

from __future__ import annotations

import pytest

from pipec.analysis.plan import plan
from pipec.ir.model import Pipeline
from pipec.pictures.terminal import graph_text
from tests.analysis.builders import from_edges, pipeline
from tests.pictures.samples import SHIP, layered, read

SHIP_GRAPH = """\
●      fetch  10m · critical
●      enough  critical
├─┬─╮
│ ○ │  calibrate  2m · slack 1h13m
│ │ ○  tabular  20m · slack 15m
● │ │  images  35m · critical
╰─│─┤
  │ ●  train \N{MULTIPLICATION SIGN} 6  40m · critical, each
  ├─╯
  ●    select  1m · critical
  ◆    good_enough  if select.auc > 0.8  critical
╭─┤
│ ●    yes: release  critical
○ │    no: tell  1m · slack 4m
  ●    deploy  5m · critical
●      finally: clean_up  1m · critical
"""


def test_the_example_of_the_manual() -> None:
    assert graph_text(*read(SHIP)) == SHIP_GRAPH


def shown(edges: dict[str, list[str]]) -> list[str]:
    """The graph of tasks without estimates, without what stands behind their names."""
    drawn = from_edges(edges)
    return [line.partition("  critical")[0] for line in graph_text(drawn, plan(drawn)).splitlines()]


@pytest.mark.parametrize(
    ("edges", "lines"),
    [
        ({"a": [], "b": ["a"]}, ["●  a", "●  b"]),
        ({"a": [], "b": []}, ["●  a", "●  b"]),
        ({"a": [], "b": [], "c": ["a", "b"]}, ["●    a", "│ ●  b", "├─╯", "●    c"]),
        (
            {"a": [], "b": ["a"], "c": ["a"], "d": ["b", "c"]},
            ["●    a", "├─╮", "● │  b", "│ ●  c", "├─╯", "●    d"],
        ),
        (
            {"a": [], "b": [], "c": ["a", "b"], "d": ["a", "b"]},
            ["●      a", "├─╮", "│ │ ●  b", "├─┼─╯", "● │    c", "  ●    d"],
        ),
    ],
)
def test_lanes(edges: dict[str, list[str]], lines: list[str]) -> None:
    assert shown(edges) == lines


def test_every_task_stands_below_what_it_waits_for() -> None:
    drawn, planned = read(layered(40, width=4))
    lines = graph_text(drawn, planned).splitlines()
    line = {task.id: next(n for n, text in enumerate(lines) if f" {task.id} " in text) for task in drawn.tasks}
    assert all(line[parent] < line[task.id] for task in drawn.tasks for parent in task.upstream)


@pytest.mark.parametrize("drawn", [read(layered(100))[0], from_edges({f"t{n}": [] for n in range(61)})])
def test_what_is_too_large_says_so(drawn: Pipeline) -> None:
    assert graph_text(drawn, plan(drawn)) == "the graph is too large for a terminal: draw it with --format html\n"


def test_no_tasks_are_no_lines() -> None:
    assert graph_text(pipeline(), plan(pipeline())) == ""
