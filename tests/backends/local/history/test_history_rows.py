"""Ids taken apart, instances folded into rows, and the chain that determined the end."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pipec.backends.local.history.chain import critical_chain
from pipec.backends.local.history.instances import Segment, mapped_parents, read_segment, segments
from pipec.backends.local.history.rows import last_moment, rows, task_counts
from pipec.backends.local.history.shape import Shape, shape_of
from pipec.backends.local.store.records import Entry, RunRecord

from tests.backends.local.history.samples import (
    START,
    attempt,
    calling,
    ended,
    ensemble,
    in_map,
    large,
    mapped_pipeline,
    run_of,
    state,
    troubled,
)
from tests.support.ir_builder import decision, literal, pipeline, task

SEGMENTS = {
    "score": ["score"],
    "score[3][0]": ["score[3][0]"],
    "cleaned@2/scrub[1]": ["cleaned@2", "scrub[1]"],
    'train["a/b"]/fit': ['train["a/b"]', "fit"],
    r'train["a\"/b"]': [r'train["a\"/b"]'],
}


@pytest.mark.parametrize("instance", SEGMENTS)
def test_an_id_falls_into_the_tasks_around_it(instance: str) -> None:
    assert segments(instance) == SEGMENTS[instance]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("score", Segment("score")),
        ("score[3]", Segment("score", (3,))),
        ("score[3][0]", Segment("score", (3, 0))),
        ("train[1]", Segment("train[1]")),
        ("train[1][4]", Segment("train[1]", (4,))),
        ("cleaned@2", Segment("cleaned")),
        ("cleaned[3]@2", Segment("cleaned", (3,))),
    ],
)
def test_indices_are_those_that_no_task_has_in_its_id(text: str, expected: Segment) -> None:
    assert read_segment(text, {"score", "train[1]", "cleaned"}) == expected


def test_parents_of_an_instance_of_nested_maps() -> None:
    assert mapped_parents("a[3][0]", (3, 0)) == [("a[3]", 0), ("a", 3)]


def shown(record: RunRecord) -> dict[str, str]:
    return {row.task: row.states_text for row in rows(record, shape_of(record))}


def test_a_map_is_one_row() -> None:
    assert shown(troubled()) == {
        "list_stations": "success",
        "download_raw_measurements_of_the_whole_night_shift": "success",
        "score": "23 success, 2 failed",
        "calibrate": "success",
        "decide_full": "upstream_failed",
        "full_report": "upstream_failed",
        "short_report": "skipped",
        "publish": "upstream_failed",
        "archive": "upstream_failed",
        "cleanup": "success",
    }


def test_what_there_is_to_say_of_a_row() -> None:
    notes = {row.task: row.note for row in rows(troubled(), shape_of(troubled())) if row.note}
    assert notes == {
        "list_stations": "cached, from run 2026-01-01T00-00-00-ab12",
        "score": "ValueError: station has no readings ...",
    }


def test_tasks_of_a_called_pipeline_stand_below_it_and_the_last_attempt_counts() -> None:
    assert shown(calling()) == {
        "fetch": "success",
        "cleaned": "success",
        "cleaned/read": "success",
        "cleaned/scrub": "2 success",
        "cleaned/write": "success",
        "report": "success",
    }


def test_a_row_sums_up_all_its_attempts() -> None:
    [row] = [row for row in rows(calling(), shape_of(calling())) if row.task == "cleaned/read"]
    assert (row.started_at, row.seconds, row.depth) == (START + 1, 2.0, 1)


def test_tasks_and_instances_never_heard_of_are_pending() -> None:
    shape = mapped_pipeline(task("list"), in_map(task("score", after="list")), task("end", after="score"))
    record = run_of(
        shape, [*attempt("list", 0, 1), Entry("mapped", 1, "score", data={"count": 3}), *attempt("score[1]", 1)]
    )
    assert shown(record) == {"list": "success", "score": "2 pending, 1 running", "end": "pending"}
    assert task_counts(record, shape_of(record)) == {"success": 1, "pending": 3, "running": 1}


def test_instances_of_a_longer_list_before_a_resumption_are_gone() -> None:
    shape = mapped_pipeline(in_map(task("score")))
    entries = [
        Entry("mapped", 0, "score", data={"count": 3}),
        *(entry for index in range(3) for entry in attempt(f"score[{index}]", 0, 1)),
        Entry("resumed", 5, data={"changes": []}),
        Entry("mapped", 5, "score", data={"count": 1}),
        state("score[0]", 5, "success", restored=True),
    ]
    record = run_of(shape, entries)
    assert shown(record) == {"score": "1 success"}
    assert rows(record, shape_of(record))[0].note == "kept from the earlier part of the run"


@pytest.mark.parametrize("text", ["", "no json", "[]", '{"pipelines": {}, "unknown": 1}', '{"name": 3}'])
def test_a_run_whose_pipeline_cannot_be_read_is_still_shown(text: str) -> None:
    record = run_of(None, [*attempt("a", 0, 1), *attempt("b[0]", 1, 2), ended(2)])
    record.pipeline_json = text
    assert shape_of(record).root is None
    assert shown(record) == {"a": "success", "b": "1 success"}


def test_when_a_run_ended() -> None:
    over = run_of(None, [*attempt("a", 0, 1), ended(2)])
    going_on = run_of(None, attempt("a", 0, 1))
    killed = run_of(None, [*attempt("a", 0, 1), *attempt("b", 3)], status="killed")
    assert [last_moment(record, START + 9) - START for record in (over, going_on, killed)] == [2, 9, 3]


# --- the chain -----------------------------------------------------------------------------------


def chain(record: RunRecord) -> list[tuple[str, int, str]]:
    links = critical_chain(record, shape_of(record), START + 1000)
    return [(link.instance, link.attempt.attempt, link.reason) for link in links]


def test_the_chain_of_the_longest_branch() -> None:
    assert chain(ensemble()) == [
        ("preprocess", 1, "start"),
        ("train_boosting", 1, "upstream"),
        ("combine", 1, "upstream"),
    ]


def test_the_chain_goes_through_retries() -> None:
    wide = "download_raw_measurements_of_the_whole_night_shift"
    assert chain(troubled()) == [
        ("list_stations", 1, "start"),
        (wide, 1, "upstream"),
        (wide, 2, "retry"),
        (wide, 3, "retry"),
        ("calibrate", 1, "upstream"),
        ("cleanup", 1, "upstream"),
    ]


def test_the_chain_goes_into_a_called_pipeline_and_its_attempts() -> None:
    assert chain(calling()) == [
        ("fetch", 1, "start"),
        ("cleaned/read", 1, "upstream"),
        ("cleaned@2/read", 1, "retry"),
        ("cleaned@2/scrub[1]", 1, "upstream"),
        ("cleaned@2/write", 1, "upstream"),
        ("report", 1, "upstream"),
    ]


def test_the_chain_goes_through_who_held_the_only_place() -> None:
    shape = pipeline(task("a"), task("b"), task("c"))
    record = run_of(shape, [*attempt("a", 0, 5), *attempt("b", 5, 9), *attempt("c", 9, 10), ended(10)])
    assert chain(record) == [("a", 1, "start"), ("b", 1, "slot"), ("c", 1, "slot")]


def test_the_chain_passes_through_tasks_without_attempts() -> None:
    shape = pipeline(
        task("a"), decision("choose", literal(True), after="a"), task("b", after="choose", side=[("choose", True)])
    )
    record = run_of(shape, [*attempt("a", 0, 5), state("choose", 5, "success", 1), *attempt("b", 5, 6), ended(6)])
    assert chain(record) == [("a", 1, "start"), ("b", 1, "upstream")]


def test_instances_of_one_map_wait_for_their_own_item() -> None:
    shape = mapped_pipeline(in_map(task("read")), in_map(task("score", after="read")))
    entries = [
        *attempt("read[0]", 0, 1),
        *attempt("read[1]", 0, 3),
        *attempt("score[0]", 1, 9),
        *attempt("score[1]", 3, 4),
        ended(9),
    ]
    record = run_of(shape, sorted(entries, key=lambda entry: entry.at))
    assert chain(record) == [("read[0]", 1, "start"), ("score[0]", 1, "upstream")]


def test_no_attempts_no_chain() -> None:
    assert chain(run_of(pipeline(task("a")), [state("a", 0, "skipped"), ended(0)])) == []


@given(st.integers(0, 10_000), st.integers(2, 40))
def test_a_chain_goes_forward_in_time_to_the_last_end(seed: int, count: int) -> None:
    record = large(count, levels=4, seed=seed)
    links = critical_chain(record, shape_of(record), START)
    ends = [each.ended_at for task in record.tasks.values() for each in task.attempts]
    assert links[-1].attempt.ended_at == max(end for end in ends if end is not None)
    assert links[0].reason == "start"
    for before, after in pairwise(links):
        assert before.attempt.ended_at is not None
        assert before.attempt.ended_at <= after.attempt.started_at + 0.01
        assert after.waited >= 0


def test_rows_without_a_shape_keep_their_order() -> None:
    assert [row.task for row in rows(ensemble(), Shape(None))] == list(ensemble().tasks)
