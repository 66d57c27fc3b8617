"""The command `pipec` as people start it: a process of its own, which can be watched, stopped and killed."""

from __future__ import annotations

import json
import os
import re
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.backends.local.harness import processes_with

PIPEC = (sys.executable, "-m", "pipec")


@dataclass(frozen=True)
class Finished:
    """A command that is over."""

    exit_code: int
    out: str
    err: str
    seconds: float

    @property
    def result(self) -> dict[str, Any]:
        """The object that `--json` prints."""
        found: dict[str, Any] = json.loads(self.out)
        return found

    @property
    def states(self) -> dict[str, str]:
        return {name: task["state"] for name, task in self.result["tasks"].items()}

    @property
    def said(self) -> list[str]:
        """The lines of its progress without the time of day."""
        return [re.sub(r"^\d\d:\d\d:\d\d ", "", line) for line in self.err.splitlines()]


def start(
    folder: Path, *words: str, environment: Mapping[str, str] | None = None, prefix: Sequence[str] = (), **options: Any
) -> Any:
    """Start `pipec WORDS` in a folder, as the last words of another command `prefix`; options are those of Popen."""
    variables = {name: value for name, value in os.environ.items() if not name.startswith("PIPEC_")}
    return subprocess.Popen(
        [*prefix, *PIPEC, *words],
        cwd=folder,
        env={**variables, **(environment or {})},
        **{"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, **options},
    )


def finish(process: Any, timeout: float = 60) -> Finished:
    """Wait for a command that was started."""
    began = time.monotonic()
    try:
        out, err = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        process.kill()
        out, err = process.communicate()
        raise AssertionError(f"not over after {timeout:g}s:\n{out}\n{err}") from None
    return Finished(process.returncode, out, err, time.monotonic() - began)


def pipec(folder: Path, *words: str, timeout: float = 60, **options: Any) -> Finished:
    """Run `pipec WORDS` in a folder to its end."""
    return finish(start(folder, *words, **options), timeout)


@dataclass
class Peak:
    """The most memory that a process was seen to use."""

    bytes: int = 0


@contextmanager
def peak_memory(process: Any) -> Iterator[Peak]:
    """Watch the memory of a process that was started; what it starts itself does not count."""
    peak = Peak()
    over = threading.Event()

    def watch() -> None:
        status = Path(f"/proc/{process.pid}/status")
        while not over.wait(0.02):
            with suppress(OSError):
                if found := re.search(r"^VmHWM:\s+(\d+) kB$", status.read_text(), re.MULTILINE):
                    peak.bytes = max(peak.bytes, int(found[1]) * 1024)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield peak
    finally:
        over.set()
        watcher.join()


def write(folder: Path, pipeline: str, steps: str = "") -> None:
    """The files of a pipeline: `p.pipe` and the module `steps`."""
    (folder / "p.pipe").write_text(pipeline, "utf-8")
    (folder / "steps.py").write_text(steps, "utf-8")


def until(condition: Callable[[], object], timeout: float = 20, what: str = "") -> None:
    """Wait for something that another process does."""
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, what or "it did not happen"
        time.sleep(0.01)


def nothing_left_of(mark: str, timeout: float = 10) -> None:
    """Wait until no process carries a mark in its arguments or environment."""
    until(lambda: not processes_with(mark), timeout, f"left running: {processes_with(mark)}")


def check_integrity(folder: Path) -> None:
    """The database is whole, as SQLite finds."""
    connection = sqlite3.connect(folder / ".pipec" / "runs.db")
    try:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    finally:
        connection.close()
