"""Who runs a run: its process holds a lock on a file, and the system frees the lock when the process ends, however."""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
import weakref
from pathlib import Path

FILE_NAME = ".lock"
"""Beside the folders of tasks, none of which starts with a dot."""

_SHORT_WAIT = 0.5
"""Seconds: others that look whether the lock is held hold it themselves for a moment."""


class RunLock:
    """A lock that is held until `release` or the end of the process; processes it forks do not hold it."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor: int | None = descriptor
        _held.add(self)

    def release(self) -> None:
        """Give the lock up; again is no harm."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


_held: weakref.WeakSet[RunLock] = weakref.WeakSet()


def _forget_locks() -> None:
    for lock in list(_held):
        lock.release()


os.register_at_fork(after_in_child=_forget_locks)


def take_lock(folder: Path) -> RunLock | None:
    """The lock of the run whose folder this is; None where a living process holds it. Raises OSError."""
    descriptor = os.open(folder / FILE_NAME, os.O_RDWR | os.O_CREAT, 0o644)
    deadline = time.monotonic() + _SHORT_WAIT
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                os.close(descriptor)
                return None
            time.sleep(0.01)
        except BaseException:
            os.close(descriptor)
            raise
        else:
            return RunLock(descriptor)


def is_held(folder: Path) -> bool:
    """Whether a living process holds the lock of the run whose folder this is."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder / FILE_NAME, os.O_RDONLY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(descriptor)
    return False
