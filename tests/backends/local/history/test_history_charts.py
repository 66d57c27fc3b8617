"""Where things are drawn: time scales, layouts, bars."""

from __future__ import annotations

import re
import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pipec.backends.local.history.chain import critical_chain
from pipec.backends.local.history.gantt import CHART_WIDTH, Gantt, gantt
from pipec.backends.local.history.layout import Size, lay_out
from pipec.backends.local.history.rows import rows
from pipec.backends.local.history.shape import shape_of
from pipec.backends.local.history.timescale import TimeScale, tick_label, tick_step
from pipec.backends.local.history.trend_chart import CHART_HEIGHT, trend_chart
from pipec.backends.local.history.wording import cut, local_time
from pipec.backends.local.store.records import Entry, RunRecord

from pipec.analysis.levels import levels
from tests.backends.local.history.samples import (
    START,
    attempt,
    ended,
    ensemble,
    in_map,
    mapped_pipeline,
    run_of,
    summaries,
    troubled,
)
from tests.support.ir_builder import task

SIZE = Size(width=100, height=20, column_gap=40, row_gap=10)


@pytest.mark.parametrize(
    ("text", "columns", "shown"),
    [
        ("short", 10, "short"),
        ("exactly_10", 10, "exactly_10"),
        ("train_the_model_on_all_data", 12, "train_th…ata"),
        ("漢字漢字漢字", 7, "漢字…字"),
        ("", 3, ""),
    ],
)
def test_long_names_lose_their_middle(text: str, columns: int, shown: str) -> None:
    assert cut(text, columns) == shown


@given(st.text(max_size=60), st.integers(1, 40))
def test_a_cut_text_is_never_longer_than_allowed(text: str, columns: int) -> None:
    assert len(cut(text, columns)) <= max(columns, 1)


def test_times_are_local_with_their_offset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Kolkata")
    time.tzset()
    try:
        assert local_time(START) == "2026-01-02 05:30:00 +05:30"
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize(
    ("wanted", "step"), [(0.0004, 0.001), (0.3, 0.5), (7, 10), (12, 15), (31, 60), (400, 600), (100_000, 172_800)]
)
def test_ticks_are_at_round_times(wanted: float, step: float) -> None:
    assert tick_step(wanted) == pytest.approx(step)


@pytest.mark.parametrize(
    ("seconds", "step", "label"),
    [
        (0, 5, "0"),
        (0.005, 0.005, "5ms"),
        (0.25, 0.05, "0.25s"),
        (15, 5, "15s"),
        (90, 30, "1m30s"),
        (120, 60, "2m"),
        (7200, 3600, "2h00m"),
    ],
)
def test_labels_of_ticks(seconds: float, step: float, label: str) -> None:
    assert tick_label(seconds, step) == label


def test_a_time_that_is_cut_out_takes_no_room() -> None:
    scale = TimeScale(0, 1010, 100, cuts=[(5, 1005)])
    assert [scale.position(moment) for moment in (0, 5, 500, 1005, 1010, 9999)] == [0, 50, 50, 50, 100, 100]


# --- the layout ----------------------------------------------------------------------------------

graphs = st.integers(1, 25).flatmap(
    lambda count: st.lists(st.lists(st.integers(0, 24), max_size=4), min_size=count, max_size=count)
).map(lambda parents: {f"t{n}": tuple({f"t{p}" for p in some if p < n}) for n, some in enumerate(parents)})  # fmt: skip


@given(graphs)
def test_no_nodes_overlap_and_edges_go_to_the_right(upstream: dict[str, tuple[str, ...]]) -> None:
    layout = lay_out(upstream, SIZE)
    boxes = sorted(layout.nodes.values())
    for (x, y), (other_x, other_y) in pairwise(boxes):
        assert other_x - x >= SIZE.width or abs(other_y - y) >= SIZE.height
    for x, y in boxes:
        assert -0.01 <= x <= layout.width - SIZE.width + 0.01
        assert -0.01 <= y <= layout.height - SIZE.height + 0.01
    for edge in layout.edges:
        assert layout.nodes[edge.upstream][0] + SIZE.width < layout.nodes[edge.downstream][0]


@given(graphs)
def test_every_level_is_a_column(upstream: dict[str, tuple[str, ...]]) -> None:
    layout = lay_out(upstream, SIZE)
    columns = [{layout.nodes[task][0] for task in level} for level in levels(upstream)]
    assert all(len(column) == 1 for column in columns)


def test_an_edge_begins_and_ends_at_its_nodes() -> None:
    layout = lay_out({"a": (), "b": ("a",)}, SIZE)
    [edge] = layout.edges
    assert edge.path.startswith("M100.0 15.0C")
    assert edge.path.endswith(" 140.0 15.0")


def test_a_wide_level_stands_in_several_columns() -> None:
    layout = lay_out({"a": (), **{f"b{n}": ("a",) for n in range(100)}}, SIZE)
    assert len({x for x, _ in layout.nodes.values()}) == 5
    assert layout.height < 40 * 30


def test_a_straight_chain_is_straight() -> None:
    layout = lay_out({"a": (), "b": ("a",), "c": ("b",)}, SIZE)
    assert len({y for _, y in layout.nodes.values()}) == 1


def test_ten_thousand_tasks_are_laid_out_soon() -> None:
    upstream = {f"t{n}": tuple({f"t{n - 1 - n % 7}", f"t{n // 2}"}) if n > 7 else () for n in range(10_000)}
    began = time.process_time()
    assert len(lay_out(upstream, SIZE).nodes) == 10_000
    assert time.process_time() - began < 20


# --- attempts over time --------------------------------------------------------------------------


def chart_of(record: RunRecord) -> Gantt:
    shape = shape_of(record)
    return gantt(record, shape, rows(record, shape), critical_chain(record, shape, START), START)


def test_rows_are_in_the_order_of_their_starts_with_the_critical_ones_marked() -> None:
    chart = chart_of(ensemble())
    assert [(row.task, row.is_critical, len(row.bars)) for row in chart.rows] == [
        ("preprocess", True, 1),
        ("train_forest", False, 1),
        ("train_boosting", True, 1),
        ("train_network", False, 1),
        ("combine", True, 1),
    ]
    assert len(chart.links) == 2


def test_bars_stand_at_their_times() -> None:
    [first, *_] = chart_of(ensemble()).rows
    [bar] = first.bars
    assert bar.x == pytest.approx(CHART_WIDTH * 0.1 / 160.1)
    assert bar.width == pytest.approx(CHART_WIDTH * 29.9 / 160.1)
    assert bar.title == "preprocess: success in 29.9s, from 0.10s"


def test_waiting_is_seen() -> None:
    chart = chart_of(troubled())
    waits = {row.task: [wait.kind for wait in row.waits] for row in chart.rows if row.waits}
    assert waits == {
        "download_raw_measurements_of_the_whole_night_shift": ["retry", "retry"],
        "score": ["retry"],
        "cleanup": ["queue"],
    }
    assert chart.kinds == ["cached", "failed", "success", "retry", "queue"]


def test_instances_that_run_at_once_stand_in_lanes_that_do_not_overlap() -> None:
    [score] = [row for row in chart_of(troubled()).rows if row.task == "score"]
    assert len(score.bars) == 26
    for bar, other in pairwise(sorted(score.bars, key=lambda each: (each.y, each.x))):
        assert bar.y != other.y or bar.x + bar.width <= other.x + 0.01
    assert all(score.y <= bar.y and bar.y + bar.height <= score.y + score.height for bar in score.bars)


def test_thousands_of_instances_are_few_bars() -> None:
    entries = [Entry("mapped", 0, "score", data={"count": 5000})]
    for index in range(5000):
        entries += attempt(f"score[{index}]", index // 4 * 0.1, index // 4 * 0.1 + 0.1)
    chart = chart_of(run_of(mapped_pipeline(in_map(task("score"))), [*entries, ended(125)]))
    [row] = chart.rows
    assert len(row.bars) < 3000
    assert row.height < 150


def test_the_pause_before_a_resumption_is_cut_out() -> None:
    entries = [
        *attempt("a", 0, 10),
        *attempt("b", 10),
        Entry("resumed", 86_400, data={"changes": []}),
        *attempt("b", 86_400, 86_410, number=2),
        ended(86_410),
    ]
    chart = chart_of(run_of(None, entries))
    assert chart.resumes == [pytest.approx(CHART_WIDTH / 2)]
    assert [bar.kind for row in chart.rows for bar in row.bars] == ["success", "killed", "success"]


# --- the trend -----------------------------------------------------------------------------------


def test_the_trend_has_a_bar_a_run_oldest_first() -> None:
    chart = trend_chart(summaries("sfkr", [60, 30, 0, 0]), 90.0, "run0")
    assert chart is not None
    assert [(bar.status, bar.is_shown_run, bar.height > 0) for bar in chart.bars] == [
        ("killed", False, False),
        ("failed", False, True),
        ("success", True, True),
    ]
    assert chart.bars[2].height == pytest.approx(2 * chart.bars[1].height)
    assert chart.deadline_y is not None
    assert chart.deadline_y < chart.bars[2].y < CHART_HEIGHT


def test_a_deadline_far_off_is_only_named() -> None:
    chart = trend_chart(summaries("ss"), 7200.0, "run0")
    assert chart is not None
    assert (chart.deadline_y, chart.deadline) == (None, "2h00m")
    assert re.match(r"run1: success, 1m00s\nstarted 20\d\d-", chart.bars[0].title)
