"""The SQLite file of the store: its schema, how it is opened, and what is said when it cannot be used."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

FILE_NAME = "runs.db"

EVENTS_OF_A_RUN = 1 << 32
"""How many events the numbers of a run have room for."""

PATIENCE = 10.0
"""Seconds to wait for another process that writes."""

_PAGES_IN_LOG = 4000
"""After how many new pages the write-ahead log is moved into the database, which waits for the disk."""

APPLICATION_ID = 0x70697065
SCHEMA_VERSION = 1

_SCHEMA = """
CREATE TABLE programs (
  id INTEGER PRIMARY KEY,
  digest TEXT NOT NULL UNIQUE,  -- SHA-256 of ir: most runs share theirs with others
  ir TEXT NOT NULL
);
CREATE TABLE runs (
  number INTEGER PRIMARY KEY,
  run_id TEXT NOT NULL UNIQUE,
  pipeline TEXT NOT NULL,
  date TEXT NOT NULL,
  interval_start TEXT NOT NULL,
  interval_end TEXT NOT NULL,
  started_at REAL NOT NULL,
  ended_at REAL,
  status TEXT NOT NULL,         -- running until it ended; whether it was killed is told by the lock of the run
  program INTEGER NOT NULL REFERENCES programs (id),
  head TEXT NOT NULL            -- JSON: file, source_digest, parameters, context
);
CREATE INDEX runs_of_pipeline ON runs (pipeline, date);
CREATE TABLE events (
  seq INTEGER PRIMARY KEY,      -- number of the run * 2^32 + position: those of a run lie together, without an index
  at REAL NOT NULL,
  kind TEXT NOT NULL,
  task TEXT NOT NULL,
  attempt INTEGER NOT NULL,
  data TEXT NOT NULL            -- JSON
);
CREATE INDEX questions ON events (seq) WHERE kind = 'approval_asked';
CREATE INDEX asset_updates ON events (json_extract(data, '$.uri'), at) WHERE kind = 'asset';
CREATE TABLE answers (
  question INTEGER PRIMARY KEY REFERENCES events (seq),
  run INTEGER NOT NULL REFERENCES runs (number),
  data TEXT NOT NULL            -- JSON: task, approved, by, comment
);
CREATE INDEX answers_of_run ON answers (run);
CREATE TABLE cache (
  key TEXT PRIMARY KEY,
  pipeline TEXT NOT NULL,
  task TEXT NOT NULL,
  run_id TEXT NOT NULL,
  stored_at REAL NOT NULL,
  parts TEXT NOT NULL,          -- JSON
  outputs TEXT NOT NULL         -- JSON
);
CREATE INDEX cache_of_task ON cache (pipeline, task, stored_at);
"""


class StoreError(Exception):
    """The store cannot be used or cannot do what was asked; the message is one line for people."""


def open_database(file: Path) -> sqlite3.Connection:
    """The database for reading and writing, made where there is none. Its folder must exist. Raises StoreError."""
    with reporting(file):
        if not file.exists():
            _create(file)
        connection = _connect(file, "mode=rw")
        try:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("ROLLBACK")
        except BaseException:
            connection.close()
            raise
        return connection


def open_for_reading(file: Path) -> sqlite3.Connection:
    """The database where one exists, be it on a disk that cannot be written. Raises StoreError."""
    if not file.exists():
        raise StoreError(f"there are no runs in {file.parent}")
    with reporting(file):
        try:
            return _connect(file, "mode=rw")
        except sqlite3.Error as error:
            if _code(error) not in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY):
                raise
        # Without write access SQLite cannot make the files by which processes agree; nobody else writes here either.
        return _connect(file, "mode=ro&immutable=1")


@contextmanager
def reporting(file: Path) -> Iterator[None]:
    """Turns what SQLite and the system say into a StoreError."""
    try:
        yield
    except sqlite3.Error as error:
        raise StoreError(f"{_reason(error)}: {file}") from error
    except OSError as error:
        raise StoreError(f"the run store cannot be used ({error.strerror}): {file}") from error


def trouble_of(error: sqlite3.Error, file: Path) -> str:
    """Why the store could not be written, in one line."""
    return f"{_reason(error)}: {file}"


def _reason(error: sqlite3.Error) -> str:
    match _code(error):
        case sqlite3.SQLITE_FULL:
            return "the disk of the run store is full"
        case sqlite3.SQLITE_READONLY:
            return "the run store is read-only"
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return f"the run store was locked by another process for over {PATIENCE:g}s"
        case sqlite3.SQLITE_NOTADB:
            return "this is no run store but some other file, move it away"
        case sqlite3.SQLITE_CORRUPT:
            return "the run store is damaged, move it away"
        case _:
            return f"the run store cannot be used ({error})"


def _code(error: sqlite3.Error) -> int | None:
    """The primary result code; None for errors of the Python module itself."""
    code = getattr(error, "sqlite_errorcode", None)
    return None if code is None else code & 0xFF


def _connect(file: Path, mode: str) -> sqlite3.Connection:
    """A connection that may be used by any thread, to a database that is ours and of this schema."""
    connection = sqlite3.connect(
        f"file:{quote(os.fspath(file))}?{mode}",
        uri=True,
        timeout=PATIENCE,
        isolation_level=None,
        check_same_thread=False,
    )
    try:
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute(f"PRAGMA wal_autocheckpoint = {_PAGES_IN_LOG}")
        _check(connection, file)
    except BaseException:
        connection.close()
        raise
    return connection


def _check(connection: sqlite3.Connection, file: Path) -> None:
    version = _pragma(connection, "user_version")
    if _pragma(connection, "application_id") != APPLICATION_ID:
        raise StoreError(f"this is no run store but some other database, move it away: {file}")
    if version > SCHEMA_VERSION:
        raise StoreError(
            f"the run store was written by a newer pipec (its schema is {version}, the newest known here is "
            f"{SCHEMA_VERSION}): {file}"
        )


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    value: int = connection.execute(f"PRAGMA {name}").fetchone()[0]
    return value


def _create(file: Path) -> None:
    """Makes the database beside its place and moves it there whole; of several processes the first one does."""
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        if file.exists():
            return
        part = file.with_name(f"{file.name}.part")
        part.unlink(missing_ok=True)
        connection = sqlite3.connect(part, isolation_level=None)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.executescript(
                f"BEGIN; {_SCHEMA} PRAGMA application_id = {APPLICATION_ID}; "
                f"PRAGMA user_version = {SCHEMA_VERSION}; COMMIT"
            )
        finally:
            connection.close()
        os.replace(part, file)
    finally:
        os.close(folder)
