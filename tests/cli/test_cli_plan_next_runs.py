"""`pipec plan --next-runs`."""

from __future__ import annotations

import re
from pathlib import Path

from pipec.api import load
from tests.cli.conftest import Call

_SCHEDULED = "pipeline nightly {\n  schedule = cron(\"30 2 * * *\")\n  task a = shell('true')\n}\n"


def test_the_next_five_runs_follow_the_plan(call: Call, folder: Path) -> None:
    Path("nightly.pipe").write_text(_SCHEDULED)
    called = call("plan", "nightly.pipe", "--next-runs")
    plan, _, runs = called.out.partition("next runs:\n")
    assert plan == call("plan", "nightly.pipe").out
    assert re.fullmatch(r"(  [A-Z][a-z]{2} \d{4}-\d\d-\d\d 02:30\+00:00\n){5}", runs)


def test_a_pipeline_without_times_says_so(call: Call, folder: Path) -> None:
    assert load("etl.pipe").pipeline().schedule is None
    assert "next runs: pipeline `etl` has no schedule to run by: it is started by hand\n" in call(
        "plan", "etl.pipe", "--next-runs"
    ).out  # fmt: skip


def test_next_runs_are_text(call: Call, folder: Path) -> None:
    called = call("plan", "etl.pipe", "--next-runs", "--format", "json")
    assert (called.exit_code, called.out) == (2, "")
    assert "--next-runs is for --format text" in called.err
