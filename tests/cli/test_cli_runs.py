"""`pipec runs`: what it lists and shows, and what it says where there is nothing."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from pipec.backends.local.store.records import Entry

from tests.backends.local.history.samples import attempt, ended, in_map, mapped_pipeline, state
from tests.cli.conftest import Call
from tests.cli.kept_runs import keep
from tests.cli.test_cli_commands import faults
from tests.support.ir_builder import pipeline, task

ETL = pipeline(task("extract"), task("load", after="extract"), name="etl", deadline=60.0)
SCORING = mapped_pipeline(task("stations"), in_map(task("score", after="stations")), name="scoring")
LOG = "{task} {attempt}: one\n{task} {attempt}: two\n"

GOOD = [*attempt("extract", 0, 2), *attempt("load", 2, 10), ended(10)]
BAD = [
    *attempt("extract", 0, 1, error="ConnectionError: gone", again=True),
    *attempt("extract", 3, 4, number=2, error="ConnectionError: gone\nfor good"),
    state("load", 4, "upstream_failed"),
    Entry("alert", 4, "", data={"event": "failure", "channel": "slack", "message": "etl failed", "error": "refused"}),
    ended(4, "failed"),
]
MAPPED = [
    *attempt("stations", 0, 1),
    Entry("mapped", 1, "score", data={"count": 3}),
    *attempt("score[0]", 1, 2),
    *attempt("score[1]", 1, 2, error="no readings"),
    *attempt("score[2]", 1, 2),
    ended(2, "failed"),
]


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Three runs in the current folder, oldest first: their ids."""
    monkeypatch.chdir(tmp_path)
    return [
        keep(tmp_path, ETL, GOOD, log=LOG),
        keep(tmp_path, SCORING, MAPPED, day=1, log=LOG),
        keep(tmp_path, ETL, BAD, day=2, log=LOG),
    ]


def columns(text: str) -> list[list[str]]:
    """The cells of a table: two spaces and more are between them."""
    return [re.split(r"  +", line.strip()) for line in text.splitlines()]


# --- the list ------------------------------------------------------------------------------------


def test_the_list_has_the_newest_run_first(call: Call, runs: list[str]) -> None:
    called = call("runs")
    assert called.exit_code == 0
    head, *lines = columns(called.out)
    assert head == ["run", "pipeline", "state", "date", "started", "took", "tasks ok", "failed"]
    assert [[*line[:4], *line[5:]] for line in lines] == [
        [runs[2], "etl", "failed", "2026-01-04", "4.0s", "0/2", "2"],
        [runs[1], "scoring", "failed", "2026-01-03", "2.0s", "3/4", "1"],
        [runs[0], "etl", "success", "2026-01-02", "10.0s", "2/2", "-"],
    ]
    assert re.fullmatch(r"2026-01-0\d \d\d:\d\d:\d\d [+-]\d\d:\d\d", lines[0][4])


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        (["--pipeline", "etl"], [2, 0]),
        (["--state", "failed"], [2, 1]),
        (["--state", "success"], [0]),
        (["--limit", "1"], [2]),
        (["--pipeline", "etl", "--state", "failed", "--limit", "5"], [2]),
    ],
)
def test_the_list_is_narrowed(words: list[str], shown: list[int], call: Call, runs: list[str]) -> None:
    _, *lines = columns(call("runs", *words).out)
    assert [line[0] for line in lines] == [runs[index] for index in shown]


def test_the_list_as_json(call: Call, runs: list[str]) -> None:
    document = json.loads(call("runs", "--json", "--pipeline", "scoring").out)
    assert document == {
        "format_version": 1,
        "runs": [
            {
                "run_id": runs[1],
                "pipeline": "scoring",
                "file": str(Path.cwd() / "p.pipe"),
                "state": "failed",
                "interrupted": False,
                "date": "2026-01-03",
                "interval_start": "2026-01-02",
                "interval_end": "2026-01-03",
                "started_at": "2026-01-03T00:00:00+00:00",
                "ended_at": "2026-01-03T00:00:02+00:00",
                "duration_s": 2.0,
                "tasks": {"success": 3, "failed": 1},
            }
        ],
    }


def test_no_runs_in_a_state_is_no_fault(call: Call, runs: list[str]) -> None:
    called = call("runs", "--state", "killed")
    assert (called.exit_code, called.out, called.err) == (0, "", "no runs\n")


# --- one run -------------------------------------------------------------------------------------


def test_a_run_with_its_tasks_failures_and_alerts(call: Call, runs: list[str]) -> None:
    called = call("runs", "last")
    assert called.exit_code == 0
    assert called.out.startswith(f"etl failed in 4.0s, run {runs[2]}\n")
    table = columns(called.out.split("\n\n")[1])
    assert table == [
        ["task", "state", "attempts", "started", "took", "log", "note"],
        ["extract", "failed", "2", "+0.00s", "2.0s", "extract/2.log", "ConnectionError: gone ..."],
        ["load", "upstream_failed", "-", "-", "-", "-"],
    ]
    assert "extract failed: ConnectionError: gone\n  for good\n  | extract 2: one\n  | extract 2: two\n" in called.out
    assert f"logs: {Path.cwd() / '.pipec' / 'runs' / runs[2]}\n" in called.out
    assert "alert failure by slack: not delivered: refused\n" in called.out


def test_a_mapped_task_is_one_line(call: Call, runs: list[str]) -> None:
    table = columns(call("runs", "last", "--pipeline", "scoring").out.split("\n\n")[1])
    assert table[2] == ["score", "2 success, 1 failed", "3", "+1.0s", "3.0s", "-", "no readings"]


@pytest.mark.parametrize("length", [12, 20])
def test_the_start_of_an_id_is_enough(length: int, call: Call, runs: list[str]) -> None:
    assert f"run {runs[1]}\n" in call("runs", runs[1][:length]).out


def test_what_was_cached_or_kept_is_said(call: Call, runs: list[str], tmp_path: Path) -> None:
    entries = [
        *attempt("extract", 0, 0, cached_from=runs[0]),
        Entry("resumed", 5, data={"changes": []}),
        state("extract", 5, "success", 1, restored=True),
        *attempt("load", 5, 5, cached_from=runs[0]),
        ended(6),
    ]
    keep(tmp_path, ETL, entries, day=3)
    text = call("runs", "last").out
    assert re.search(r"extract +success .* kept from the earlier part of the run\n", text)
    assert re.search(rf"load +success .* cached, from run {runs[0]}\n", text)
    assert "  resumed  2026-01-05 " in text


def test_a_run_as_json_is_the_object_of_run(call: Call, runs: list[str]) -> None:
    document = json.loads(call("runs", "last", "--json").out)
    assert (document["run_id"], document["state"]) == (runs[2], "failed")
    assert {name: facts["state"] for name, facts in document["tasks"].items()} == {
        "extract": "failed",
        "load": "upstream_failed",
    }


def test_a_run_as_json_keeps_the_published_schema(call: Call, runs: list[str]) -> None:
    assert faults(json.loads(call("runs", runs[1], "--json").out), "run") == []


# --- logs ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["2", "--log", "extract"], "extract 2: one\nextract 2: two\n"),
        (["2", "--log", "extract", "--attempt", "1"], "extract 1: one\nextract 1: two\n"),
        (["1", "--log", "score[2]"], "score[2] 1: one\nscore[2] 1: two\n"),
    ],
)
def test_the_log_of_an_attempt(
    words: list[str], text: str, runs: list[str], capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    from pipec.cli import main

    assert main(["runs", runs[int(words[0])], *words[1:]]) == 0
    assert capfdbinary.readouterr().out.decode() == text


LOG_FAULTS = {
    "misspelt": (["2", "--log", "extrat"], "has no task `extrat`: there is `extract`"),
    "like none": (["2", "--log", "zzz"], "has no task `zzz`"),
    "mapped": (["1", "--log", "score"], "`score` has 3 instances: name one, such as `score[0]`"),
    "instance": (["1", "--log", "score[7]"], "has no task `score[7]`: there is `score[2]`"),
    "never ran": (["2", "--log", "load"], "`load` has no log: it is upstream_failed, and no attempt of it was made"),
    "attempt": (["2", "--log", "extract", "--attempt", "3"], "`extract` has no attempt 3: there is 1, 2"),
}


@pytest.mark.parametrize("case", LOG_FAULTS)
def test_a_log_that_is_not_there(case: str, call: Call, runs: list[str]) -> None:
    words, message = LOG_FAULTS[case]
    called = call("runs", runs[int(words[0])], *words[1:])
    assert (called.exit_code, called.out) == (2, "")
    assert message in called.err
    assert called.err.count("\n") == 1


def test_a_log_file_that_was_deleted(call: Call, runs: list[str]) -> None:
    file = Path(".pipec/runs") / runs[0] / "load" / "1.log"
    file.unlink()
    called = call("runs", runs[0], "--log", "load")
    assert called.exit_code == 2
    assert called.err == f"error: cannot read {file.absolute()}: No such file or directory\n"


# --- health --------------------------------------------------------------------------------------


def test_the_summary_of_each_pipeline(call: Call, runs: list[str]) -> None:
    called = call("runs", "--summary")
    assert called.exit_code == 0
    etl, scoring = called.out.split("\n\n  slowest")[0], called.out
    assert etl.startswith("etl CRITICAL: 1 of 2 runs succeeded (50.0 %), within the deadline\n")
    assert "  duration      typical 4.0s, 95 % within 10.0s, last 4.0s\n  deadline      1m00s, kept\n" in called.out
    assert "scoring CRITICAL: 0 of 1 runs succeeded (0 %)\n" in scoring


def test_the_summary_of_one_pipeline_as_json(call: Call, runs: list[str]) -> None:
    [found] = json.loads(call("runs", "--summary", "--pipeline", "etl", "--json").out)["pipelines"]
    assert (found["health"]["verdict"], found["health"]["success_rate"]) == ("CRITICAL", 0.5)
    assert [each["task"] for each in found["slowest"]] == ["load", "extract"]
    assert [(each["task"], each["failed_attempts"]) for each in found["top_failing"]] == [("extract", 2)]


# --- the page ------------------------------------------------------------------------------------


def test_a_page_is_written(call: Call, runs: list[str]) -> None:
    called = call("runs", runs[1], "--html", "run.html")
    assert (called.exit_code, called.out, called.err) == (0, "", "wrote run.html\n")
    html = Path("run.html").read_text("utf-8")
    assert html.count('data-task="score"') == 2
    assert "score[1] 1: two" in html
    assert sorted(path.name for path in Path().iterdir()) == [".pipec", "run.html"]


def test_without_a_run_the_page_is_that_of_the_last_one(
    runs: list[str], capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    from pipec.cli import main

    assert main(["runs", "--html", "-", "--pipeline", "etl"]) == 0
    assert f">{runs[2]}<" in capfdbinary.readouterr().out.decode()


def test_a_page_that_cannot_be_written(call: Call, runs: list[str]) -> None:
    called = call("runs", "last", "--html", "nowhere/run.html")
    assert (called.exit_code, called.err) == (2, "error: cannot write nowhere/run.html: No such file or directory\n")


# --- wrong usage ---------------------------------------------------------------------------------

USAGE = {
    "run": (["nope"], "there is no run nope in "),
    "several": (["2026"], "3 runs start with '2026': "),
    "pipeline": (["--pipeline", "elt"], "there is no run of a pipeline `elt`: there is `etl`"),
    "log without a run": (["--log", "a"], "`--log` needs a run: `pipec runs last --log a`"),
    "attempt without a log": (["last", "--attempt", "1"], "`--attempt` goes with `--log`"),
    "summary of a run": (["last", "--summary"], "`--summary` is of a pipeline, not of a run"),
    "json and page": (["last", "--json", "--html", "-"], "`--json` does not go with"),
    "limit of a run": (["last", "--limit", "3"], "are for the list of runs"),
    "number": (["--limit", "0"], "`0` is not a number above 0"),
    "kinds": (["last", "--log", "a", "--html", "-"], "not allowed with argument"),
}


@pytest.mark.parametrize("case", USAGE)
def test_wrong_usage(case: str, call: Call, runs: list[str]) -> None:
    words, message = USAGE[case]
    called = call("runs", *words)
    assert (called.exit_code, called.out) == (2, "")
    assert message in called.err


def test_where_nothing_ever_ran(call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    called = call("runs")
    assert (called.exit_code, called.err) == (2, f"error: there are no runs in {tmp_path / '.pipec'}\n")
    assert list(tmp_path.iterdir()) == []
