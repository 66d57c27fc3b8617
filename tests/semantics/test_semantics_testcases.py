"""`test` blocks: what comes of them in the IR, and what is said of those that do not fit their pipeline."""

from __future__ import annotations

import pytest

from pipec.ir.model import Expectation, Given
from pipec.ir.model import TestCase as Declared
from pipec.ir.printout import expression_text
from tests.semantics.support import all_text, check

PIPELINE = """\
pipeline p(n: int = 1, day: date = run.date, at: datetime = run.timestamp) -> { best: str? } {
  task fetch -> { path: str, note: str? } = python("m:f") { retry = { max: 2 } }
  task find -> list[str] = python("m:f")
  for x in ["a", "b"], k in [1, 2] { task t(x, k) -> { auc: float } = python("m:f") }
  map one in find {
    task score(one) -> float = python("m:f")
    map two in [1, 2] { task deep(one, two) -> { v: int } = python("m:f") }
  }
  gate good { require n > 0 }
  if n > 5 as large { group far { task a = shell('true') } task b = shell('true') }
  approval ok
  wait lots = file("x") { timeout = 1h }
  wait maybe = file("x") { timeout = 1h  on_timeout = skip }
  task last after a, ok = shell('true')
  return { best: fetch.note }
}
"""


def read(body: str) -> Declared:
    loaded = check(f'{PIPELINE}test "t" for p {{ {body} }}')
    assert [all_text(one) for one in loaded.diagnostics.found] == []
    assert loaded.program is not None
    (test,) = loaded.program.tests
    return test


def shown_given(given: Given) -> str:
    if given.task is None:
        subject = given.parameter or f"run.{given.fact}"
    else:
        items = "".join(f"[{'*' if item is None else item}]" for item in given.items)
        subject = f"{given.task}{items}" + (f".{given.output or given.measure}" if given.state is None else "")
    if given.value is None:
        return f"{subject} is {given.state}"
    return f"{subject} = {expression_text(given.value)}{' by item' if given.by_item else ''}"


def shown_expectation(expectation: Expectation) -> str:
    if expectation.condition is not None:
        return expression_text(expectation.condition)
    return f"{', '.join(expectation.tasks)} is {expectation.state}"


GIVENS = [
    ("given n = 4", ["n = 4"]),
    ("given run.date = 2026-02-28", ['run.date = "2026-02-28"']),
    ('given run.timestamp = "2026-02-28T01:00:00+01:00"', ['run.timestamp = "2026-02-28T01:00:00+01:00"']),
    ('given at = "2026-02-28T01:00"', ['at = "2026-02-28T01:00:00+00:00"']),
    ('given fetch.path = "x" given fetch.note = null', ['fetch.path = "x"', "fetch.note = null"]),
    ('given fetch.path = "${n}/x"', ['fetch.path = "${n}/x"']),
    ('given find = ["x"]', ['find.output = ["x"]']),
    ('given t["a", 1].auc = 0.5', ['t["a", 1].auc = 0.5']),
    ('given t["a"][1].auc = 1', ['t["a", 1].auc = 1']),
    ('given t["a"].auc = 0.5', ['t["a", 1].auc = 0.5', 't["a", 2].auc = 0.5']),
    ('given t["b"].auc = [0.5, 0.6]', ['t["b", 1].auc = 0.5', 't["b", 2].auc = 0.6']),
    ("given t.auc = 0.5", [f't["{x}", {k}].auc = 0.5' for x in "ab" for k in (1, 2)]),
    (
        'given t["b", 2].auc = 0.1 given t[*].auc = 0.5 given t["a"].auc = 0.3',
        ['t["b", 2].auc = 0.1', 't["a", 1].auc = 0.3', 't["a", 2].auc = 0.3', 't["b", 1].auc = 0.5'],
    ),
    ("given score = [0.1, null, 0.3]", ["score.output = [0.1, null, 0.3] by item"]),
    ("given score[*] = 0.1 given score[1] = 0.3", ["score[*].output = 0.1", "score[1].output = 0.3"]),
    ("given score = 0.1", ["score.output = 0.1"]),
    ("given deep[0][1].v = 3 given deep[*][0].v = 1", ["deep[0][1].v = 3", "deep[*][0].v = 1"]),
    ("given score[1] is failed", ["score[1] is failed"]),
    ('given t["b"] is success', ['t["b", 1] is success', 't["b", 2] is success']),
    ("given ok is rejected", ["ok is rejected"]),
    ("given maybe is skipped given lots is timeout", ["maybe is skipped", "lots is timeout"]),
    ("given good is failed", ["good is failed"]),
    ("given large = true", ["large.output = true"]),
    ("given fetch.attempts = 3", ["fetch.attempts = 3"]),
    ("given fetch.estimate = 90m given ok.estimate = 1d", ["fetch.estimate = 5400", "ok.estimate = 86400"]),
]


@pytest.mark.parametrize(("body", "expected"), GIVENS, ids=[body for body, _ in GIVENS])
def test_what_is_given(body: str, expected: list[str]) -> None:
    assert [shown_given(given) for given in read(body).givens] == expected


EXPECTATIONS = [
    ("expect last, run is success", ["last, run is success"]),
    ('expect t["a", 1] is failed', ['t["a", 1] is failed']),
    ("expect t is skipped", ['t["a", 1], t["a", 2], t["b", 1], t["b", 2] is skipped']),
    ("expect score is success expect score[2] is failed", ["score is success", "score[2] is failed"]),
    ("expect deep[*], deep[0][1] is success", ["deep, deep[0][1] is success"]),
    ("expect far is skipped", ["a is skipped"]),
    ("expect large is success", ["large is success"]),
    ("expect run.makespan <= 3h", ["run.makespan <= 10800"]),
    ("expect run.returns.best == null", ['run.returns["best"] == null']),
    ("expect len(run.returns.best) > 3", ['len(run.returns["best"]) > 3']),
    ("expect fetch.attempts == 3", ["fetch.attempts == 3"]),
    ('expect sum(t["b"][*].attempts) == 4', ['sum([t["b", 1].attempts, t["b", 2].attempts]) == 4']),
    ("expect max(score[*].attempts) == 1", ["max(score[*].attempts) == 1"]),
    ('expect n > 1 expect fetch.path == "x"', ["n > 1", 'fetch.path == "x"']),
    ('expect (fetch.note ?? "none") == "none"', ['(fetch.note ?? "none") == "none"']),
    ('expect (fetch.path ?? "none") == "none"', ['(fetch.path ?? "none") == "none"']),
    ("expect fetch.path == null", ["fetch.path == null"]),
]  # fmt: skip


@pytest.mark.parametrize(("body", "expected"), EXPECTATIONS, ids=[body for body, _ in EXPECTATIONS])
def test_what_is_expected(body: str, expected: list[str]) -> None:
    assert [shown_expectation(expectation) for expectation in read(body).expectations] == expected


def test_an_expectation_knows_what_was_written() -> None:
    written = read("expect run.makespan\n  <= 3h expect last, run is success").expectations
    assert [one.source for one in written] == ["run.makespan <= 3h", "last, run is success"]


def test_a_gate_that_the_language_adds_has_a_name() -> None:
    text = "pipeline p(n: int) { require n > 0 task a = shell('true') }"
    loaded = check(f'{text} test "t" for p {{ expect check_parameters is failed }}')
    assert loaded.diagnostics.found == []


def test_a_task_called_run_hides_the_run() -> None:
    text = 'pipeline p { task run -> int = python("m:f") }'
    loaded = check(f'{text} test "t" for p {{ expect run is skipped expect run == 3 }}')
    assert loaded.diagnostics.found == []


FAULTS = [
    ('given fetch.path = 3', "P0201", "a given value needs str, this is int"),
    ("given fetch.pth = 'x'", "P0206", "task `fetch` has no output `pth`", "there is `path`"),
    ("given fetch = 'x'", "P0206", "`fetch` is no value by itself", "`fetch.path`"),
    ("given find.output = []", "P0206", "task `find` has no output `output`", "write `given find = …`"),
    ("given ok = true", "P0206", "`ok` is no value by itself", "write `given ok is success`"),
    ("given fech.path = 'x'", "P0101", "pipeline `p` has no task `fech`", "there is `fetch`"),
    ("given n = 'x'", "P0201", "a given value needs int"),
    ("given n = n + 1", "P0304", "this must be known when compiling"),
    ("given fetch.path = join(find, '-')", "P0304", "a given value cannot be read from the run"),
    ("given n = 1 given n = 2", "P0305", "`n` is given twice", "first given here"),
    ("given fetch is failed given fetch is success", "P0305", "`fetch` is given twice"),
    ("given fetch is failed given fetch.attempts = 2", "P0305", "`fetch` is given as failed and with the attempts"),
    ("given fetch.attempts = 4", "P0303", "`fetch` makes 1 to 3 attempts"),
    ("given last.attempts = 2", "P0303", "`last` makes one attempt"),
    ("given good.estimate = 2m", "P0303", "`good` runs no code"),
    ("given fetch.estimate = -1m", "P0303", "a time is not negative"),
    ("given fetch is borken", "P0303", "`borken` is no state"),
    ("given fetch.path is failed", "P0303", "an output is not failed, a task is", "write `given fetch is failed`"),
    ("given fetch is approved", "P0303", "`fetch` is no approval"),
    ("given fetch is skipped", "P0303", "`fetch` is never skipped by itself"),
    ("given lots is skipped", "P0303", "`lots` is never skipped by itself", "`timeout`"),
    ("given ok is failed", "P0303", "a person does not answer `failed`", "approved, rejected or timeout"),
    ("given fetch is timeout", "P0303", "`fetch` has no timeout", "`timeout = 1h`"),
    ("given good is timeout", "P0303", "a gate is not timeout"),
    ("given large is failed", "P0303", "a decision is not failed", "`given large = true`"),
    ("given run.makespan = 3h", "P0101", "`run.makespan` cannot be given"),
    ("given run.attempt = 3", "P0303", "`run.attempt` cannot be given"),
    ("given run.dat = 2026-01-01", "P0101", "`run.dat` cannot be given", "there is `date`"),
    ("given run.timestamp = 'noon'", "P0303", "this is no time"),
    ("given t['c', 1].auc = 1", "P0404", '`t` has no instance ["c", 1]'),
    ("given t['a', 1][0].auc = 1", "P0404", "`t` has no further instances"),
    ("given t[n, 1].auc = 1", "P0404", "an instance is picked by a constant"),
    ("given fetch[0].path = 'x'", "P0404", "`fetch` is a single task"),
    ("given fetch[*].path = 'x'", "P0404", "`[*]` needs a task of a `for` or `map`, `fetch` is a single one"),
    ("given score['x'] = 1", "P0404", "an item of a map is picked by its place in the list"),
    ("given t['b'].auc = [1.0]", "P0303", "`t` has 2 instances, the list 1 values"),
    ("given deep.v = [1, 2]", "P0303", "`deep` stands in several maps"),
    ("given 3 = 4", "P0106", "`3` names no task or output of one"),
    ("expect last is faild", "P0303", "`faild` is no state", "there is `failed`"),
    ("expect ok is rejected", "P0303", "`rejected` is no state", "an approval that was rejected is skipped"),
    ("expect run is skipped", "P0303", "`skipped` is no state"),
    ("expect lst is failed", "P0101", "pipeline `p` has no task `lst`"),
    ("expect fetch.path is failed", "P0106", "`fetch.path` is an output: a state is one of a task"),
    ("expect deep[0] is failed", "P0404", "`deep[0]` is neither one instance nor all of them"),
    ("expect last", "P0106", "`expect last` does not say what is expected", "write `expect last is success`"),
    ("expect run", "P0106", "`expect run` does not say what is expected"),
    ("expect run.makspan < 3h", "P0101", "`run` has no `makspan`", "there is `makespan`"),
    ("expect makespan < 3h", "P0101", "`makespan` is not defined"),
    ("expect fetch.path", "P0201", "`expect` needs bool, this is str"),
    ("expect run.makespan < 3", "P0202", "`<` does not work on duration and int"),
    ("expect score.attempts == 1", "P0404", "task `score` runs once per item of a `map`", "`score[*].attempts`"),
    ("expect fetch.atempts == 1", "P0206", "task `fetch` has no output `atempts`"),
    ("timeout = 3h", "P0302", "a test has no option `timeout`"),
]  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS, ids=[fault[0] for fault in FAULTS])
def test_what_does_not_fit(fault: tuple[str, ...]) -> None:
    body, code, *words = fault
    found = check(f'{PIPELINE}test "t" for p {{ {body} }}').diagnostics.sorted()
    assert [one.code for one in found] == [code]
    for word in words:
        assert word in all_text(found[0])


def test_the_pipeline_of_a_test_is_there() -> None:
    (found,) = check('pipeline nightly {} test "t" for nigtly { expect run is success }').diagnostics.found
    assert (found.code, found.help) == ("P0101", "there is `nightly`")
