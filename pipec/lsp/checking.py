"""Checks documents while they are being written: soon after the last change, off the thread that answers requests."""

from __future__ import annotations

import asyncio
import gc
import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from lsprotocol import types as lsp

from pipec.lsp.diagnostics import published
from pipec.lsp.documents import Document, Documents
from pipec.lsp.targets import backends

LONGEST_DELAY = 0.5
"""At most so many seconds without a change before a check begins."""

_SHARE = 0.1
_PAUSE = 0.15
"""Seconds between two keystrokes: a check that takes no longer begins at once, since it is over before the next."""

_IDLE = 1.0
"""Seconds without a change before the garbage of checks is collected, which would hold one up."""

_FEW_UNCOLLECTED, _MOST_UNCOLLECTED = 20, 500
"""Up to how many checks there is nothing to collect, and after how many it is done all the same.

What they leave is little, as versions are taken apart.
"""

_log = logging.getLogger(__name__)


class Checking:
    """Publishes the diagnostics of open documents. A version that is no longer the current one is never published.

    How long a check waits for further changes grows with how long checks take, where that is longer than a keystroke:
    the larger a file, the more keystrokes are looked at together.
    """

    def __init__(self, documents: Documents, publish: Callable[[lsp.PublishDiagnosticsParams], None]) -> None:
        self.documents = documents
        self.publish = publish
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="check")
        self._waiting: dict[str, asyncio.Task[None]] = {}
        self._delay = 0.0
        self._collection: asyncio.TimerHandle | None = None
        self._uncollected = 0
        self._is_warm = False

    def schedule(self, document: Document, *, at_once: bool = False) -> None:
        """Checks a document soon, in place of an earlier version of it that still waits."""
        waiting = self._waiting.pop(document.uri, None)
        if waiting is not None:
            waiting.cancel()
        self._put_off_collection()
        delay = 0.0 if at_once else self._delay
        self._waiting[document.uri] = asyncio.get_running_loop().create_task(self._check(document, delay))

    def clear(self, uri: str) -> None:
        """Takes back what was published of a document that is closed."""
        waiting = self._waiting.pop(uri, None)
        if waiting is not None:
            waiting.cancel()
        self._worker.submit(self._take_apart)
        self.publish(lsp.PublishDiagnosticsParams(uri=uri, diagnostics=[]))

    def is_current(self, document: Document) -> bool:
        return self.documents.open.get(document.uri) is document

    async def _check(self, document: Document, delay: float) -> None:
        await asyncio.sleep(delay)
        loop = asyncio.get_running_loop()
        diagnostics = await loop.run_in_executor(self._worker, self._diagnostics, document)
        if diagnostics is not None and self.is_current(document):
            parameters = lsp.PublishDiagnosticsParams(document.uri, diagnostics, document.version)
            self.publish(parameters)
        self._worker.submit(self._take_apart)
        if not self._is_warm:
            self._is_warm = True
            self._worker.submit(_warm_up)
        self._uncollected += 1
        self._put_off_collection()
        if self._uncollected > _FEW_UNCOLLECTED:
            soon = 0.0 if self._uncollected >= _MOST_UNCOLLECTED else _IDLE
            self._collection = loop.call_later(soon, self._collect)

    def _take_apart(self) -> None:
        """Frees what earlier versions hold: on the thread of the checks, because one of them may just be checked."""
        while self.documents.overtaken:
            self.documents.overtaken.pop().take_apart()

    def _put_off_collection(self) -> None:
        if self._collection is not None:
            self._collection.cancel()
            self._collection = None

    def _collect(self) -> None:
        self._uncollected = 0
        gc.collect()

    def _diagnostics(self, document: Document) -> list[lsp.Diagnostic] | None:
        """What is to be published; None where the document is no longer the current one, or the check has a bug."""
        if not self.is_current(document):
            return None
        began = time.perf_counter()
        try:
            with document.in_use():
                return published(document, document.found)
        except Exception:
            _log.exception("the check of %s failed: this is a bug in pipec", document.uri)
            return None
        finally:
            took = time.perf_counter() - began
            self._delay = min(took * _SHARE, LONGEST_DELAY) if took > _PAUSE else 0.0


def _warm_up() -> None:
    """Loads what the first hover would have to wait for, and keeps it out of what is looked at for garbage."""
    backends()
    gc.collect()
    gc.freeze()
