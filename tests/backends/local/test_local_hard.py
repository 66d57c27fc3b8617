"""What is hard on a runner: tasks that hang, crash or flood, and a disk that is full."""

from __future__ import annotations

import re
import shutil
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from tests.backends.local.commands import finish, nothing_left_of, peak_memory, pipec, start, write
from tests.backends.local.harness import Updates, log_text, python, run, shell
from tests.support.ir_builder import pipeline

SLACK = 1.5
"""Seconds that the end of a hung task may take beyond its timeout, on a machine that is busy."""

HUNG = """\
pipeline p {
  task hung = shell('''
    trap "" TERM INT HUP
    bash -c 'trap "" TERM; sleep 61; sleep 61' &
    setsid bash -c 'trap "" TERM; sleep 62; sleep 62' &
    (setsid nohup sleep 63 > /dev/null 2>&1 &)
    while true; do sleep 60; done
  ''') { timeout = 1s }
  task stuck = python("steps:stuck") { timeout = 1s }
  task other = shell('sleep 0.1')
}
"""

STUCK = """\
import os, signal, subprocess, time

def stuck():
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    subprocess.Popen(["bash", "-c", "trap '' TERM; sleep 64; sleep 64"], start_new_session=True)
    while True:
        try:
            time.sleep(60)
        except BaseException:
            pass
"""


@pytest.mark.engine
def test_a_hung_task_with_children_and_daemons_ends_at_its_timeout(tmp_path: Path) -> None:
    write(tmp_path, HUNG, STUCK)
    over = pipec(tmp_path, "run", "p.pipe", "--json", "--max-parallel=3", environment={"MARK": str(tmp_path)})
    assert over.exit_code == 1
    assert over.states == {"hung": "failed", "stuck": "failed", "other": "success"}
    for task in ("hung", "stuck"):
        assert over.result["tasks"][task]["error"] == "timed out after 1s"
        assert 1 <= over.result["tasks"][task]["duration_s"] <= 1 + SLACK
    nothing_left_of(str(tmp_path), timeout=2)


CRASHES = """\
import ctypes, os, signal, sys

def segfault():
    print("almost", flush=True)
    ctypes.string_at(0)

def leave():
    os._exit(3)

def leave_well():
    os._exit(0)

def killed():
    os.kill(os.getpid(), signal.SIGKILL)

def fine():
    return None
"""


def test_workers_that_crash_fail_their_task_alone(tmp_path: Path) -> None:
    functions = ("segfault", "leave", "leave_well", "killed")
    crashing = [python(name, name) for name in functions]
    around = [
        python(f"{when}_{name}", "fine", after=name if when == "after" else "")
        for name in functions
        for when in ("beside", "after")
    ]
    result = run(tmp_path, pipeline(*crashing, *around), code=CRASHES, max_parallel=2)
    assert {name: result.tasks[name].error for name in functions} == {
        "segfault": "killed by signal SIGSEGV",
        "leave": "exit code 3",
        "leave_well": "the process ended itself before the function returned",
        "killed": "killed by signal SIGKILL; the system does that when memory runs out",
    }
    assert log_text(result, "segfault").startswith("almost\n")
    assert {result.tasks[f"beside_{name}"].state for name in functions} == {"success"}
    assert {result.tasks[f"after_{name}"].state for name in functions} == {"upstream_failed"}


@pytest.mark.engine
def test_a_log_of_a_gigabyte_costs_no_memory(tmp_path: Path) -> None:
    write(
        tmp_path,
        """\
pipeline p {
  task flood = shell('head -c 1G /dev/zero | tr "\\\\0" x; exit 9')
  task other = shell('sleep 0.1; echo fine')
}
""",
    )
    process = start(tmp_path, "run", "p.pipe", "--max-parallel=2")
    with peak_memory(process) as peak:
        over = finish(process, timeout=120)
    try:
        logs = list(tmp_path.glob(".pipec/runs/*/flood/1.log"))
        assert [log.stat().st_size for log in logs] == [1024**3 + len("pipec: exit code 9\n")]
        assert over.exit_code == 1
        assert re.search(r"^other +success", over.out, re.MULTILINE)
        assert "  | xxxxxxxxxx" in over.out
        assert len(over.out) < 2000
        assert 0 < peak.bytes < 100 * 1024 * 1024
    finally:
        shutil.rmtree(tmp_path / ".pipec")


def test_a_log_on_a_disk_that_is_full(tmp_path: Path) -> None:
    fill = 'for task in writes prints; do mkdir "$LOGS/$task"; ln -s /dev/full "$LOGS/$task/1.log"; done'
    result = run(
        tmp_path,
        pipeline(
            shell("fill", f'LOGS="$(dirname .pipec/runs/*/fill)"; {fill}'),
            shell("writes", "echo much", after="fill"),
            python("prints", "prints", after="fill"),
            shell("other", "echo fine", after="fill"),
        ),
        code="def prints():\n    print('much')\n",
    )
    assert {name: task.state for name, task in result.tasks.items()} == {
        "fill": "success",
        "writes": "failed",
        "prints": "failed",
        "other": "success",
    }
    for name in ("writes", "prints"):
        assert re.search(r"cannot write the log .*/1\.log: No space left on device$", result.tasks[name].error)


class Notices(Updates):
    """Remembers what was said beside the changes of tasks."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def noticed(self, lines: Any) -> None:
        self.lines.extend(lines)


def test_a_database_on_a_disk_that_is_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store_class = import_module("pipec.backends.local.store.store").RunStore
    opened = store_class.open

    def open_with_little_room(folder: Path) -> Any:
        store = opened(folder)
        pages = store._session.connection.execute("PRAGMA page_count").fetchone()[0]
        store._session.connection.execute(f"PRAGMA max_page_count = {pages + 30}")
        return store

    monkeypatch.setattr(store_class, "open", open_with_little_room)
    long = "head -c 6000 /dev/zero | tr '\\0' x > $PIPEC_OUTPUTS/output"
    tasks = [shell(f"t{number}", long, outputs="str") for number in range(40)]
    seen = Notices()
    result = run(tmp_path, pipeline(*tasks), watcher=seen)
    assert result.state == "success"
    assert {len(task.outputs["output"]) for task in result.tasks.values()} == {6000}
    full = f"the disk of the run store is full: {tmp_path}/.pipec/runs.db"
    assert seen.lines == [
        f"{full}; the run goes on, what happens is kept in memory",
        f"{full}; it lacks the end of this run",
    ]
    kept = opened(tmp_path / ".pipec")
    record = kept.run(result.run_id)
    kept.close()
    assert record.status == "killed"
    assert 0 < sum(task.succeeded for task in record.tasks.values()) < 40
