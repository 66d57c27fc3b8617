"""Success rates, durations, verdicts and rankings, as tables."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pipec.backends.local.history.shape import Shape
from pipec.backends.local.history.statistics import (
    WINDOW,
    health,
    percent,
    percentile,
    slowest,
    task_statistics,
    top_failing,
    trend,
)

from tests.backends.local.history.samples import START, attempt, ended, run_of, state, summaries
from tests.support.ir_builder import pipeline, task

S = "s"

VERDICTS = {
    "all succeeded, no deadline": ("s" * 20, None, "HEALTHY"),
    "99 of 100": ("s" * 50 + "f" + "s" * 49, None, "HEALTHY"),
    "98 of 100": ("s" * 50 + "ff" + "s" * 48, None, "WARNING"),
    "95 of 100": ("f" * 5 + "s" * 95, None, "WARNING"),
    "94 of 100": ("f" * 6 + "s" * 94, None, "CRITICAL"),
    "a killed run did not succeed": ("s" * 10 + "k", None, "CRITICAL"),
    "a running one does not count": ("r" + "s" * 10, None, "HEALTHY"),
    "only the last 100 count": ("s" * WINDOW + "f" * 50, None, "HEALTHY"),
    "one run, failed": ("f", None, "CRITICAL"),
    "within the deadline": ("s" * 20, 60.0, "HEALTHY"),
    "not within the deadline": ("s" * 20, 59.0, "WARNING"),
    "not within the deadline and failing": ("ff" + "s" * 18, 59.0, "CRITICAL"),
}


@pytest.mark.parametrize("case", VERDICTS)
def test_verdicts(case: str) -> None:
    statuses, deadline, expected = VERDICTS[case]
    found = health(summaries(statuses), deadline)
    assert found is not None
    assert found.verdict == expected


@pytest.mark.parametrize("statuses", ["", "r", "rr"])
def test_no_run_that_is_over_no_verdict(statuses: str) -> None:
    assert health(summaries(statuses), 60.0) is None


@pytest.mark.parametrize(
    ("seconds", "is_in_time"),
    [
        ([60] * 100, True),
        ([61] + [60] * 99, False),  # the last run
        ([60] * 50 + [900] * 5 + [60] * 45, True),  # 95 of 100 are in time
        ([60] * 50 + [900] * 6 + [60] * 44, False),
    ],
)
def test_the_deadline_is_for_the_last_run_and_for_95_of_100(seconds: list[float], is_in_time: bool) -> None:
    found = health(summaries("s" * 100, seconds), 60.0)
    assert found is not None
    assert found.is_in_time is is_in_time


def test_without_an_end_there_is_no_saying_whether_the_deadline_was_kept() -> None:
    found = health(summaries("kk"), 60.0)
    assert found is not None
    assert (found.is_in_time, found.p95, found.verdict) == (None, None, "CRITICAL")


def test_the_grounds_of_a_verdict() -> None:
    found = health(summaries("sssf", [10, 20, 30, 40]), 35.0)
    assert found is not None
    assert found.reason == "3 of 4 runs succeeded (75.0 %), not within the deadline"
    assert (found.last, found.p50, found.p95) == (10, 20, 40)


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [
        ([], 95, None),
        ([3], 95, 3),
        ([1, 2, 3, 4], 50, 2),
        (list(range(1, 101)), 95, 95),
        (list(range(1, 21)), 95, 19),
        ([5, 1, 3], 100, 5),
        ([5, 1, 3], 0, 1),
    ],
)
def test_percentiles(values: list[float], share: float, expected: float | None) -> None:
    assert percentile(values, share) == expected


@pytest.mark.parametrize(
    ("share", "text"), [(1.0, "100 %"), (0.9999, "99.9 %"), (0.95, "95.0 %"), (0.0, "0 %"), (0.0001, "0.1 %")]
)
def test_shares_are_not_rounded_to_a_whole(share: float, text: str) -> None:
    assert percent(share) == text


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        ([10] * 6, "steady"),
        ([15] * 5 + [10] * 5, "50% slower than before"),
        ([5] * 5 + [10] * 5, "50% faster than before"),
        ([10.5] * 5 + [10] * 5, "steady"),
        ([999] + [10] * 9, "steady"),  # one run is no trend
    ],
)
def test_trends(seconds: list[float], words: str) -> None:
    found = trend(summaries("s" * len(seconds), seconds))
    assert found is not None
    assert found.words == words


def test_failed_runs_and_few_runs_have_no_trend() -> None:
    assert trend(summaries("sssss")) is None
    assert trend(summaries("sssss" + "f" * 9)) is None


def test_the_order_in_which_runs_are_given_is_of_no_importance() -> None:
    runs = summaries("f" + "s" * 9, range(1, 11))
    assert health(runs, 5.0) == health(runs[::-1], 5.0)
    assert trend(runs) == trend(runs[::-1])


def test_statistics_of_tasks() -> None:
    shape = pipeline(task("a"), task("b", after="a"), task("c", after="b"))
    good = run_of(shape, [*attempt("a", 0, 4), *attempt("b", 4, 5), *attempt("c", 5, 6), ended(6)])
    bad = run_of(
        shape,
        [
            *attempt("a", 0, 8),
            *attempt("b", 8, 9, error="x", again=True),
            *attempt("b", 9, 12, number=2, error="x"),
            state("c", 12, "upstream_failed"),
            ended(12, "failed"),
        ],
    )
    found = task_statistics([bad, good], Shape(shape))
    table = {each.task: (each.runs, each.attempts, each.failed_attempts, each.failed_runs, each.mean) for each in found}
    assert table == {"a": (2, 2, 0, 0, 6.0), "b": (2, 3, 2, 1, pytest.approx(5 / 3)), "c": (2, 1, 0, 0, 1.0)}
    assert [each.task for each in slowest(found)] == ["a", "b", "c"]
    assert [each.task for each in slowest(found, 1)] == ["a"]
    assert [each.task for each in top_failing(found)] == ["b"]


def test_a_cached_attempt_says_nothing_of_durations() -> None:
    record = run_of(None, [*attempt("a", 0, 0, cached_from="run0"), ended(0)])
    [found] = task_statistics([record], Shape(None))
    assert (found.attempts, found.mean, found.longest) == (0, None, None)
    assert slowest([found]) == []


def test_ranking_of_failures() -> None:
    [base] = task_statistics([run_of(None, attempt("a", 0, 1))], Shape(None))
    table = {"often": (3, 3), "tried": (0, 9), "once": (1, 1), "never": (0, 0), "also": (3, 4)}
    given = [
        replace(base, task=name, failed_runs=failed_runs, failed_attempts=attempts)
        for name, (failed_runs, attempts) in table.items()
    ]
    assert [each.task for each in top_failing(given)] == ["also", "often", "once", "tried"]


def test_runs_are_counted_from_their_start() -> None:
    assert [run.started_at - START for run in summaries("ss")] == [0, -3600]
