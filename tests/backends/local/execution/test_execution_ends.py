"""What an attempt started ends with it: when it is over, at its timeout, and when it is cancelled."""

from __future__ import annotations

import os
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipec.ir.model import Task
from tests.backends.local.execution.harness import Bench, bench, processes_with, python, shell, until
from tests.backends.local.test_local_processes import DAEMON
from tests.backends.local.test_local_processes import TREES as LOCAL_TREES

TREES = {**LOCAL_TREES, "own group": "set -m; sleep 30 & wait"}

STUBBORN = "bash -c \"trap '' TERM; touch ready; sleep 30; sleep 30\" & while ! test -e ready; do sleep 0.01; done"

LEFT = {
    "nothing": "true",
    "background": "sleep 30 &",
    "own group": "set -m; sleep 30 &",
    "other session": "setsid sleep 30 &",
    "daemon": f'"{sys.executable}" -S -c "{DAEMON}"',
    "stubborn": STUBBORN,
    "failing": "sleep 30 & exit 3",
}

CODE = f"""
import os, signal, subprocess, sys, time
TREES = {TREES!r}
DAEMON = {DAEMON!r}
def stay(): subprocess.run(['sleep', '30'])
def stubborn():
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    subprocess.Popen(['bash', '-c', TREES['ignores SIGTERM']])
    open('stubborn', 'w').close()
    time.sleep(30)
def leaves_child(): subprocess.Popen(['sleep', '30'])
def leaves_daemon(): subprocess.run([sys.executable, '-S', '-c', DAEMON])
def leaves_hidden():
    subprocess.run([sys.executable, '-S', '-c', DAEMON.replace('time.sleep(30)', "os.execve('/bin/sh', ['sh', '-c', "
        "'sleep 30; : ' + os.environ['PIPEC_TEST_MARK']], {{}})")])
def raises_at_the_end():
    def end(*_): raise SystemExit
    signal.signal(signal.SIGTERM, end)
    try: time.sleep(30)
    finally: print("tidy")
"""


@pytest.fixture
def mark() -> Iterator[str]:
    """A text that marks the processes of one test by an environment variable."""
    name = f"MARK_{uuid.uuid4().hex}"
    os.environ["PIPEC_TEST_MARK"] = name
    yield name
    del os.environ["PIPEC_TEST_MARK"]


def trees(**options: Any) -> list[Task]:
    tasks = [shell(f"t{number}", text, **options) for number, text in enumerate(TREES.values())]
    return [*tasks, python("python", "stay", **options), python("stubborn", "stubborn", **options)]


def tasks_of(made: Bench) -> set[str]:
    return {outcome.failure.message for outcome in made.outcomes.values()}  # type: ignore[union-attr]


@pytest.mark.engine
def test_a_timeout_ends_the_whole_tree(tmp_path: Path, mark: str) -> None:
    with bench(tmp_path, code=CODE, grace=30) as made:
        started = time.monotonic()
        made.run(*trees(timeout=0.6))
        assert time.monotonic() - started < 15  # 0.6 s, and 0.5 s for those that ignore the request
        assert tasks_of(made) == {"timed out after 0.6s"}
        assert len(made.outcomes) == len(TREES) + 2
        assert all("pipec: timed out after 0.6s\n" in made.log(id) for id in made.outcomes)
        made.run(python("next", "stay", timeout=0.1))
        assert made.failure("next").kind == "timeout"
    assert processes_with(mark) == []


def test_a_process_may_end_well_when_asked(tmp_path: Path) -> None:
    with bench(tmp_path, code=CODE) as made:
        made.run(
            shell("t", "trap 'echo bye; exit 0' TERM; sleep 30 & wait", timeout=0.5),
            python("p", "raises_at_the_end", timeout=0.5),
        )
        assert made.log("t") == "bye\npipec: timed out after 0.5s\n"
        assert made.log("p").startswith("tidy\n")
        assert made.failure("t").kind == made.failure("p").kind == "timeout"


@pytest.mark.parametrize("kind", LEFT)
def test_what_a_program_leaves_behind_ends_with_it(tmp_path: Path, mark: str, kind: str) -> None:
    with bench(tmp_path, grace=0.2) as made:
        made.run(shell("t", LEFT[kind]))
        if kind == "failing":
            assert made.failure("t").message == "exit code 3"
        else:
            assert made.outputs("t") == {}
        assert [line for line in processes_with(mark) if "warden" not in line] == []


@pytest.mark.parametrize("function", ["leaves_child", "leaves_daemon"])
def test_what_a_function_leaves_behind_ends_with_it(tmp_path: Path, mark: str, function: str) -> None:
    with bench(tmp_path, code=CODE, grace=0.2, workers=1) as made:
        made.run(python("t", function))
        assert made.outputs("t") == {}
        assert [line for line in processes_with(mark) if "warden" not in line] == []
        made.run(python("again", function))
        assert made.outputs("again") == {}


def test_what_hides_from_its_attempt_ends_with_the_run(tmp_path: Path, mark: str) -> None:
    with bench(tmp_path, code=CODE) as made:
        made.run(
            shell("t", 'env -i setsid bash -c "sleep 30; : $PIPEC_TEST_MARK" &'),
            python("p", "leaves_hidden"),
        )
        assert made.outputs("t") == made.outputs("p") == {}
    assert processes_with(mark) == []


def test_others_go_on_while_one_attempt_is_swept(tmp_path: Path, mark: str) -> None:
    """What two attempts left to the same foster parent is told apart."""
    with bench(tmp_path, grace=0.2) as made:
        made.start(shell("long", "setsid bash -c 'sleep 0.6; touch survived' & sleep 0.8"))
        made.start(shell("daemon", "(setsid bash -c 'sleep 0.6; touch daemon' &); sleep 0.8"))
        made.start(shell("short", "(setsid sleep 30 &)"))
        made.until(lambda: "short" in made.outcomes)
        made.wait()
        assert (tmp_path / "survived").exists()
        assert (tmp_path / "daemon").exists()
    assert processes_with(mark) == []


@pytest.mark.engine
@pytest.mark.parametrize("kill", [False, True])
def test_cancelled_attempts_end(tmp_path: Path, mark: str, kill: bool) -> None:
    with bench(tmp_path, code=CODE, grace=30 if kill else 0.3, workers=2) as made:
        for task in trees():
            made.start(task)
        made.start(python("waits for a worker", "stay"))
        made.until((tmp_path / "stubborn").exists)
        started = time.monotonic()
        made.executor.cancel_all()
        if kill:
            made.executor.kill_all()
        made.wait()
        assert time.monotonic() - started < 15
        assert tasks_of(made) == {"cancelled"}
        assert {outcome.failure.kind for outcome in made.outcomes.values()} == {"cancelled"}  # type: ignore[union-attr]
        assert len(made.outcomes) == len(TREES) + 3
    assert processes_with(mark) == []


def test_one_attempt_is_ended_and_the_others_go_on(tmp_path: Path) -> None:
    with bench(tmp_path, code=CODE, workers=1) as made:
        made.start(python("busy", "stay"))
        made.start(python("queued", "stay"))
        made.start(shell("ended", "sleep 30"))
        made.start(shell("other", "while ! test -e go; do sleep 0.02; done"))
        for id in ("ended", "queued", "unknown"):
            made.executor.end(id)
        made.until(lambda: len(made.outcomes) == 2)
        assert made.failure("ended").kind == made.failure("queued").kind == "cancelled"
        assert made.executor.running == {"busy", "other"}
        (tmp_path / "go").touch()
        made.until(lambda: "other" in made.outcomes)
        made.executor.end("busy")
        made.wait()
        assert made.outputs("other") == {}


def test_a_success_stays_one_when_it_is_cancelled_while_it_is_swept(tmp_path: Path) -> None:
    with bench(tmp_path, grace=30) as made:
        made.start(shell("t", STUBBORN))
        made.until(lambda: made.executor._attempts["t"].status == 0)
        made.executor.cancel_all()
        made.executor.kill_all()
        made.wait()
        assert made.outputs("t") == {}


def test_closing_ends_what_runs(tmp_path: Path, mark: str) -> None:
    with bench(tmp_path, code=CODE, grace=30) as made:
        made.start(shell("t", "sleep 30"))
        made.start(python("p", "stay"))
    assert made.outcomes == {}
    assert processes_with(mark) == []


def test_an_attempt_may_be_started_again_when_it_is_reported(tmp_path: Path) -> None:
    with bench(tmp_path) as made:
        task = shell("t", 'test "$PIPEC_ATTEMPT" = 3')
        reported = made.executor._report

        def again(outcome: object) -> None:
            reported(outcome)
            attempts.append(outcome)
            if len(attempts) < 3:
                made.start(task, attempt=len(attempts) + 1)

        attempts: list[object] = []
        made.executor._report = again
        made.run(task)
        assert len(attempts) == 3
        assert made.outputs("t") == {}


@pytest.mark.engine
def test_many_timeouts_at_once_are_kept(tmp_path: Path, mark: str) -> None:
    with bench(tmp_path) as made:
        for number in range(60):
            made.start(shell(f"t{number}", "trap '' TERM; sleep 30; sleep 30", timeout=1.0))
        started = time.monotonic()
        made.wait()
        assert time.monotonic() - started < 20
        assert tasks_of(made) == {"timed out after 1s"}
    until(lambda: processes_with(mark) == [])
