"""The run store: every run of a folder, in one SQLite file that several processes may use at once.

.pipec/runs.db                    the database
.pipec/runs/<run id>/             logs and files of a run
.pipec/runs/<run id>/.lock        held by the process that runs it
"""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from . import approvals, cached, queries
from .codec import head_text
from .database import EVENTS_OF_A_RUN, FILE_NAME, StoreError, open_database, open_for_reading, reporting
from .journal import ADD_PROGRAM, RunJournal, program_digest
from .locks import RunLock, is_held, take_lock
from .records import CacheEntry, OpenApproval, RunRecord, RunStart, RunSummary
from .session import Session

_ADD_RUN = """INSERT INTO runs
  (run_id, pipeline, date, interval_start, interval_end, started_at, status, program, head)
  VALUES (?, ?, ?, ?, ?, ?, 'running', (SELECT id FROM programs WHERE digest = ?), ?)"""


class RunStore:
    """All runs kept in a folder. Every method raises StoreError where the database cannot be used.

    May be used by several threads.
    """

    def __init__(self, folder: Path, connection: sqlite3.Connection) -> None:
        self.folder = folder
        self._session = Session(folder / FILE_NAME, connection)

    @classmethod
    def open(cls, folder: Path) -> RunStore:
        """The store of a folder, made where there is none; Git ignores it. Raises StoreError."""
        folder = folder.absolute()
        with reporting(folder):
            (folder / "runs").mkdir(parents=True, exist_ok=True)
            ignore = folder / ".gitignore"
            if not ignore.exists():
                ignore.write_text("*\n", "utf-8")
        return cls(folder, open_database(folder / FILE_NAME))

    @classmethod
    def open_existing(cls, folder: Path) -> RunStore:
        """The store of a folder, to look at and to answer questions; makes nothing. Raises StoreError."""
        folder = folder.absolute()
        return cls(folder, open_for_reading(folder / FILE_NAME))

    def close(self) -> None:
        """Close the database; journals must be closed before."""
        self._session.close()

    # --- runs under way ------------------------------------------------------------------------------

    def reserve(self, started_at: float) -> str:
        """A run id no other run has, and its folder, made: for what must be known before a run can be described."""
        with reporting(self.folder):
            while True:
                moment = datetime.fromtimestamp(started_at, UTC)
                run_id = f"{moment:%Y-%m-%dT%H-%M-%S}-{secrets.token_hex(2)}"
                try:
                    self.run_folder(run_id).mkdir()
                except FileExistsError:
                    continue
                return run_id

    def release(self, run_id: str) -> None:
        """Give back an id that was reserved, where no run came of it."""
        with reporting(self.folder):
            self.run_folder(run_id).rmdir()

    def new_run(self, start: RunStart) -> RunJournal:
        """Begin a run; this process holds it until the journal is closed."""
        run_id = start.run_id or self.reserve(start.started_at)
        record = RunRecord(
            run_id=run_id,
            pipeline=start.pipeline,
            file=start.file,
            source_digest=start.source_digest,
            parameters=start.parameters,
            context={**start.context, "id": run_id},
            started_at=start.started_at,
            pipeline_json=start.pipeline_json,
        )
        lock = self._lock(run_id)
        try:
            number = self._add_run(record)
        except BaseException:
            lock.release()
            raise
        position = number * EVENTS_OF_A_RUN
        return RunJournal(self._session, number, position, record, self.run_folder(run_id), lock)

    def resume(self, run_id: str) -> RunJournal:
        """Take up a run that is over or was killed; then `RunJournal.resume` says how it goes on.

        Raises StoreError where there is no such run or a living process holds it.
        """
        if not queries.exists(self._session, run_id):
            raise StoreError(f"there is no run {run_id} in {self.folder}")
        lock = self._lock(run_id)
        try:
            number, record = self._read(run_id, with_program=True)
            position = queries.last_position(self._session, number)
        except BaseException:
            lock.release()
            raise
        if record.status == "running":
            record.mark_killed()
        return RunJournal(self._session, number, position, record, self.run_folder(run_id), lock)

    def run_folder(self, run_id: str) -> Path:
        """Where logs and files of a run are."""
        return self.folder / "runs" / run_id

    # --- looking at runs -----------------------------------------------------------------------------

    def resolve(self, text: str, pipeline: str | None = None) -> str:
        """The run id a person means: `last` (of the pipeline, where one is named), an id, or the start of only one.

        Raises StoreError.
        """
        if text == "last":
            newest = queries.run_ids(self._session, pipeline, limit=1)
            if not newest:
                raise StoreError(f"there is no run{f' of {pipeline}' if pipeline else ''} in {self.folder}")
            return newest[0]
        found = queries.ids_with_prefix(self._session, text)
        if text in found:
            return text
        if not found:
            raise StoreError(f"there is no run {text} in {self.folder}")
        if len(found) > 1:
            shown = ", ".join(found[:3]) + (", …" if len(found) > 3 else "")
            raise StoreError(f"{len(found)} runs start with {text!r}: {shown}")
        return found[0]

    def runs(
        self, pipeline: str | None = None, limit: int | None = None, since: float | None = None
    ) -> list[RunSummary]:
        """Newest first: all, of one pipeline, at most `limit`, started at the Unix time `since` or later."""
        found = queries.summaries(self._session, pipeline, limit, since)
        return [replace(one, status="killed") if self._was_killed(one.run_id, one.status) else one for one in found]

    def run(self, run_id: str) -> RunRecord:
        """All that is known of a run. Raises StoreError where there is none of this id."""
        return self._seen(self._read(run_id, with_program=True)[1])

    def records(self, pipeline: str, limit: int | None = None) -> Iterator[RunRecord]:
        """The runs of a pipeline, newest first, at most `limit`, without `pipeline_json`: one at a time in memory."""
        for run_id in queries.run_ids(self._session, pipeline, limit):
            yield self._seen(self._read(run_id, with_program=False)[1])

    def task_succeeded(self, pipeline: str, task: str, date: str) -> bool:
        """Whether some run of the pipeline for this `run.date` has a success of the task.

        A task with several instances has succeeded when all are final and they add up to a success.
        """
        return queries.succeeded(self._session, pipeline, task, date)

    def asset_updated(self, uri: str, since: float) -> bool:
        """Whether a task has updated an asset at or after a Unix time."""
        return queries.asset_updated(self._session, uri, since)

    def succeeded_intervals(self, pipeline: str) -> set[str]:
        """The `interval_start` of all runs of a pipeline that succeeded."""
        return queries.succeeded_intervals(self._session, pipeline)

    # --- approvals -----------------------------------------------------------------------------------

    def open_approvals(self, run_id: str | None = None) -> list[OpenApproval]:
        """Questions that living runs wait for, in the order in which they were asked."""
        found = approvals.open_questions(self._session, run_id)
        living = {one: is_held(self.run_folder(one)) for one in {question.run_id for question in found}}
        return [question for question in found if living[question.run_id]]

    def answer(self, run_id: str, task: str, approved: bool, by: str, comment: str = "") -> None:
        """Answer a question for the run to find. Raises StoreError where there is none or `by` may not."""
        if not queries.exists(self._session, run_id):
            raise StoreError(f"there is no run {run_id} in {self.folder}")
        if not is_held(self.run_folder(run_id)):
            raise StoreError(f"run {run_id} is over: nobody waits for an answer")
        approvals.give_answer(self._session, run_id, task, approved, by, comment)

    def answers(self, run_id: str) -> dict[str, tuple[bool, str, str]]:
        """By task: approved or not, by whom, and their comment. For questions asked again: of the last one."""
        return approvals.given_answers(self._session, run_id)

    # --- cache ---------------------------------------------------------------------------------------

    def cache_lookup(self, key: str, not_before: float | None = None) -> CacheEntry | None:
        """What was kept under a key, at the Unix time `not_before` or later."""
        return cached.lookup(self._session, key, not_before)

    def cache_latest(self, pipeline: str, task: str) -> CacheEntry | None:
        """What an instance of a task left last."""
        return cached.latest(self._session, pipeline, task)

    def cache_store(self, entry: CacheEntry) -> None:
        """Keep outputs. A run under way does it by `RunJournal.append`."""
        with reporting(self._session.file), self._session.transaction() as connection:
            connection.execute(cached.STORE_CACHED, cached.cached_row(entry))

    # --- within --------------------------------------------------------------------------------------

    def _lock(self, run_id: str) -> RunLock:
        with reporting(self.run_folder(run_id)):
            self.run_folder(run_id).mkdir(exist_ok=True)
            lock = take_lock(self.run_folder(run_id))
        if lock is None:
            raise StoreError(f"run {run_id} is still going on: another process runs it")
        return lock

    def _add_run(self, record: RunRecord) -> int:
        context = record.context
        digest = program_digest(record.pipeline_json)
        facts = (context["date"], context["interval_start"], context["interval_end"], record.started_at)
        with reporting(self._session.file), self._session.transaction() as connection:
            connection.execute(ADD_PROGRAM, (digest, record.pipeline_json))
            row = (record.run_id, record.pipeline, *facts, digest, head_text(record))
            number = connection.execute(_ADD_RUN, row).lastrowid
        assert number is not None
        return number

    def _read(self, run_id: str, with_program: bool) -> tuple[int, RunRecord]:
        found = queries.record(self._session, run_id, with_program)
        if found is None:
            raise StoreError(f"there is no run {run_id} in {self.folder}")
        return found

    def _seen(self, record: RunRecord) -> RunRecord:
        if self._was_killed(record.run_id, record.status):
            record.mark_killed()
        return record

    def _was_killed(self, run_id: str, status: Literal["running", "success", "failed", "killed"]) -> bool:
        return status == "running" and not is_held(self.run_folder(run_id))
