"""Linting a text as if it stood in a file, and seeing what came of it in a form that fits into a table."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from pipec.analysis.lints import DEFAULT, OPTIONAL, lint
from pipec.api import Loaded, load
from pipec.diagnostics.model import Diagnostic, Diagnostics
from pipec.semantics.written_lints import lint_written

ALL = DEFAULT | OPTIONAL

MAIN = Path("main.pipe")


def lints_of(loaded: Loaded, codes: Collection[str] = ALL) -> list[Diagnostic]:
    """What all lints say of a file without errors, in order."""
    assert loaded.program is not None, [one.message for one in loaded.diagnostics.found]
    assert loaded.main is not None
    diagnostics = Diagnostics()
    lint(loaded.program, loaded.span_of, diagnostics, codes)
    lint_written(loaded.main.file, diagnostics)
    return diagnostics.sorted()


def lints(text: str, codes: Collection[str] = ALL) -> list[Diagnostic]:
    return lints_of(load(MAIN, text=text), codes)


def found(text: str, code: str) -> list[str]:
    """Where a rule speaks: `line text` for each, the text that it points at."""
    places: list[str] = []
    for one in lints(text, {code}):
        if one.code == code:
            line, _ = one.span.source.position(one.span.start)
            places.append(f"{line} {one.span.text}")
    return places


def body(statements: str, header: str = "pipeline p") -> str:
    """A pipeline with these statements on lines 2 and after."""
    return f"{header} {{\n{statements}\n}}\n"


def scheduled(statements: str, header: str = "pipeline p") -> str:
    """A pipeline that runs every day, in which nothing else is amiss; the statements begin on line 2."""
    return body(f'{statements}\n  schedule = cron("@daily")  start = 2026-01-01  owner = "team"', header)
