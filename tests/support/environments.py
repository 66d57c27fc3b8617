"""Environments of Python for engines that cannot be installed beside Airflow 3, and programs that answer from there.

An environment is made by `uv` in the user's cache folder when it is missing, and stays there for all checkouts. A
program in it lives as long as the tests do, as engines take longer to start than most pipelines to run: it reads
requests from its input and answers on its output, each as JSON in a line, and writes all else to its errors.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any


def environment(name: str, requirements: Path, newest: tuple[int, int]) -> Path:
    """The Python of an environment, which is made first where there is none of this name with these requirements.

    `newest` is the newest version of Python that the engine runs on.
    """
    digest = hashlib.sha256(requirements.read_bytes()).hexdigest()[:12]
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "pipec-tests")
    folder = cache / f"{name}-{digest}"
    python = folder / "bin" / "python"
    with alone(cache / f"{folder.name}.lock"):
        finished = folder / "finished"
        if not finished.exists():
            version = min(sys.version_info[:2], newest)
            _uv("venv", "--clear", "--python", ".".join(map(str, version)), str(folder))
            _uv("pip", "install", "--python", str(python), "--requirement", str(requirements))
            finished.touch()
    return python


def _uv(*arguments: str) -> None:
    made = subprocess.run([sys.executable, "-m", "uv", *arguments], capture_output=True, text=True)
    assert made.returncode == 0, made.stderr


@contextlib.contextmanager
def alone(path: Path) -> Iterator[None]:
    """Nobody else is in here with the same file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@dataclass(frozen=True, slots=True)
class Answering:
    """A program that answers requests; `errors` is the file of what it writes besides."""

    process: subprocess.Popen[str]
    errors: Path

    def ask(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """The answer to a request. Raises RuntimeError with the `error` of an answer that has one."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        try:
            print(json.dumps(request), file=self.process.stdin, flush=True)
            line = self.process.stdout.readline()
        except BaseException:  # a test that took too long: the answer would be given to the next one
            self.process.kill()
            raise
        assert line, self.errors.read_text("utf-8", "replace")[-4000:]
        found: dict[str, Any] = json.loads(line)
        if found["error"] is not None:
            raise RuntimeError(found["error"])
        return found


@contextlib.contextmanager
def answering(command: Sequence[str | Path], variables: Mapping[str, str], errors: Path) -> Iterator[Answering]:
    """The program that a command starts, with these environment variables alone, until the end of the block."""
    with errors.open("wb") as file:
        process = subprocess.Popen(
            command,
            env=dict(variables),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=file,
            text=True,
            encoding="utf-8",
        )
        try:
            yield Answering(process, errors)
        finally:
            process.kill()
            process.communicate()
