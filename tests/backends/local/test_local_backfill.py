"""Backfills: what they plan, in which order and how many at once they run, and what they say."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from pipec.analysis.intervals import Interval, NoIntervalsError, intervals
from pipec.ir.model import CronSchedule, Pipeline
from tests.support.ir_builder import pipeline

backfill: Any = import_module("pipec.backends.local.backfill")
children: Any = import_module("pipec.backends.local.backfill_children")
report: Any = import_module("pipec.backends.local.backfill_report")
RunOutcome: Any = children.RunOutcome

FIRST, LAST = date(2026, 1, 1), date(2026, 1, 5)
DAILY = pipeline(name="daily", schedule=CronSchedule(expression="0 2 * * *"))
HOURLY = pipeline(name="hourly", schedule=CronSchedule(expression="0 */6 * * *"))


def days(first: date = FIRST, last: date = LAST) -> list[Interval]:
    return intervals(DAILY, first, last)


class Ends:
    """Remembers the dates of the runs that ended, with their states."""

    def __init__(self) -> None:
        self.seen: list[tuple[int, str]] = []

    def ended(self, interval: Interval, outcome: Any) -> None:
        self.seen.append((interval.date.day, outcome.state))


# --- planning ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("succeeded", "to_run"),
    [
        ([], [1, 2, 3, 4, 5]),
        (["2026-01-02T02:00:00+00:00", "2026-01-05T02:00:00+00:00"], [1, 3, 4]),
        (["2026-01-02T03:00:00+01:00"], [1, 3, 4, 5]),  # the same moment in another time zone
        (["2026-01-02T00:00:00+00:00"], [1, 2, 3, 4, 5]),  # another moment of the day
        ([f"2026-01-0{day}T02:00:00+00:00" for day in range(1, 6)], []),
    ],
)
def test_what_succeeded_is_not_run_again(succeeded: list[str], to_run: list[int]) -> None:
    plan = backfill.plan_backfill(reversed(days()), set(succeeded))
    assert [interval.date.day for interval in plan.to_run] == to_run
    assert [interval.date.day for interval in plan.intervals] == [1, 2, 3, 4, 5]
    assert len(plan.succeeded) == 5 - len(to_run)


# --- driving -------------------------------------------------------------------------------------


def drive(start_run: Callable[[Interval], Any], max_active: int = 1, **options: Any) -> tuple[list[str], Ends]:
    """The states of five intervals, the second of which had succeeded before, and what the observer heard."""
    plan = backfill.plan_backfill(days(), ["2026-01-02T02:00:00+00:00"])
    ends = Ends()
    found = backfill.drive_backfill(plan, start_run, max_active, ends, **options)
    assert list(found) == days()
    return [outcome.state for outcome in found.values()], ends


def third_fails(interval: Interval) -> Any:
    return RunOutcome("failed" if interval.date.day == 3 else "success")


def test_a_failure_stops_no_other() -> None:
    states, ends = drive(third_fails)
    assert states == ["success", "skipped", "failed", "success", "success"]
    assert ends.seen == [(1, "success"), (3, "failed"), (4, "success"), (5, "success")]


def test_fail_fast_starts_no_further_one() -> None:
    states, ends = drive(third_fails, fail_fast=True)
    assert states == ["success", "skipped", "failed", "not_run", "not_run"]
    assert ends.seen == [(1, "success"), (3, "failed")]


def test_a_fault_of_the_runner_itself_ends_the_backfill() -> None:
    started = []

    def no_process(interval: Interval) -> Any:
        started.append(interval)
        raise OSError("no process can be started")

    with pytest.raises(OSError, match="no process"):
        drive(no_process)
    assert len(started) == 1


def test_as_many_run_at_once_as_may() -> None:
    """The first two meet, which they can only when both run; a third one at the same time would be seen."""
    meeting = threading.Barrier(2, timeout=30)
    active: set[int] = set()
    most = []

    def meet(interval: Interval) -> Any:
        active.add(interval.date.day)
        most.append(len(active))
        meeting.wait()
        active.discard(interval.date.day)
        return RunOutcome("success")

    states, _ = drive(meet, max_active=2)  # four to run: two pairs
    assert states == ["success", "skipped", "success", "success", "success"]
    assert max(most) == 2


# --- runs as processes ---------------------------------------------------------------------------

FAKE = """
import json, os, signal, sys, time
words = sys.argv[1:]
moment = words[words.index("--date") + 1]
with open("started.txt", "a") as file:
    file.write(moment + "\\n")
day = int(moment[8:10])
mode = words[0]
print("working on", moment, file=sys.stderr, flush=True)
if mode == "broken" and day == 2:
    sys.exit("error: the store is full")
if mode == "killed" and day == 2:
    os.kill(os.getpid(), signal.SIGKILL)
interrupted = False
if mode == "slow":
    def stop(number, frame):
        global interrupted
        interrupted = True
    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    open(f"ready-{day}", "w").close()
    while not interrupted:
        time.sleep(0.01)
failed = interrupted or (mode == "failing" and day == 2)
print(json.dumps({
    "run_id": f"run-{day}", "pipeline": "daily", "state": "failed" if failed else "success", "interrupted": interrupted,
    "tasks": {"load": {"state": "failed", "error": "no rows\\nat all"}} if failed else {},
}))
sys.exit(1 if failed else 0)
"""


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Sequence[str]], list[str]]:
    """A program that stands in for `pipec run`; its first argument says what becomes of the second day."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "fake.py").write_text(FAKE, "utf-8")
    return lambda arguments: [sys.executable, str(tmp_path / "fake.py"), *arguments]


def run(fake: Any, mode: str, given: Pipeline = DAILY, **options: Any) -> int:
    chosen: dict[str, Any] = {"first": FIRST, "last": date(2026, 1, 3), "succeeded": (), **options}
    code: int = backfill.run_backfill(given, arguments=[mode], store_folder=Path(".pipec"), command=fake, **chosen)
    return code


def started(folder: Path) -> list[str]:
    file = folder / "started.txt"
    return file.read_text("utf-8").split() if file.exists() else []


def test_every_interval_is_run_for_its_time(fake: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(fake, "good", succeeded={"2026-01-02T02:00:00+00:00"}) == 0
    assert started(tmp_path) == ["2026-01-01T02:00:00+00:00", "2026-01-03T02:00:00+00:00"]
    out, err = capsys.readouterr()
    lines = err.splitlines()
    assert lines[0] == (
        "daily from 2026-01-01 to 2026-01-03: 3 intervals, 1 succeeded already, 2 to run, at most 1 at once"
    )
    assert [line.rpartition(" in ")[0] for line in lines[1:]] == ["1/2 2026-01-01 success", "2/2 2026-01-03 success"]
    table = [line.split() for line in out.splitlines()]
    assert table[0] == ["interval", "state", "time", "run"]
    assert [(row[0], row[1], row[3]) for row in table[1:4]] == [
        ("2026-01-01", "success", "run-1"),
        ("2026-01-02", "skipped", "-"),
        ("2026-01-03", "success", "run-3"),
    ]
    assert out.rstrip().endswith(": 2 success, 1 skipped")


@pytest.mark.parametrize(
    ("mode", "error"),
    [
        ("failing", "load: no rows ..."),
        ("broken", "error: the store is full"),
        ("killed", "killed by signal 9"),
    ],
)
def test_a_run_that_fails_is_reported_and_the_others_go_on(
    mode: str, error: str, fake: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(fake, mode) == 1
    assert len(started(tmp_path)) == 3
    out, err = capsys.readouterr()
    log = tmp_path / ".pipec" / "backfills" / "daily" / "2026-01-02T02-00-00+0000.log"
    assert log.read_text("utf-8").startswith("working on 2026-01-02")
    assert f"2026-01-02 failed: {error}\n  log: {log}\n" in out
    assert any(line.startswith("2/3 2026-01-02 failed in ") and line.endswith(error) for line in err.splitlines())


def test_json(fake: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(fake, "failing", as_json=True, fail_fast=True, succeeded={"2026-01-01T02:00:00+00:00"}) == 1
    found = json.loads(capsys.readouterr().out)
    assert (found["pipeline"], found["state"], found["interrupted"]) == ("daily", "failed", False)
    assert [(one["date"], one["state"], one["run_id"], one["error"]) for one in found["intervals"]] == [
        ("2026-01-01", "skipped", None, None),
        ("2026-01-02", "failed", "run-2", "load: no rows ..."),
        ("2026-01-03", "not_run", None, None),
    ]
    assert found["intervals"][1]["interval_start"] == found["intervals"][1]["timestamp"] == "2026-01-02T02:00:00+00:00"
    assert set(report.BackfillResult.model_json_schema()["properties"]) == set(found)


def test_a_dry_run_shows_what_would_run(fake: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(fake, "good", HOURLY, last=FIRST, dry_run=True, succeeded={"2026-01-01T06:00:00+00:00"}) == 0
    assert capsys.readouterr().out.split() == [f"2026-01-01T{hour}:00+00:00" for hour in ("00", "12", "18")]
    assert started(tmp_path) == []


@pytest.mark.parametrize("days_ahead", [400, None])
def test_the_future_is_left_out(days_ahead: int | None, fake: Any, capsys: pytest.CaptureFixture[str]) -> None:
    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    last = None if days_ahead is None else yesterday + timedelta(days=days_ahead)
    minutely = pipeline(name="minutely", schedule=CronSchedule(expression="* * * * *"))
    assert run(fake, "good", minutely, first=yesterday, last=last, dry_run=True) == 0
    now = datetime.now(UTC)
    moments = [datetime.fromisoformat(line) for line in capsys.readouterr().out.split()]
    assert now - timedelta(minutes=2) < moments[-1] <= now


def test_no_interval_is_a_success(fake: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(fake, "good", first=LAST, last=FIRST) == 0
    assert capsys.readouterr().out.rstrip().endswith(": none")


def test_a_pipeline_without_schedule_is_an_error(fake: Any) -> None:
    with pytest.raises(NoIntervalsError, match="has no schedule to run by"):
        run(fake, "good", pipeline(name="by_hand"))


@pytest.mark.parametrize(("own", "given", "expected"), [(None, None, 1), (3, None, 3), (3, 2, 2)])
def test_how_many_at_once(
    own: int | None, given: int | None, expected: int, fake: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    limited = DAILY.model_copy(update={"max_active_runs": own})
    run(fake, "good", limited, max_active=given, dry_run=True)
    assert f"at most {expected} at once" in capsys.readouterr().err


# --- the ends of runs ----------------------------------------------------------------------------


def wait_for(condition: Callable[[], bool]) -> None:
    limit = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < limit, "it did not happen"
        time.sleep(0.01)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_what_runs_and_starts_nothing_more(
    number: signal.Signals, fake: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def press() -> None:
        wait_for(lambda: (tmp_path / "ready-1").exists() and (tmp_path / "ready-2").exists())
        os.kill(os.getpid(), number)

    before = signal.getsignal(number)
    finger = threading.Thread(target=press)
    finger.start()
    code = run(fake, "slow", max_active=2, as_json=True, last=LAST)
    finger.join()
    assert code == 130
    assert signal.getsignal(number) is before
    out, err = capsys.readouterr()
    found = json.loads(out)
    assert found["interrupted"] is True
    assert [one["state"] for one in found["intervals"]] == ["interrupted", "interrupted", *["not_run"] * 3]
    assert "stopping: ending what runs" in err


def test_a_run_that_is_stopped_before_it_can_say_so_is_interrupted_too(tmp_path: Path) -> None:
    program = "import sys, time; open(sys.argv[1], 'w').close(); time.sleep(60)"
    runs = children.Children(lambda interval: [sys.executable, "-c", program, str(tmp_path / "ready")], tmp_path)

    def stop() -> None:
        wait_for((tmp_path / "ready").exists)
        runs.stop()

    finger = threading.Thread(target=stop)
    finger.start()
    outcome = runs.run(days()[0])
    finger.join()
    assert (outcome.state, outcome.error) == ("interrupted", "stopped before it began")
    assert runs.run(days()[1]).state == "not_run"


def test_pipec_run_is_the_program(tmp_path: Path) -> None:
    """The command of a run is `pipec run`, which says what is wrong with its file."""
    words = children.pipec_run([str(tmp_path / "missing.pipe")])
    found = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert found.returncode == 2
    assert "missing.pipe" in found.stderr


WATCHED = """
import os, subprocess, sys
from pipec.backends.local import backfill_children
parent = str(os.getpid())
program = "import sys, time; from pipec.backends.local.backfill_children import end_with; end_with(int(sys.argv[1]))"
program += "; print('watching', flush=True); time.sleep(300)"
child = subprocess.Popen([sys.executable, "-c", program, parent], stdout=subprocess.PIPE, text=True)
child.stdout.readline()
print(child.pid, flush=True)
child.wait()
"""


def test_a_run_ends_when_its_backfill_is_killed() -> None:
    with subprocess.Popen([sys.executable, "-c", WATCHED], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        parent.kill()
    wait_for(lambda: not is_running(child))


def is_running(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text("utf-8").rpartition(")")[2].split()[0] not in ("Z", "X")
    except OSError:
        return False
