"""`pipec plan` under assumptions: given values, items of maps, other estimates, and what earlier runs took."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pipec.backends.local.store.records import Entry

from pipec.api import load
from tests.backends.local.history.samples import attempt, ended, state
from tests.cli.conftest import Call
from tests.cli.kept_runs import keep
from tests.cli.test_cli_commands import faults

SHIPPING = """\
pipeline shipping(min_auc: float = 0.9) {
  deadline = 1h
  on deadline = slack("#ml")
  task find -> list[str] = python("steps:find") { estimate = { min: 1m, likely: 2m, max: 4m } }
  map path in find {
    max_parallel = 2
    task score(path) -> float = python("steps:score") { estimate = { min: 2m, likely: 5m, max: 10m } }
  }
  task best(scores = score[*]) -> { auc: float } = python("steps:best") { estimate = 1m }
  if best.auc >= min_auc as good_enough {
    task deploy = python("steps:deploy") { estimate = { min: 10m, likely: 30m, max: 50m } }
  } else {
    task page = python("steps:page") { estimate = 1m }
  }
  task report after deploy, page = python("steps:report")
}
"""

OPEN = """\
shipping: 7 tasks in 6 levels, at most 1 at once

level  task         estimate  start  slack     after
    0  find         2m        0s     critical
    1  score        5m        2m     critical  find
    2  best         1m        7m     critical  score
    3  good_enough  -         8m     critical  best
    4  deploy       30m       8m     critical  good_enough
       page         1m        8m     29m       good_enough
    5  report       -         38m    critical  good_enough, deploy, page

critical path: 6 tasks, 38m of 9m to 38m total work
  find -> score -> best -> good_enough -> deploy -> report
  at best 14m
  at worst 1h5m
bottlenecks, nothing runs beside them: find, score, best, good_enough, report
halving one task shortens the run: deploy by 15m, score by 2m30s, find by 1m
deadline 1h: margin 22m (margin 46m at best, missed by 5m at worst)
the longest run by what is decided:
  good_enough: true 38m (worst), false 9m
maps:
  path: counted as one item, for nothing tells how many there are
2 tasks without an estimate: counted as 0s
"""

GIVEN = """\
shipping: 7 tasks in 6 levels, at most 1 at once

level  task         estimate  start  slack     after
    0  find         4m        0s     critical
    1  score        10m x 3   4m     critical  find
    2  best         1m        34m    critical  score
    3  good_enough  -         35m    critical  best
    4  deploy       50m       -      skipped   good_enough
       page         1m        35m    critical  good_enough
    5  report       -         36m    critical  good_enough, deploy, page

critical path at worst: 6 tasks, 36m of 56m total work
  find -> score -> best -> good_enough -> page -> report
  at best 9m
  as is likely 19m
bottlenecks, nothing runs beside them: find, score, best, good_enough, report
halving one task shortens the run: score by 15m, find by 2m, best by 30s
deadline 1h: margin 24m (margin 51m at best, margin 41m as is likely)
by what is given:
  good_enough is false
maps:
  path: 5 items in 3 waves, 2 at once, given
2 tasks without an estimate: counted as 0s
"""


@pytest.fixture
def shipping(folder: Path) -> Path:
    file = folder / "shipping.pipe"
    file.write_text(SHIPPING, "utf-8")
    return file


def test_both_sides_are_told_and_the_worse_one_counts(call: Call, shipping: Path) -> None:
    assert call("plan", "shipping.pipe").out == OPEN


@pytest.mark.parametrize("given", ["good_enough=false", "best.auc=0.7"])
def test_a_side_that_is_given_or_follows(given: str, call: Call, shipping: Path) -> None:
    assert call("plan", "shipping.pipe", "--given", given, "--items", "5", "--estimate", "max").out == GIVEN


def test_json_tells_what_was_assumed(call: Call, shipping: Path) -> None:
    called = call("plan", "shipping.pipe", "--given", "good_enough=true", "--items", "path=3", "--format", "json")
    document = json.loads(called.out)
    assert faults(document, "plan") == []
    assert document["decisions"][0] | {"id": "", "from": ""} == {
        "id": "",
        "taken": True,
        "from": "",
        "if_true_s": None,
        "if_false_s": None,
        "worst": None,
        "true_in_runs": None,
        "in_runs": None,
    }
    assert document["maps"] == [
        {"name": "map_score", "variable": "path", "items": 3, "from": "given", "max_parallel": 2, "waves": 2}
    ]
    assert [task["id"] for task in document["tasks"] if not task["runs"]] == ["page"]
    assert {kind: times["deadline_margin_s"] for kind, times in document["estimates"].items()} == {
        "min": 3600 - 60 * 16,
        "likely": 3600 - 60 * 43,
        "max": 3600 - 60 * 75,
    }


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            ["--given", "good_enuf=true"],
            "error: there is no task `good_enuf`: there is `good_enough`",
        ),
        (["--given", "score=0.7"], "error: `score` runs once for each item"),
        (["--items", "path=few"], "error: --items `path=few`: `few` is not a number of items"),
        (["--from-runs", "0"], "error: argument --from-runs: `0` is not a number of runs above 0"),
    ],
)
def test_what_makes_no_sense_is_refused(options: list[str], message: str, call: Call, shipping: Path) -> None:
    called = call("plan", "shipping.pipe", *options)
    assert (called.exit_code, called.out) == (2, "")
    assert called.err.startswith(message)


# --- earlier runs --------------------------------------------------------------------------------


def run(scored: float, deployed: float | None) -> list[Entry]:
    """A run in which `score` took so long for the first of two items, and which deployed or paged somebody."""
    good = deployed is not None
    last = "deploy" if good else "page"
    return [
        *attempt("find", 0, 10),
        Entry("mapped", 10, "score", data={"count": 2}),
        *attempt("score[0]", 10, 10 + scored),
        *attempt("score[1]", 10, 15, error="no readings", again=True),
        *attempt("score[1]", 15, 22, number=2),
        *attempt("best", 100, 200, cached_from="another"),
        state("good_enough", 200, "success", outputs={"output": good}),
        *attempt(last, 200, 200 + (deployed or 1.0)),
        ended(1000),
    ]


LEARNT = """\
critical path: 6 tasks, 1m47s of 1m25s to 1m54s total work
  find -> score -> best -> good_enough -> deploy -> report
  at best 1m47s
  at worst 2m
bottlenecks, nothing runs beside them: find, score, best, good_enough, report
halving one task shortens the run: best by 30s, deploy by 15s, find by 5s
deadline 1h: margin 58m13s (margin 58m13s at best, margin 58m at worst)
the longest run by what is decided:
  good_enough: true 1m47s (worst), false 1m18s; true in 1 of 3 earlier runs
as most earlier runs decide: 1m18s, find -> score -> best -> good_enough -> page -> report
maps:
  path: 2 items all at once, the median of earlier runs
4 estimates learnt from 3 runs: 5th, 50th and 95th percentile of the attempts that succeeded
2 tasks without an estimate: counted as 0s
"""


def test_estimates_are_learnt_from_runs(call: Call, shipping: Path) -> None:
    """Of attempts that failed and of results from the cache nothing is learnt."""
    shape = load(shipping).pipeline()
    for day, (scored, deployed) in enumerate([(7, None), (20, 30.0), (12, None)]):
        keep(shipping.parent, shape, run(scored, deployed), day=day)
    text = call("plan", "shipping.pipe", "--from-runs").out
    assert "score        7s        10s    critical" in text
    assert text[text.index("critical path") :] == LEARNT
    last = json.loads(call("plan", "shipping.pipe", "--from-runs", "1", "--format", "json").out)
    assert faults(last, "plan") == []
    assert {task["id"]: task["learnt_from_attempts"] for task in last["tasks"]} == {
        "find": 1,
        "score": 2,
        "best": None,
        "good_enough": None,
        "deploy": None,
        "page": 1,
        "report": None,
    }
    assert (last["runs"], last["usual"]["critical_path"][-2]) == (1, "page")


def test_what_is_given_counts_before_what_was_learnt(call: Call, shipping: Path) -> None:
    keep(shipping.parent, load(shipping).pipeline(), run(7, 30.0))
    text = call("plan", "shipping.pipe", "--from-runs", "--given", "good_enough=false", "--items", "9").out
    assert "  good_enough is false\n" in text
    assert "  path: 9 items in 5 waves, 2 at once, given\n" in text


def test_without_runs_nothing_is_learnt(call: Call, shipping: Path) -> None:
    text = call("plan", "shipping.pipe", "--from-runs").out
    note = "no earlier run tells how long tasks take: there are none of this pipeline\n"
    assert text.replace(note, "") == OPEN
    assert note in text


def test_a_store_that_cannot_be_read_is_told(call: Call, shipping: Path) -> None:
    (shipping.parent / ".pipec").mkdir()
    (shipping.parent / ".pipec" / "runs.db").write_text("no database", "utf-8")
    called = call("plan", "shipping.pipe", "--from-runs")
    assert (called.exit_code, called.out) == (2, "")
    assert "runs.db" in called.err


# --- large pipelines -----------------------------------------------------------------------------


def large(tasks: int) -> str:
    lines = ["pipeline large {", "  task first = shell('true') { estimate = 1m }"]
    for number in range(tasks):
        lines.append(f"  task t{number} after first = shell('true') {{ estimate = {number + 1}s }}")
    everything = ", ".join(f"t{number}" for number in range(tasks))
    return "\n".join([*lines, f"  task last after {everything} = shell('true')", "}", ""])


def test_long_levels_are_folded(call: Call, folder: Path) -> None:
    Path("large.pipe").write_text(large(40), "utf-8")
    text = call("plan", "large.pipe").out
    assert len(text.splitlines()) < 25
    assert "       and 32 more: slack 1s to 32s\n" in text
    assert "       t39    40s       1m     critical  first\n" in text
    assert "first, t0" not in text
    assert "t0, t1, t2, t3, t4, t5, t6 and 33 more" in text
    whole = call("plan", "large.pipe", "--all").out
    assert all(f"t{number} " in whole for number in range(40))
    assert "and " not in whole
