"""`pipec run --from … --to …`: a run for every interval of the schedule, and none for those that succeeded."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import pytest

from tests.backends.local.commands import Finished, check_integrity, finish, nothing_left_of, pipec, start, until, write

pytestmark = pytest.mark.engine

DAILY = """\
pipeline p(size: int = 1) {
  schedule = cron("0 2 * * *", timezone = "Europe/Berlin")
  start    = 2026-01-01
  task extract(day = run.date, size) = shell('echo "$day $size" >> ran; test ! -e "bad-$day"')
  approval ship after extract
}
"""

DAYS = ["2026-01-01", "2026-01-02", "2026-01-03"]
WORDS = ("run", "p.pipe", "--from=2026-01-01", "--to=2026-01-03", "--yes")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path, DAILY)
    return tmp_path


def ran(folder: Path) -> list[str]:
    """What was run since this was asked last."""
    file = folder / "ran"
    lines = file.read_text().splitlines() if file.exists() else []
    file.write_text("")
    return sorted(lines)


def states(over: Finished) -> list[tuple[str, str]]:
    return [(one["date"], one["state"]) for one in json.loads(over.out)["intervals"]]


def test_every_interval_is_run_once(folder: Path) -> None:
    over = pipec(folder, *WORDS, "--json", "--param=size=7", "--max-active=2")
    assert over.exit_code == 0, over.err
    assert states(over) == [(day, "success") for day in DAYS]
    assert ran(folder) == [f"{day} 7" for day in DAYS]
    again = pipec(folder, *WORDS, "--json")
    assert again.exit_code == 0
    assert states(again) == [(day, "skipped") for day in DAYS]
    assert ran(folder) == []
    check_integrity(folder)


def test_what_failed_is_run_again(folder: Path) -> None:
    (folder / "bad-2026-01-02").touch()
    over = pipec(folder, *WORDS)
    assert over.exit_code == 1
    assert ran(folder) == [f"{day} 1" for day in DAYS]
    assert "2026-01-02  failed" in over.out
    assert "extract: exit code 1" in over.out
    (folder / "bad-2026-01-02").unlink()
    again = pipec(folder, *WORDS)
    assert again.exit_code == 0
    assert ran(folder) == ["2026-01-02 1"]


def test_fail_fast(folder: Path) -> None:
    (folder / "bad-2026-01-01").touch()
    over = pipec(folder, *WORDS, "--json", "--fail-fast")
    assert over.exit_code == 1
    assert states(over) == [("2026-01-01", "failed"), ("2026-01-02", "not_run"), ("2026-01-03", "not_run")]


def test_a_dry_run_names_what_is_left(folder: Path) -> None:
    assert pipec(folder, "run", "p.pipe", "--date=2026-01-02T02:00", "--yes").exit_code == 0
    over = pipec(folder, *WORDS, "--dry-run")
    assert (over.exit_code, over.out) == (0, "2026-01-01\n2026-01-03\n")


def test_ctrl_c_ends_the_runs_of_a_backfill(tmp_path: Path) -> None:
    write(tmp_path, DAILY.replace('echo "$day $size" >> ran', "touch began; sleep 30"))
    process = start(tmp_path, *WORDS, "--json", environment={"MARK": str(tmp_path)})
    until(lambda: (tmp_path / "began").exists())
    os.kill(process.pid, signal.SIGINT)
    over = finish(process, timeout=20)
    assert over.exit_code == 130
    assert states(over) == [("2026-01-01", "interrupted"), ("2026-01-02", "not_run"), ("2026-01-03", "not_run")]
    nothing_left_of(str(tmp_path))
