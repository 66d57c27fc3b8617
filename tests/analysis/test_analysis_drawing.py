"""Plans as people and drawing tools read them."""

from __future__ import annotations

import pytest

from pipec.analysis.plan import plan
from pipec.analysis.plan_text import duration_text, plan_text
from tests.analysis.builders import WAFER_TEST, WAFER_TEST_V2, from_edges, pipeline, task

WAFER_TEST_TEXT = """\
p: 7 tasks in 6 levels, at most 2 at once

level  task               slack     after
    0  parse_stdf         critical
    1  validate_data      critical  parse_stdf
    2  engineer_features  critical  validate_data
    3  detect_outliers    critical  engineer_features
       predict_yield      critical  engineer_features
    4  device_binning     critical  detect_outliers, predict_yield
    5  generate_report    critical  device_binning

critical path: 6 tasks of 7 tasks
  parse_stdf -> validate_data -> engineer_features -> detect_outliers -> device_binning -> generate_report
parallel groups:
  {detect_outliers, predict_yield}
bottlenecks, nothing runs beside them: parse_stdf, validate_data, engineer_features, device_binning, generate_report
no task has an estimate: lengths are numbers of tasks
"""

WAFER_TEST_V2_TEXT = """\
p: 8 tasks in 6 levels, at most 3 at once

level  task        estimate  start  slack     after
    0  parse       30s       0s     critical
    1  validate    20s       30s    critical  parse
    2  features    20s       50s    critical  validate
    3  train_rf    50s       1m10s  critical  features
       train_xgb   50s       1m10s  critical  features
       train_lgbm  50s       1m10s  critical  features
    4  ensemble    30s       2m     critical  train_rf, train_xgb, train_lgbm
    5  report      10s       2m30s  critical  ensemble

critical path: 6 tasks, 2m40s of 4m20s total work
  parse -> validate -> features -> train_rf -> ensemble -> report
parallel groups:
  {train_rf, train_xgb, train_lgbm}
bottlenecks, nothing runs beside them: parse, validate, features, ensemble, report
halving one task shortens the run: parse by 15s, ensemble by 15s, validate by 10s
"""

LATE_TEXT = """\
p: 3 tasks in 3 levels, at most 1 at once

level  task  estimate  start  slack     after
    0  a     1h30m     0s     critical
    1  b     -         1h30m  critical  a
    2  c     500ms     1h30m  critical  a, b

critical path: 3 tasks, 1h30m500ms of 1h30m500ms total work
  a -> b -> c
halving one task shortens the run: a by 45m, c by 250ms
redundant edges, ordered by others already:
  a -> c
deadline 1h: missed by 30m500ms, even if all goes well
1 task without an estimate: counted as 0s
"""


def test_text_of_a_pipeline_without_estimates() -> None:
    assert plan_text(plan(WAFER_TEST)) == WAFER_TEST_TEXT


def test_text_of_a_pipeline_with_estimates() -> None:
    assert plan_text(plan(WAFER_TEST_V2)) == WAFER_TEST_V2_TEXT


def test_text_of_what_is_wrong() -> None:
    late = pipeline(task("a", seconds=5400), task("b", "a"), task("c", "a", "b", seconds=0.5), deadline=3600)
    assert plan_text(plan(late)) == LATE_TEXT


def test_text_of_slack_and_of_a_deadline_that_is_kept() -> None:
    edges = {"a": [], "b": [], "c": ["a", "b"]}
    kept = from_edges(edges, {"a": 10, "b": 4, "c": 1}).model_copy(update={"deadline": 60.0})
    text = plan_text(plan(kept))
    assert "b     4s        0s     6s\n" in text
    assert "deadline 1m: margin 49s\n" in text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0s"),
        (0.25, "250ms"),
        (1.5, "1s500ms"),
        (59.9996, "1m"),
        (90, "1m30s"),
        (3600, "1h"),
        (93_784, "1d2h3m4s"),
        (-5, "-5s"),
        (-0.0001, "0s"),
    ],
)
def test_durations(seconds: float, text: str) -> None:
    assert duration_text(seconds) == text
