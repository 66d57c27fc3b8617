"""The folder of a run, `.pipec/runs/<run id>/`, with a log for every attempt; all else is in the store beside it.

run.json                          the result, written whole when the run is over
.lock                             held by the process that runs it
<task>/<attempt>.log              what the task printed, standard output and error together
<task>/<attempt>/outputs/         $PIPEC_OUTPUTS of a shell or command task
<task>/<attempt>/request.json     what a python task was called with, and response.json what it gave
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

DEFAULT_STORE = ".pipec"
"""In the current working directory."""

_TAIL_BYTES = 16 * 1024


@dataclass(frozen=True, slots=True)
class RunFolder:
    """The folder of one run."""

    path: Path

    @property
    def result(self) -> Path:
        return self.path / "run.json"

    def task(self, task_id: str) -> Path:
        return self.path / file_name(task_id)

    def log(self, task_id: str, attempt: int) -> Path:
        return self.task(task_id) / f"{attempt}.log"

    def attempt(self, task_id: str, attempt: int) -> Path:
        """The folder for what goes between the runner and the process of an attempt."""
        return self.task(task_id) / str(attempt)

    def write_result(self, text: str) -> None:
        """Write run.json whole or not at all."""
        written = self.result.with_suffix(".part")
        written.write_text(text, "utf-8")
        os.replace(written, self.result)


def file_name(task_id: str) -> str:
    """A task id as a file name, percent-encoded: no two ids share one. Longer than file systems allow: digest."""
    name = quote(task_id, safe="")
    if len(name) <= 200:
        return name
    from hashlib import sha256

    return f"{name[:120]}%{sha256(task_id.encode('utf-8', 'surrogatepass')).hexdigest()}"


def last_lines(log: Path, count: int) -> list[str]:
    """The last lines of a log; none where there is no log."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - _TAIL_BYTES))
            return file.read().decode("utf-8", "replace").splitlines()[-count:]
    except OSError:
        return []
