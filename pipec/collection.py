"""Work that makes many objects and no garbage: the collector is kept out of the way, and a process ends at once."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

_kept: list[object] = []


@contextmanager
def without_garbage_collection() -> Iterator[None]:
    """The collector would look at everything made so far again and again: without it large files take half as long."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            if _kept:  # looking once at all that was made takes a while, and all of it stays
                gc.freeze()
            gc.enable()


def keep_to_the_end(thing: object) -> None:
    """Let a value live as long as the process, which then ends without taking it apart piece by piece."""
    _kept[:] = [thing]


def end_process(exit_code: int) -> NoReturn:
    """End the process. With a value that is kept this takes a fraction of the time, and no exit handlers run."""
    if _kept:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(exit_code)
    sys.exit(exit_code)
