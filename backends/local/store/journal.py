"""The journal of a run under way: what happens is written down before anybody is told of it.

A database that cannot be written is no reason to stop a run: what could not be written is kept, and written later.
"""

from __future__ import annotations

import hashlib
import sqlite3
import time
from collections.abc import Container, Sequence
from pathlib import Path
from typing import Any

from ..run_folder import RunFolder
from .cached import STORE_CACHED, cached_row
from .codec import head_text, to_text
from .database import PATIENCE, trouble_of
from .locks import RunLock
from .records import CacheEntry, Entry, RunRecord
from .session import Session

_APPEND = "INSERT INTO events (seq, at, kind, task, attempt, data) VALUES (?, ?, ?, ?, ?, ?)"
_END = "UPDATE runs SET status = ?, ended_at = ? WHERE number = ?"
_RESUME = """UPDATE runs SET status = 'running', ended_at = NULL, head = ?,
             program = (SELECT id FROM programs WHERE digest = ?) WHERE number = ?"""
ADD_PROGRAM = "INSERT OR IGNORE INTO programs (digest, ir) VALUES (?, ?)"

_RETRY_AFTER = 1.0
"""Seconds between two tries to write to a database that could not be written."""

_Statement = tuple[str, tuple[Any, ...]]


class RunJournal:
    """The only writer of one run. For one thread; others may read the store meanwhile.

    `trouble` says why entries are kept in memory alone, None where all are written.
    """

    def __init__(
        self, session: Session, number: int, position: int, record: RunRecord, folder: Path, lock: RunLock
    ) -> None:
        self.record = record
        self.trouble: str | None = None
        self._session = session
        self._number = number
        self._position = position
        self._paths = RunFolder(folder)
        self.folder = folder
        self._lock = lock
        self._events: list[tuple[Any, ...]] = []
        self._statements: list[_Statement] = []
        self._next_try = 0.0

    @property
    def run_id(self) -> str:
        return self.record.run_id

    def log_path(self, task: str, attempt: int) -> Path:
        """The log of an attempt of an instance. Its folder may not be there yet."""
        return self._paths.log(task, attempt)

    def attempt_folder(self, task: str, attempt: int) -> Path:
        """The folder for what goes between the runner and the process of an attempt. It may not be there yet."""
        return self._paths.attempt(task, attempt)

    def append(self, entries: Sequence[Entry], cached: Sequence[CacheEntry] = ()) -> None:
        """Write facts down, and outputs to be used again, all or none of them: when this returns they outlive the
        process. What cannot be written is kept and tried again, at most once a second; then `trouble` says why.
        """
        for entry in entries:
            self.record.apply(entry)
            self._add(entry)
        self._statements.extend((STORE_CACHED, cached_row(one)) for one in cached)
        if self.trouble is None or time.monotonic() >= self._next_try:
            self._write()

    def resume(
        self,
        at: float,
        changes: Sequence[str],
        restored: Container[str],
        *,
        parameters: dict[str, Any],
        source_digest: str,
        pipeline_json: str,
    ) -> None:
        """Go on with a run that broke off. What succeeded and is not among the `restored` instances stands no more.

        The rest is what the run is from now on, as in `RunRecord`; `changes` says in lines what of it changed.
        """
        forgotten = [task.task for task in self.record.tasks.values() if task.succeeded and task.task not in restored]
        facts = {"parameters": parameters, "source_digest": source_digest}
        self.record.pipeline_json = pipeline_json
        digest = program_digest(pipeline_json)
        self._statements.append((ADD_PROGRAM, (digest, pipeline_json)))
        entry = Entry("resumed", at, data={"changes": list(changes), "forgotten": forgotten, **facts})
        self.record.apply(entry)
        self._events.append(self._row(entry))
        self._statements.append((_RESUME, (head_text(self.record), digest, self._number)))
        self._write()

    def flush(self) -> None:
        """Write what could not be written before, if it can be now; then `trouble` says why not."""
        if self._events or self._statements:
            self._write(patience=PATIENCE)

    def close(self) -> None:
        """Write what is left, and let go of the run. Whoever looks at a run that has not ended then finds it killed."""
        self.flush()
        self._lock.release()

    def _add(self, entry: Entry) -> None:
        self._events.append(self._row(entry))
        if entry.kind == "ended":
            self._statements.append((_END, (entry.data["state"], entry.at, self._number)))

    def _row(self, entry: Entry) -> tuple[Any, ...]:
        self._position += 1
        return self._position, entry.at, entry.kind, entry.task, entry.attempt, to_text(entry.data)

    def _write(self, patience: float | None = None) -> None:
        """Write all that is waiting. While there is trouble nobody waits for other processes, save for `patience`."""
        try:
            if self.trouble is not None:
                self._session.set_patience(patience or 0.0)
            with self._session.transaction() as connection:
                if self._events:
                    connection.executemany(_APPEND, self._events)
                for statement, values in self._statements:
                    connection.execute(statement, values)
        except sqlite3.Error as error:
            self.trouble = trouble_of(error, self._session.file)
            self._next_try = time.monotonic() + _RETRY_AFTER
            return
        self._events.clear()
        self._statements.clear()
        if self.trouble is not None:
            self.trouble = None
            self._session.set_patience(PATIENCE)


def program_digest(ir: str) -> str:
    """By which equal programs are kept once."""
    return hashlib.sha256(ir.encode()).hexdigest()
