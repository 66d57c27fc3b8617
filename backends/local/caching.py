"""The cache in a run: what a task need not do again, and what the next run need not."""

from __future__ import annotations

import time
from pathlib import Path

from pipec.engine.events import StartAttempt, TaskChanged
from pipec.ir.model import Task

from .cache import CacheKey, CacheVerdict, cache_key, look_up
from .fingerprint import ModuleSources
from .observer import Observer
from .options import RunOptions
from .store.database import StoreError
from .store.records import CacheEntry
from .store.store import RunStore


class Caching:
    """For the tasks of one run that have the option `cache`. `folder` is that of the `.pipe` file."""

    def __init__(
        self, store: RunStore, run_id: str, pipeline: str, folder: Path, options: RunOptions, observer: Observer
    ) -> None:
        self._store = store
        self._run_id = run_id
        self._pipeline = pipeline
        self._folder = folder
        self._options = options
        self._observer = observer
        self._sources = ModuleSources(folder)
        self._keys: dict[str, CacheKey] = {}

    def look_up(self, start: StartAttempt, task: Task) -> CacheEntry | None:
        """The outcome to take instead of an attempt; None where there is none."""
        if not task.options.cache:
            self._explain(start.task, task, ("the task has no option cache",), is_hit=False)
            return None
        key = cache_key(task, start, self._folder, self._sources)
        if isinstance(key, CacheKey):
            self._keys[start.task] = key
        if not self._options.use_cache and not self._is_explained(start.task, task):
            return None
        try:
            verdict = look_up(self._store, self._pipeline, task, start.task, key, self._folder, time.time())
        except StoreError as error:
            verdict = CacheVerdict(None, (f"the cache cannot be read: {error}",))
        if not self._options.use_cache:
            self._explain(start.task, task, ("not looked at: --no-cache", *verdict.reasons), is_hit=False)
            return None
        self._explain(start.task, task, verdict.reasons, is_hit=verdict.hit is not None)
        return verdict.hit

    def kept(self, success: TaskChanged, at: float) -> list[CacheEntry]:
        """What a success leaves for later runs."""
        key = self._keys.pop(success.task, None)
        if key is None:
            return []
        outputs = dict(success.outputs or {})
        return [CacheEntry(key.key, key.parts, self._pipeline, success.task, self._run_id, at, outputs)]

    def _explain(self, id: str, task: Task, reasons: tuple[str, ...], *, is_hit: bool) -> None:
        if self._is_explained(id, task):
            outcome = "taken from the cache" if is_hit else "runs"
            self._observer.noticed([f"cache: {id} {outcome}: {reasons[0]}", *(f"  {line}" for line in reasons[1:])])

    def _is_explained(self, id: str, task: Task) -> bool:
        return self._options.explain_cache in (id, task.id, task.name)
