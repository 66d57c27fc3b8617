"""The table of outputs that may be used again."""

from __future__ import annotations

from typing import Any

from .codec import from_text, to_text
from .records import CacheEntry
from .session import Session

STORE_CACHED = """INSERT OR REPLACE INTO cache (key, pipeline, task, run_id, stored_at, parts, outputs)
                  VALUES (?, ?, ?, ?, ?, ?, ?)"""

_SELECT = "SELECT key, pipeline, task, run_id, stored_at, parts, outputs FROM cache"


def cached_row(entry: CacheEntry) -> tuple[Any, ...]:
    """The values of `STORE_CACHED`."""
    parts, outputs = to_text(entry.parts), to_text(entry.outputs)
    return entry.key, entry.pipeline, entry.task, entry.run_id, entry.stored_at, parts, outputs


def lookup(session: Session, key: str, not_before: float | None) -> CacheEntry | None:
    """What is kept under a key, where it is no older than `not_before`."""
    return _entry(session.read(f"{_SELECT} WHERE key = ? AND stored_at >= ?", (key, not_before or 0.0)))


def latest(session: Session, pipeline: str, task: str) -> CacheEntry | None:
    """What an instance left last."""
    order = "ORDER BY stored_at DESC, rowid DESC LIMIT 1"
    return _entry(session.read(f"{_SELECT} WHERE pipeline = ? AND task = ? {order}", (pipeline, task)))


def _entry(rows: list[tuple[Any, ...]]) -> CacheEntry | None:
    if not rows:
        return None
    key, pipeline, task, run_id, stored_at, parts, outputs = rows[0]
    return CacheEntry(key, from_text(parts), pipeline, task, run_id, stored_at, from_text(outputs))
