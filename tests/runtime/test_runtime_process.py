"""Programs end with everything they started, however they end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pipec.runtime import process
from pipec.runtime.process import run_process

ENVIRONMENT = {"PATH": os.environ["PATH"], "GREETING": "hello $x"}


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that is dead but not yet waited for does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def read_when_written(path: Path) -> str:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if path.exists() and path.read_text().endswith("\n"):
            return path.read_text()
        time.sleep(0.01)
    raise AssertionError(f"{path} was not written")


@pytest.mark.parametrize(("script", "status"), [("true", 0), ("exit 75", 75), ("kill -9 $$", -9)])
def test_status(script: str, status: int, tmp_path: Path) -> None:
    with (tmp_path / "log").open("wb") as log:
        arguments = ["bash", "-c", script]
        assert run_process(arguments, environment=ENVIRONMENT, working_dir=None, log=log, timeout=10) == status


def test_output_goes_to_the_log(tmp_path: Path) -> None:
    path = tmp_path / "log"
    with path.open("wb") as log:
        arguments = ["bash", "-c", 'echo "$GREETING"; pwd >&2; cat']
        run_process(arguments, environment=ENVIRONMENT, working_dir=str(tmp_path), log=log, timeout=None)
    assert path.read_text() == f"hello $x\n{tmp_path}\n"


def test_output_is_printed_without_a_log(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["bash", "-c", r"echo one; echo two >&2; printf 'th\xffree'"]
    assert run_process(arguments, environment=ENVIRONMENT, working_dir=None, log=None, timeout=None) == 0
    assert capsys.readouterr().out == "one\ntwo\nth\ufffdree\n"


def test_arguments_stay_as_they_are(tmp_path: Path) -> None:
    hostile = ["a b", "$(echo x)", "'\"", "{{ ds }}", "", "ä\n*"]
    path = tmp_path / "log"
    with path.open("wb") as log:
        arguments = [sys.executable, "-c", "import sys; print(ascii(sys.argv[1:]))", *hostile]
        run_process(arguments, environment=ENVIRONMENT, working_dir=None, log=log, timeout=None)
    assert path.read_text() == ascii(hostile) + "\n"


def test_program_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no_such_program"):
        run_process(["no_such_program"], environment=ENVIRONMENT, working_dir=None, log=None, timeout=None)


def test_timeout_ends_the_whole_tree(tmp_path: Path) -> None:
    arguments = ["bash", "-c", "sleep 60 & echo $! $$ >pids; wait"]
    with (tmp_path / "log").open("wb") as log, pytest.raises(TimeoutError, match=r"not done after 0\.5 s"):
        run_process(arguments, environment=ENVIRONMENT, working_dir=str(tmp_path), log=log, timeout=0.5)
    pids = [int(pid) for pid in (tmp_path / "pids").read_text().split()]
    assert len(pids) == 2
    assert not any(is_alive(pid) for pid in pids)


def test_timeout_ends_what_ignores_the_request(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "TERMINATION_GRACE", 0.2)
    arguments = ["bash", "-c", "trap '' TERM; sleep 60 & echo $! $$ >pids; while :; do sleep 0.05; done"]
    with pytest.raises(TimeoutError):
        run_process(arguments, environment=ENVIRONMENT, working_dir=str(tmp_path), log=None, timeout=0.5)
    assert not any(is_alive(int(pid)) for pid in (tmp_path / "pids").read_text().split())


def test_nothing_outlives_a_program_that_ended(tmp_path: Path) -> None:
    script = "sleep 60 & echo $! >pid"
    started = time.monotonic()
    arguments = ["bash", "-c", script]
    assert run_process(arguments, environment=ENVIRONMENT, working_dir=str(tmp_path), log=None, timeout=None) == 0
    assert not is_alive(int((tmp_path / "pid").read_text()))
    assert time.monotonic() - started < 30


def test_interrupt_ends_the_whole_tree(tmp_path: Path) -> None:
    script = (
        "import os; from pipec.runtime.process import run_process\n"
        "run_process(['bash', '-c', 'sleep 60 & echo $! $$ >pids; wait'],"
        " environment=os.environ, working_dir=None, log=None, timeout=None)\n"
    )
    runner = subprocess.Popen([sys.executable, "-c", script], cwd=tmp_path, stderr=subprocess.PIPE, text=True)
    pids = [int(pid) for pid in read_when_written(tmp_path / "pids").split()]
    assert all(is_alive(pid) for pid in pids)
    runner.send_signal(signal.SIGINT)
    _, errors = runner.communicate(timeout=30)
    assert "KeyboardInterrupt" in errors
    assert not any(is_alive(pid) for pid in pids)
