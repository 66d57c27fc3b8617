"""`pipec simulate`: what it prints, and what it says of options that mean nothing."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.cli.conftest import Call
from tests.cli.test_cli_commands import faults

EXAMPLES = Path(__file__).parents[2] / "examples"
WAFER = str(EXAMPLES / "wafer_test_v2" / "pipeline.pipe")
NIGHTLY = str(EXAMPLES / "yield_model_retrain_daily" / "pipeline.pipe")

TRAIN = """\
pipeline train(day: date) {
  deadline = 4h
  wait lots = file("/data/lots")
  task extract(day) -> { rows: int, days: list[str] } after lots = python("s:extract") {
    estimate = { min: 15m, likely: 20m, max: 50m }
    failure_rate = 0.2
    retry = { max: 2, delay: 1m }
  }
  map one in extract.days {
    task clean(one) = python("s:clean") { estimate = 10m  resources = { cpu: 2 } }
  }
  task fit(rows = extract.rows) -> { auc: float } after clean = python("s:fit") {
    estimate = 1h
    deadline = 80m
    require auc > 0.5
  }
  if fit.auc > 0.9 as good {
    approval ship after fit
    task deploy after ship = python("s:deploy") { estimate = 5m }
  }
}
"""


@pytest.fixture
def train(folder: Path) -> str:
    (folder / "train.pipe").write_text(TRAIN, encoding="utf-8")
    return "train.pipe"


def makespans(out: str) -> list[float]:
    return [scenario["makespan_s"]["p50"] for scenario in json.loads(out)["scenarios"]]


def test_a_fourth_slot_buys_nothing(call: Call) -> None:
    called = call("simulate", WAFER, "--slots", "1..4")
    assert called.exit_code == 0
    assert called.out.splitlines()[:8] == [
        "wafer_test_v2: one run says it all, for nothing in it is left to chance",
        "",
        "slots  makespan  slots in use  queueing  this slot buys",
        "1         4m20s         100 %     2m30s",
        "2         3m30s          62 %       50s            -50s",
        "3         2m40s          54 %        0s            -50s",
        "4         2m40s          54 %        0s         nothing",
        "",
    ]
    assert "A fourth slot buys nothing: 3 slots are enough." in called.out
    assert makespans(call("simulate", WAFER, "--slots", "1..4", "--json").out) == [260, 210, 160, 160]


def test_the_risk_of_a_deadline(call: Call) -> None:
    spread = "train.estimate = { min: 1h, likely: 2h, max: 5h }"
    written = call("simulate", NIGHTLY, "--what-if", spread, "--runs", "200", "--json").out
    document = json.loads(written)
    assert faults(document, "simulate") == []
    before, after = document["scenarios"]
    assert before["deadline_missed"]["probability"] == 0
    assert 0.1 < after["deadline_missed"]["probability"] < 0.9
    assert after["deadline_missed"]["low"] < after["deadline_missed"]["probability"] < after["deadline_missed"]["high"]


def test_the_probability_of_missing_a_deadline_is_printed(call: Call, folder: Path) -> None:
    spread = "{ estimate = { min: 1h, likely: 2h, max: 5h } }"
    text = Path(NIGHTLY).read_text("utf-8").replace("{ estimate = 1h }", spread)
    (folder / "nightly.pipe").write_text(text, encoding="utf-8")
    out = call("simulate", "nightly.pipe", "--runs", "300", "--given", "better=true").out
    [deadline] = [line for line in out.splitlines() if line.startswith("deadline")]
    assert re.fullmatch(r"deadline   4h is missed in \d\d % of runs \(95 % sure: \d\d % to \d\d %\)", deadline)


def test_a_risk_is_told(call: Call, train: str) -> None:
    out = call("simulate", train, "--runs", "100", "--seed", "3", "--delay", "lots=3h").out
    assert out.startswith("train: 100 simulated runs, seed 3\n")
    [deadline] = [line for line in out.splitlines() if line.startswith("deadline")]
    assert "4h is missed in every run (95 % sure: in more than 96 %)" in deadline
    assert "fit misses its own in 100 % of runs" in out


def test_what_is_assumed_is_said(call: Call, train: str) -> None:
    out = call("simulate", train, "--runs", "10").out
    assert out.partition("\nassumed\n")[2].splitlines() == [
        "  approved at once: ship   (--delay ship=2h, --given ship=false)",
        "  there at once: lots   (--delay lots=30m)",
        "  good goes either way, each in half of the runs   (--given good=true)",
        "  map_clean has 1 item   (--items map_clean=25)",
        "  requirements hold, for what they look at is not known: fit",
    ]


def test_what_is_given_is_not_assumed(call: Call, train: str) -> None:
    given = ("--given", "fit.auc=0.95", "--items", "clean=3", "--delay", "ship=2h", "--delay", "lots=1m")
    document = json.loads(call("simulate", train, "--runs", "10", "--json", *given).out)
    assert faults(document, "simulate") == []
    [scenario] = document["scenarios"]
    assert not any(names for key, names in scenario["assumed"].items() if key != "task_overhead_s")
    tasks = {task["id"]: task for task in scenario["typical_run"]["tasks"]}
    assert {"clean[0]", "clean[1]", "clean[2]"} <= tasks.keys()
    assert tasks["ship"]["ended_s"] - tasks["ship"]["started_s"] == pytest.approx(7200)
    assert tasks["fit"]["outputs"] == {"auc": 0.95}
    assert tasks["extract"]["outputs"] == {"rows": None, "days": None}


@pytest.mark.parametrize(
    ("given", "states"),
    [
        (["good=true"], {"good": "success", "ship": "success", "deploy": "success"}),
        (["good=false"], {"good": "success", "ship": "skipped", "deploy": "skipped"}),
        (["good=true", "ship=rejected"], {"good": "success", "ship": "skipped", "deploy": "skipped"}),
        (["fit.auc=0.4"], {"fit": "failed", "deploy": "upstream_failed"}),
    ],
)
def test_answers(given: list[str], states: dict[str, str], call: Call, train: str) -> None:
    words = [word for one in given for word in ("--given", one)]
    document = json.loads(call("simulate", train, "--runs", "1", "--json", *words).out)
    found = {task["id"]: task["state"] for task in document["scenarios"][0]["typical_run"]["tasks"]}
    assert {name: found[name] for name in states} == states


def test_capacity_is_that_of_run(call: Call, train: str) -> None:
    words = ("--items", "one=4", "--capacity", "cpu=4,memory=8Gi", "--runs", "20", "--task-overhead", "30s")
    out = call("simulate", train, *words).out
    assert "4 cpu, " in out
    assert "8Gi of memory, 0 % in use" in out
    assert "each attempt takes 30s more than its estimate" in out
    refused = call("simulate", train, "--capacity", "cpu=1")
    assert refused.exit_code == 1
    assert "error[P0505]: task `clean` asks for 2 cpu, there is 1 cpu" in refused.err


def test_the_same_seed_gives_the_same(call: Call, train: str) -> None:
    outs = [call("simulate", train, "--runs", "20", "--seed", seed, "--json").out for seed in ("1", "1", "2")]
    assert outs[0] == outs[1]
    assert makespans(outs[1]) != makespans(outs[2])


def test_changes_side_by_side(call: Call, train: str) -> None:
    words = ("--what-if", "fit.estimate=2h", "--what-if", "slots = 1; extract.failure_rate = 0", "--items", "clean=5")
    out = call("simulate", train, "--runs", "50", *words).out
    rows = [line.split("  ")[0] for line in out.splitlines()[2:6]]
    assert rows == ["", "as written", "fit.estimate=2h", "slots = 1; extract.failure_rate = 0"]


def test_no_estimates(call: Call, folder: Path) -> None:
    out = call("simulate", "etl.pipe").out
    assert "makespan   3 tasks\n" in out
    assert "no task has an estimate: every task counts 1, and times are numbers of tasks" in out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--given", "fit=1"], "`fit` names no output"),
        (["--given", "fti.auc=1"], "there is no task `fti`: there is `fit`"),
        (["--given", "fit.acu=1"], "task `fit` has no output `acu`: there is `auc`"),
        (["--given", "fit.auc=high"], "fit.auc: expected float, got str 'high'"),
        (["--given", "good=maybe"], "`good` is true or false, not `maybe`"),
        (
            ["--delay", "fit=2h"],
            "for approvals and waits, `fit` is no approval and no wait: there are lots, ship",
        ),
        (["--delay", "ship=soon"], "`ship=soon`: write a duration such as 2h"),
        (["--delay", "ship=never", "--given", "good=true"], "the run never ends: ship is never answered"),
        (["--items", "fit=2"], "there is no map `fit`: there are map_clean"),
        (["--items", "clean=some"], "--items clean=some: a number of items is needed"),
        (["--slots", "0"], "`0` is not a number above 0"),
        (["--slots", "4..2"], "`4..2` ends before it starts"),
        (["--slots", "1..999"], "more than 64 numbers of slots"),
        (["--slots", "1..3", "--what-if", "slots=2"], "compare different things"),
        (["--what-if", "fit"], "`fit` is no change"),
        (["--what-if", "fit.colour = 3"], "`fit.colour` is nothing to change here"),
        (["--what-if", "fti.estimate = 2h"], "there is no task `fti`: there is `fit`"),
        (["--what-if", "fit.estimate = long"], "write a duration such as 2h"),
        (["--what-if", "fit.failure_rate = 2"], "a number from 0 to 1 is needed"),
        (["--what-if", "slots = 0"], "a whole number of at least 1 is needed"),
        (["--what-if", "clean.resources.cpu = 16", "--capacity", "cpu=8"], "the run never ends: there is too little"),
        (["--task-overhead", "some"], "`some` is not a duration such as 20s"),
        (["--runs", "0"], "`0` is not a number above 0"),
        (["--param", "day=tomorrow"], "day: expected date"),
        (["--date", "tomorrow"], "`tomorrow` is not a date"),
    ],
)
def test_wrong_usage(words: list[str], message: str, call: Call, train: str) -> None:
    called = call("simulate", train, "--runs", "3", *words)
    assert called.exit_code == 2
    assert message in called.err
    assert called.out == ""


def test_a_run_that_fails(call: Call, folder: Path) -> None:
    text = "pipeline p { task a = python('s:a') { estimate = 10s  timeout = 5s }  task b after a = python('s:b') }"
    (folder / "late.pipe").write_text(text, encoding="utf-8")
    lines = call("simulate", "late.pipe").out.splitlines()
    assert lines[2:5] == ["makespan   5s", "success    no, it fails", "           a: timed out after 5s"]
    spread = text.replace("task b", "task c = python('s:c') { estimate = { min: 1s, likely: 7s, max: 9s } } task b")
    (folder / "late.pipe").write_text(spread, encoding="utf-8")
    assert "   of runs that all fail\n" in call("simulate", "late.pipe", "--runs", "9").out


def test_nothing_to_do(call: Call, folder: Path) -> None:
    (folder / "empty.pipe").write_text("pipeline p { }", encoding="utf-8")
    out = call("simulate", "empty.pipe").out
    assert "makespan   0 tasks\n" in out
    assert "the run:" not in out


def test_a_file_with_errors(call: Call, folder: Path) -> None:
    assert call("simulate", "bad.pipe").exit_code == 1
    assert "choose one with --pipeline" in call("simulate", "two.pipe").err
