"""What a test sees of a run: outcomes, values, attempts and times that it gives, and those that it does not."""

from __future__ import annotations

import pytest

from pipec.testing.facts import context_of
from tests.testing.support import loaded, result, said, scene, states

RELEASE = """\
pipeline p(min_auc: float = 0.9, day: date = run.date) -> { version: str? } {
  task fetch -> { path: str, rows: int } = python("m:f") { retry = { max: 2, delay: 1m }  estimate = 10m }
  gate quality { require fetch.rows >= 100 else "only ${fetch.rows} rows" }
  for x in ["a", "b"] { task fit(x) -> { auc: float } after quality = python("m:f") { estimate = 30m  timeout = 1h } }
  if max(fit[*].auc) >= min_auc as good {
    approval ship { timeout = 12h  on_timeout = reject  estimate = 1h }
    task deploy -> { version: str } after ship = python("m:f")
  } else {
    task page = shell('true')
  }
  task report(version = deploy.version ?? "none") = python("m:f")
  finally { task clean = shell('true') }
  return { version: deploy.version }
}
"""
GOOD = "given fetch.rows = 500 given fit[*].auc = 0.95"

STATES = [
    (
        GOOD,
        "clean:S deploy:S fetch:S fit[a]:S fit[b]:S good:S page:- quality:S report:S ship:S",
    ),
    (
        "given fetch.rows = 500 given fit.auc = [0.1, 0.2]",
        "clean:S deploy:- fetch:S fit[a]:S fit[b]:S good:S page:S quality:S report:S ship:-",
    ),
    (
        "given fetch.rows = 5",
        "clean:S deploy:U fetch:S fit[a]:U fit[b]:U good:U page:U quality:F report:U ship:U",
    ),
    (
        "given quality is failed",
        "clean:S deploy:U fetch:S fit[a]:U fit[b]:U good:U page:U quality:F report:U ship:U",
    ),
    (
        "given quality is success given good = true given ship is rejected",
        "clean:S deploy:- fetch:S fit[a]:S fit[b]:S good:S page:- quality:S report:S ship:-",
    ),
]


@pytest.mark.parametrize(("body", "expected"), STATES, ids=[body for body, _ in STATES])
def test_states(body: str, expected: str) -> None:
    assert states(RELEASE, body) == expected


HOLDS = [
    (f"{GOOD} expect run is success expect report is success"),
    (f"{GOOD} expect fetch.attempts == 1 expect run.makespan == 1h40m"),
    (f"{GOOD} given fetch.attempts = 3 expect fetch.attempts == 3 expect run.makespan == 2h2m"),
    ("given fetch is failed expect fetch.attempts == 3 expect fetch is failed expect run is failed"),
    ("given fetch is failed expect fit is upstream_failed expect clean is success"),
    (f"{GOOD} given ship.estimate = 3h expect run.makespan == 3h40m"),
    (f"{GOOD} given ship is timeout expect ship is skipped expect run.makespan == 12h40m"),
    (f"{GOOD} given fit[\"b\"] is timeout expect fit[\"b\"] is failed expect fit[\"a\"] is success"),
    (f"{GOOD} given fit.estimate = 2h expect fit is failed"),
    (f"{GOOD} given deploy.version = \"v2\" expect run.returns.version == \"v2\" expect deploy.version == \"v2\""),
    (f"{GOOD} given min_auc = 0.99 expect page is success expect deploy.version == null"),
    (f"{GOOD} given min_auc = 0.99 expect run.returns.version == null"),
    ("given fetch.rows = 100 given fit[*].auc = 0.1 given fit[\"b\"].auc = min_auc expect good, deploy is success"),
    (f"{GOOD} given min_auc = 0.99 expect (deploy.version ?? \"x\") == \"x\""),
    (f"{GOOD} given run.date = 2028-02-29 expect day == 2028-02-29"),
    (f"{GOOD} expect day == 2026-01-01"),
    (f"{GOOD} expect sum(fit[*].attempts) == 2"),
    ("given good = false given quality is success expect page is success"),
]  # fmt: skip


@pytest.mark.parametrize("body", HOLDS)
def test_what_holds(body: str) -> None:
    assert said(result(RELEASE, body)) == []


MAPS = """\
pipeline p(paths: list[str]) {
  task find -> list[str] = python("m:f")
  map path in find {
    task look(path) -> { ok: bool } = python("m:f")
    if look.ok { task score(path) -> float = python("m:f") { retries = 1 } }
    map n in [1, 2] { task deep(n) -> int = python("m:f") }
  }
  task best(all = look[*].ok) = python("m:f") { trigger_rule = all_done }
}
"""
ITEMS = 'given find = ["x", "y"] given look[*].ok = true'

MAPPED = [
    f"{ITEMS} expect score is success expect score[0], score[1] is success",
    'given find = ["x", "y"] given look.ok = [true, false] expect score[0] is success expect score[1] is skipped',
    'given find = ["x"] given look[0].ok = false expect score[0] is skipped',
    f"{ITEMS} given score = [0.1, 0.3] expect max(score[*]) == 0.3 expect len(score[*]) == 2",
    f"{ITEMS} given score[*] = 0.1 given score[1] = 0.5 expect score[*] == [0.1, 0.5]",
    f"{ITEMS} given score[1] is failed given score[0].attempts = 2 expect score[*].attempts == [2, 2]",
    f"{ITEMS} given look[0] is failed expect look[0] is failed expect score[0] is upstream_failed",
    "given find = [] expect look, score, deep is skipped expect best is success",
    "given find is failed expect look is upstream_failed",
    f"{ITEMS} given deep[*][1] = 7 given deep[1][0] = 9 given deep[0][0] = 1 expect deep[*] == [1, 7, 9, 7]",
    f"{ITEMS} given paths = [] expect len(paths) == 0",
]


@pytest.mark.parametrize("body", MAPPED)
def test_maps(body: str) -> None:
    assert said(result(MAPS, body)) == []


CALLS = """\
pipeline clean(day: date) -> { path: dataset, rows: int } {
  task scrub(day) -> { path: dataset, rows: int } = python("m:f")
  if scrub.rows > 10 { task index = shell('true') }
  return { path: scrub.path, rows: scrub.rows }
}
pipeline p(day: date = run.date) {
  task cleaned(day) = clean { retries = 1 }
  if cleaned.rows > 5 { task train(data = cleaned.path) = python("m:f") }
}
"""
CALLED = [
    "given cleaned.rows = 9 expect train is success expect cleaned.attempts == 1",
    "given cleaned is failed expect train is upstream_failed expect cleaned.attempts == 2",
    "given cleaned.attempts = 2 given cleaned.rows = 1 expect train is skipped",
]


@pytest.mark.parametrize("body", CALLED)
def test_a_pipeline_as_a_task_is_played_as_one(body: str) -> None:
    assert said(result(CALLS, body)) == []


def test_a_pipeline_that_is_not_given_is_played() -> None:
    tasks = scene(CALLS, "expect run is success").played.run.tasks
    assert tasks["cleaned/scrub"].state == "success"


RETRIED = [
    ("retries = 2", 3),
    ('retry = { max: 2, on: ["ConnectionError"] }', 3),
    ("retry = { max: 1, on: [75] }", 2),
    ('retry = { max: 1, on: ["timeout"] }', 2),
    ("timeout = 1h", 1),
]


@pytest.mark.parametrize(("options", "attempts"), RETRIED)
def test_what_fails_does_so_in_every_attempt(options: str, attempts: int) -> None:
    pipeline = f"pipeline p {{ task a = shell('true') {{ {options} }} }}"
    body = f"given a is failed expect a is failed expect a.attempts == {attempts}"
    assert said(result(pipeline, body)) == []


WAITS = """\
pipeline p {
  wait lots = file("x") { timeout = 1h }
  wait maybe = file("x") { timeout = 1h  on_timeout = skip }
  wait order_placed = message("orders") { timeout = 1h }
  task a(n = order_placed["number"]) after lots = python("m:f")
  task b after maybe = shell('true')
}
"""


@pytest.mark.parametrize(
    "body",
    [
        "expect a, b is success",
        "given lots is timeout expect lots is failed expect a is upstream_failed expect run.makespan == 1h",
        "given lots is failed expect lots is failed expect run.makespan == 0s",
        "given maybe is timeout expect maybe, b is skipped expect run.makespan == 1h",
        "given maybe is skipped expect maybe, b is skipped expect run.makespan == 0s",
        'given order_placed = { number: 3 } expect order_placed["number"] == 3',
    ],
)
def test_waits(body: str) -> None:
    assert said(result(WAITS, body)) == []


CONTEXTS = [
    ("", ("2026-01-01", "2026-01-01T00:00:00+01:00", "test")),
    ("given run.date = 2026-07-01", ("2026-07-01", "2026-07-01T00:00:00+02:00", "test")),
    ('given run.timestamp = "2026-01-31T23:30:00+00:00"', ("2026-02-01", "2026-01-31T23:30:00+00:00", "test")),
    ('given run.id = "r1"', ("2026-01-01", "2026-01-01T00:00:00+01:00", "r1")),
]


@pytest.mark.parametrize(("body", "expected"), CONTEXTS)
def test_the_run_of_a_test(body: str, expected: tuple[str, str, str]) -> None:
    pipeline = 'pipeline p { schedule = cron("@daily", timezone = "Europe/Berlin")  task a = shell(\'true\') }'
    program = loaded(f'{pipeline} test "t" for p {{ {body} }}').program
    assert program is not None
    context = context_of(program.pipelines["p"], program.tests[0])
    assert (context.date, context.timestamp, context.id) == expected


def test_a_pipeline_with_a_start_runs_then() -> None:
    pipeline = "pipeline p(day: date = run.date) { start = 2025-05-05  task a(day) = shell('true') }"
    assert said(result(pipeline, "expect day == 2025-05-05")) == []


def test_one_statement_for_many_instances_is_used_where_one_of_them_is() -> None:
    pipeline = """
    pipeline p(flag: bool) {
      for x in ["a", "b"] {
        if flag and x == "a" or not flag and x == "b" { task t(x) -> int = python("m:f") }
      }
    }
    """
    assert said(result(pipeline, 'given flag = true given t = 3 expect t["a"] is success')) == []
    assert len(result(pipeline, 'given flag = true given t["b"] = 3 expect t["a"] is success').warnings) == 1
