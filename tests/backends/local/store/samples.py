"""Runs in few words, and random ones."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pipec.backends.local.store.journal import RunJournal
from pipec.backends.local.store.records import Entry, RunStart
from pipec.backends.local.store.store import RunStore

AT = 1_767_312_000.0
"""2026-01-02 00:00:00 UTC."""


def start(pipeline: str = "p", date: str = "2026-01-02", **facts: Any) -> RunStart:
    """A run of a pipeline for a date, whose interval is the day before."""
    context = {"pipeline": pipeline, "date": date, "interval_start": f"{date}T00:00:00+00:00", "interval_end": date}
    given: dict[str, Any] = {
        "file": "p.pipe",
        "source_digest": "0" * 64,
        "parameters": {},
        "started_at": AT,
        "pipeline_json": "{}",
    }
    return RunStart(pipeline=pipeline, context=context, **{**given, **facts})


def state(task: str, value: str, attempt: int = 1, **data: Any) -> Entry:
    return Entry("state", AT + 1, task, attempt, {"state": value, **data})


def attempt(task: str, number: int = 1, state: str = "success", **begun: Any) -> list[Entry]:
    """An attempt that ran for two seconds, and the state it left its task in."""
    outputs = begun.pop("outputs", {})
    failure = {"kind": "error", "message": "it broke"} if state == "failed" else None
    return [
        Entry("state", AT + 1, task, number, {"state": "running"}),
        Entry("attempt_started", AT + 1, task, number, {"log": f"{task}/{number}.log", "inputs": {}, **begun}),
        Entry("attempt_ended", AT + 3, task, number, {"state": state, "failure": failure}),
        Entry(
            "state",
            AT + 3,
            task,
            number,
            {"state": state, "failure": failure, "outputs": outputs if not failure else None},
        ),
    ]


def ended(state: str = "success", at: float = AT + 9, **data: Any) -> Entry:
    return Entry("ended", at, data={"state": state, **data})


def run_of(store: RunStore, *entries: Entry, **facts: Any) -> str:
    """A run of these entries, by a process that is gone now."""
    journal: RunJournal = store.new_run(start(**facts))
    journal.append(entries)
    journal.close()
    return str(journal.run_id)


@contextlib.contextmanager
def public_folder() -> Iterator[Path]:
    """A temporary folder that every user can reach, unlike pytest's own."""
    with tempfile.TemporaryDirectory() as name:
        os.chmod(name, 0o755)
        yield Path(name)


@contextlib.contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Nothing in the folder can be written meanwhile. Rights mean nothing to root, who becomes nobody."""
    paths = [folder, *folder.rglob("*")]
    for path in paths:
        path.chmod(0o555 if path.is_dir() else 0o444)
    is_root = os.getuid() == 0
    if is_root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if is_root:
            os.seteuid(0)
        for path in paths:
            path.chmod(0o755 if path.is_dir() else 0o644)
