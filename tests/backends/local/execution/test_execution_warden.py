"""When pipec is killed, nothing of the run lives on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import pytest

from tests.backends.local.execution.harness import bench, driver, processes_with, python, shell, until, warden
from tests.backends.local.execution.test_execution_ends import CODE, TREES

DRIVER = """
import os
from pathlib import Path
from tests.backends.local.execution.harness import Bench, python, shell
from tests.backends.local.execution.test_execution_ends import CODE, TREES

made = Bench(Path.cwd(), code=CODE, workers=4, run={run!r})
for name, text in TREES.items():
    made.start(shell(name, f"touch 'began {{name}}'; {{text}}"))
for function in ("stay", "stubborn"):
    made.start(python(function, function))
made.start(python("idle", "leaves_daemon"))
print("started", flush=True)
while True:
    made.loop.run_once(None)
"""


@pytest.fixture
def run_id() -> str:
    return f"run-{uuid.uuid4().hex}"


def kill_driver(folder: Path, run_id: str, after: float) -> None:
    """Start a driver, kill it with SIGKILL, and wait until nothing of its run is left."""
    process = driver(DRIVER.format(run=run_id), cwd=folder)
    assert process.stdout is not None
    assert process.stdout.readline() == "started\n"
    if after:
        until(lambda: len(list(folder.glob("began*"))) == len(TREES) and (folder / "stubborn").exists())
    time.sleep(after)
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    until(lambda: processes_with(run_id) == [], 20)


@pytest.mark.engine
@pytest.mark.parametrize("after", [0.0, 0.3])
def test_nothing_outlives_a_pipec_that_is_killed(tmp_path: Path, run_id: str, after: float) -> None:
    os.environ["PIPEC_TEST_MARK"] = run_id
    try:
        kill_driver(tmp_path, run_id, after)
    finally:
        del os.environ["PIPEC_TEST_MARK"]


def test_what_is_left_can_be_ended_without_a_warden(run_id: str) -> None:
    environment = {**os.environ, "PIPEC_RUN_ID": run_id}
    script = "env -i sleep 30 & setsid sleep 30 & (setsid sleep 30 &) ; wait"
    process = subprocess.Popen(["bash", "-c", script], env=environment, start_new_session=True)
    until(lambda: len(processes_with(run_id)) >= 3 and len(psutil.Process(process.pid).children()) >= 2)
    assert warden.end_leftovers(run_id) >= 4
    process.wait()
    assert processes_with(run_id) == []
    assert warden.end_leftovers(run_id) == 0


def test_the_processes_of_other_runs_are_left_alone(run_id: str) -> None:
    other = subprocess.Popen(["sleep", "30"], env={**os.environ, "PIPEC_RUN_ID": f"{run_id}-2"}, start_new_session=True)
    assert warden.end_leftovers(run_id) == 0
    assert other.poll() is None
    other.kill()
    other.wait()


def test_the_warden_hears_no_signals_and_goes_with_its_run(tmp_path: Path, run_id: str) -> None:
    with bench(tmp_path, run=run_id) as made:
        pid = made.executor._guard.pid
        until(lambda: f"{run_id}" in Path(f"/proc/{pid}/cmdline").read_text())
        until(lambda: _ignored(pid) >= {signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            os.kill(pid, number)
        made.run(shell("t", "true"))
        assert Path(f"/proc/{pid}").exists()
    assert not Path(f"/proc/{pid}").exists()


def _ignored(pid: int) -> set[int]:
    status = Path(f"/proc/{pid}/status").read_text()
    mask = int(next(line for line in status.splitlines() if line.startswith("SigIgn:")).split()[1], 16)
    return {number for number in range(1, 65) if mask >> (number - 1) & 1}


def test_sessions_that_were_announced_and_not_withdrawn_are_ended(run_id: str) -> None:
    kept, gone = (subprocess.Popen(["sleep", "30"], env={}, start_new_session=True) for _ in range(2))
    process = subprocess.Popen([sys.executable, "-I", "-S", warden.__file__, run_id], stdin=subprocess.PIPE)
    process.communicate(f"+{gone.pid}\n+{kept.pid}\n-{kept.pid}\n".encode(), timeout=20)
    assert gone.wait(20) == -signal.SIGKILL
    assert kept.poll() is None
    kept.kill()
    kept.wait()


def test_without_proc_process_groups_are_ended(run_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warden, "HAS_PROC", False)
    process = subprocess.Popen(["bash", "-c", "sleep 30 & wait"], start_new_session=True)
    assert warden.end_leftovers(run_id, frozenset({process.pid})) == 1
    assert process.wait(20) == -signal.SIGKILL


@pytest.mark.engine
def test_without_proc_attempts_end_by_their_process_groups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warden, "HAS_PROC", False)
    with bench(tmp_path, code=CODE, grace=0.2) as made:
        made.run(
            shell("left", "sleep 30 & echo $!"),
            shell("hangs", "sleep 30 & echo $!; wait", timeout=0.3),
            python("python", "stay", timeout=0.3),
        )
        assert made.outputs("left") == {}
        assert made.failure("hangs").kind == made.failure("python").kind == "timeout"
        for id in ("left", "hangs"):
            assert not _runs(int(made.log(id).split()[0]))


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
