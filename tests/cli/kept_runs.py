"""Runs put into the store of a folder, as `pipec run` leaves them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from pipec.backends.local.store.records import Entry, RunStart
from pipec.backends.local.store.store import RunStore

from pipec.ir.model import Pipeline
from tests.backends.local.history.samples import START

DAY = 86_400.0


def keep(folder: Path, shape: Pipeline, entries: Iterable[Entry], *, day: int = 0, log: str = "") -> str:
    """A run begun so many days after `START`; every attempt has the log given. Its id."""
    began = START + day * DAY
    store = RunStore.open(folder / ".pipec")
    start = RunStart(
        pipeline=shape.name,
        file=str(folder / "p.pipe"),
        source_digest="0" * 64,
        parameters={},
        context={
            "date": f"2026-01-{2 + day:02}",
            "interval_start": f"2026-01-{1 + day:02}",
            "interval_end": f"2026-01-{2 + day:02}",
        },
        started_at=began,
        pipeline_json=shape.model_dump_json(),
    )
    journal = store.new_run(start)
    run_id: str = journal.run_id
    for entry in entries:
        journal.append([Entry(entry.kind, began + entry.at, entry.task, entry.attempt, entry.data)])
        if entry.kind == "attempt_started":
            file = store.run_folder(run_id) / entry.data["log"]
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(log.format(task=entry.task, attempt=entry.attempt), "utf-8")
    journal.close()
    store.close()
    return run_id
