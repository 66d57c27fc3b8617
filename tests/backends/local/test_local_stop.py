"""Runs that are stopped: by Ctrl-C once and twice, by other signals, while they wait, retry or resume."""

from __future__ import annotations

import json
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from tests.backends.local.commands import Finished, check_integrity, finish, nothing_left_of, pipec, start, until, write
from tests.backends.local.terminal import CTRL_C, Terminal

pytestmark = pytest.mark.engine

LONG = """\
pipeline p {
  task first = shell('true')
  task long after first = shell('touch began; exec sleep 30')
  task late after long = shell('touch late')
  finally { task sweep = shell('touch swept') }
}
"""

STUBBORN = LONG.replace("touch began; exec sleep 30", 'trap "" TERM INT HUP; touch began; while true; do sleep 1; done')

STOPPED = {"first": "success", "long": "failed", "late": "skipped", "sweep": "skipped"}


def begin(folder: Path, text: str, *words: str) -> Any:
    """A run whose long task has begun."""
    write(folder, text)
    (folder / "began").unlink(missing_ok=True)
    process = start(folder, "run", "p.pipe", "--json", *words, environment={"MARK": str(folder)})
    until(lambda: (folder / "began").exists())
    return process


def check_stopped(folder: Path, over: Finished) -> None:
    assert over.exit_code == 130
    assert over.states == STOPPED
    assert over.result["interrupted"]
    assert over.result["tasks"]["long"]["error"] == "cancelled"
    assert over.said.count("stopping: ending what runs") == 1
    assert "Traceback" not in over.err
    nothing_left_of(str(folder))
    check_integrity(folder)
    assert not (folder / "late").exists()
    assert not (folder / "swept").exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_what_runs(tmp_path: Path, number: int) -> None:
    process = begin(tmp_path, LONG)
    process.send_signal(number)
    over = finish(process, timeout=20)
    check_stopped(tmp_path, over)
    assert over.seconds < 4


def test_a_second_ctrl_c_does_not_wait(tmp_path: Path) -> None:
    process = begin(tmp_path, STUBBORN)
    process.send_signal(signal.SIGINT)
    time.sleep(0.5)
    assert process.poll() is None
    process.send_signal(signal.SIGINT)
    over = finish(process, timeout=20)
    check_stopped(tmp_path, over)
    assert over.seconds < 4


def test_a_storm_of_signals(tmp_path: Path) -> None:
    process = begin(tmp_path, STUBBORN)
    while process.poll() is None:
        process.send_signal(signal.SIGTERM)
        process.send_signal(signal.SIGINT)
        time.sleep(0.01)
    over = finish(process, timeout=20)
    assert over.exit_code in (130, -signal.SIGTERM)
    assert "Traceback" not in over.err
    nothing_left_of(str(tmp_path))
    check_integrity(tmp_path)
    [kept] = tmp_path.glob(".pipec/runs/*/run.json")
    result = json.loads(kept.read_text())
    assert result["interrupted"]
    assert {name: task["state"] for name, task in result["tasks"].items()} == STOPPED


def test_what_does_not_end_when_asked_is_made_to(tmp_path: Path) -> None:
    process = begin(tmp_path, STUBBORN)
    process.send_signal(signal.SIGINT)
    over = finish(process, timeout=20)
    check_stopped(tmp_path, over)
    assert 4.5 < over.seconds < 8


def test_ctrl_c_on_a_terminal_reaches_the_tasks_through_pipec_alone(tmp_path: Path) -> None:
    write(
        tmp_path, LONG.replace("exec sleep 30", 'trap "echo INT >> signals" INT; trap "exit 0" TERM; sleep 30 & wait')
    )
    with Terminal(tmp_path, "run", "p.pipe") as terminal:
        until(lambda: (tmp_path / "began").exists())
        terminal.see("long running")
        terminal.type(CTRL_C)
        terminal.see("stopping: ending what runs")
        terminal.see("p interrupted in")
        assert terminal.finish() == 130
    assert not (tmp_path / "signals").exists()
    assert not (tmp_path / "swept").exists()


def test_stopped_while_it_is_resumed(tmp_path: Path) -> None:
    process = begin(tmp_path, LONG)
    process.kill()
    process.wait()
    process.stdout.close()
    process.stderr.close()
    nothing_left_of(str(tmp_path))
    process = begin(tmp_path, LONG, "--resume")
    process.terminate()
    over = finish(process, timeout=20)
    check_stopped(tmp_path, over)
    assert over.result["tasks"]["first"]["restored"]
    assert over.result["tasks"]["long"]["attempts"] == 2
    write(tmp_path, LONG.replace("exec sleep 30", "true"))
    again = pipec(tmp_path, "run", "p.pipe", "--resume", "--json")
    assert again.exit_code == 0
    assert again.result["tasks"]["long"]["attempts"] == 3


def test_what_waits_for_its_next_attempt_is_not_tried_again(tmp_path: Path) -> None:
    process = begin(
        tmp_path, "pipeline p { task x = shell('touch began; exit 3') { retry = { max: 3, delay: 1m } } }\n"
    )
    until(lambda: list(tmp_path.glob(".pipec/runs/*/x/1.log")))
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    over = finish(process, timeout=20)
    assert (over.exit_code, over.states) == (130, {"x": "failed"})
    assert over.result["tasks"]["x"]["attempts"] == 1


def test_stopped_while_a_pipeline_runs_as_a_task(tmp_path: Path) -> None:
    text = """\
pipeline inner(n: int) {
  task scrub(n) = shell('echo scrub$n >> ran')
  task fill(n) after scrub = shell('test $n -eq 1 || test -e go || { touch began; exec sleep 30; }; echo fill$n >> ran')
}
pipeline p(items: list[int] = [1, 2]) {
  map n in items {
    task cleaned(n) = inner
    task after_cleaned after cleaned = shell('echo after >> ran')
  }
}
"""
    write(tmp_path, text)
    process = begin(tmp_path, text, "--pipeline=p", "--max-parallel=4")
    until(lambda: "after" in (tmp_path / "ran").read_text())
    process.send_signal(signal.SIGINT)
    over = finish(process, timeout=20)
    assert over.exit_code == 130
    assert over.result["tasks"]["cleaned"]["state"] == "failed"
    (tmp_path / "go").touch()
    again = pipec(tmp_path, "run", "p.pipe", "--pipeline=p", "--resume", "--json")
    assert again.exit_code == 0, again.err
    assert sorted((tmp_path / "ran").read_text().split()) == [
        "after", "after", "fill1", "fill2", "scrub1", "scrub2",
    ]  # fmt: skip


def test_a_signal_that_is_ignored_stays_so(tmp_path: Path) -> None:
    write(tmp_path, "pipeline p { task x = shell('touch began; until test -e go; do sleep 0.02; done') }\n")
    process = start(
        tmp_path, "run", "p.pipe", "--json", preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN)
    )
    until(lambda: (tmp_path / "began").exists())
    process.send_signal(signal.SIGHUP)
    time.sleep(0.2)
    (tmp_path / "go").touch()
    assert finish(process).exit_code == 0


@pytest.mark.parametrize("words", [[], ["--log-format=json"]])
def test_a_run_goes_on_when_nobody_listens_any_more(tmp_path: Path, words: list[str]) -> None:
    write(
        tmp_path,
        """\
pipeline p {
  task x = shell('touch began; until test -e go; do sleep 0.02; done')
  task y after x = shell('touch done')
}
""",
    )
    process = start(tmp_path, "run", "p.pipe", "--json", *words)
    until(lambda: (tmp_path / "began").exists())
    process.stderr.close()
    (tmp_path / "go").touch()
    process.stderr = None
    over = finish(process)
    assert over.exit_code == 0
    assert over.states == {"x": "success", "y": "success"}


def test_a_run_goes_on_when_its_progress_goes_to_a_full_disk(tmp_path: Path) -> None:
    write(tmp_path, "pipeline p { task x = shell('true') }\n")
    with open("/dev/full", "w") as full:
        over = finish(start(tmp_path, "run", "p.pipe", "--json", stderr=full))
    assert (over.exit_code, over.states) == (0, {"x": "success"})
