"""Programs of pipec that several tasks run, written once: for targets that take a file only up to some size."""

from __future__ import annotations

from pipec.ir.model import Pipeline
from pipec.optimisation.reasons import Reason

NAME = "shared-programs"


def reason(pipeline: Pipeline, programs: int, before: int, after: int) -> Reason:
    """Why so many programs are written once. The sizes, in bytes, are those of what the target makes of the file."""
    what, them = ("1 program is", "it") if programs == 1 else (f"{programs} programs are", "them")
    message = f"{what} written once for all tasks that run {them}: about {_shown(after)} instead of {_shown(before)}"
    return Reason(NAME, message, pipeline.location)


def _shown(size: int) -> str:
    return f"{size / 1_000_000:.2f} MB"
