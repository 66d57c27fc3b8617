"""One input through the whole front end: read, parse, check, format and report it."""

from __future__ import annotations

import signal
import tempfile
import time
import traceback
from pathlib import Path
from types import FrameType

from pipec.api import UnreadableError, check, load
from pipec.diagnostics.formats import OUTPUT_FORMATS, format_report
from pipec.frozen import Frozen
from pipec.ir.verify import verify
from pipec.syntax.formatting.formatter import format_text

TARGETS = ("airflow", "local")
SLOW = 2.0
_GIVEN_UP = 10.0


class Finding(Frozen):
    """What is wrong with how an input was taken: a traceback, a broken promise, or how long it took."""

    number: int
    what: str


class _TooLongError(Exception):
    """The input took so long that it was given up."""


def examine(number: int, given: str | bytes) -> Finding | None:
    """What is wrong, None where all is well. CPU time is what counts, so that a busy machine is no finding."""
    signal.signal(signal.SIGPROF, _give_up)
    signal.setitimer(signal.ITIMER_PROF, _GIVEN_UP)
    begun = time.thread_time()
    try:
        _take(given)
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        return Finding(number, traceback.format_exc())
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    seconds = time.thread_time() - begun
    return Finding(number, f"took {seconds:.1f} s of CPU") if seconds > SLOW else None


def _take(given: str | bytes) -> None:
    if isinstance(given, bytes):
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, "any.pipe")
            file.write_bytes(given)
            try:
                loaded = load(file)
            except UnreadableError:
                return
    else:
        loaded = load("any.pipe", text=given)
    found = check(loaded, TARGETS)
    for one in found:
        for span in (one.span, *(label.span for label in one.labels)):
            assert 0 <= span.start <= span.end <= len(span.source.text), one
    for output_format in OUTPUT_FORMATS:
        format_report(found, output_format)
    errors = [one for one in found if one.severity == "error"]
    if loaded.program is not None:
        assert verify(loaded.program) == []
    elif not errors:
        raise AssertionError("there is no program and no error that says why")
    if isinstance(given, str):
        formatted = format_text(given)
        assert formatted.text is not None or formatted.diagnostics, "not formatted, and nothing says why"


def _give_up(_: int, __: FrameType | None) -> None:
    raise _TooLongError
