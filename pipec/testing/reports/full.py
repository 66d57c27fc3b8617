"""The report that people read: what fails with its place in the source and why, then what no test reaches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pipec.diagnostics.render import render
from pipec.diagnostics.style import Painter
from pipec.testing.coverage import KINDS, Goal, PipelineCoverage, percent
from pipec.testing.files import FileResult
from pipec.testing.reports import as_diagnostic
from pipec.testing.results import TestResult

_WIDEST = 46
"""Longer names of what was not reached are cut in the table."""


def report(files: Sequence[FileResult], *, color: bool, verbose: bool, with_coverage: bool) -> str:
    """A line for each file, with `verbose` for each test, then the details of all that is not good."""
    paint = Painter(color)
    with_tests = [file for file in files if file.results or file.errors]
    lines = [line for file in with_tests for line in _file(file, paint, verbose)]
    for file in with_tests:
        for result in file.results:
            lines.extend(_details(file, result, paint))
    if with_coverage:
        lines.extend(_coverage(files, paint))
    return "".join(f"{line}\n" for line in lines)


def _file(file: FileResult, paint: Painter, verbose: bool) -> Iterator[str]:
    if file.errors:
        yield f"{paint('ERROR ', 'error')}  {file.name}: the file has errors"
        return
    count = f"{len(file.results)} test" + ("s" if len(file.results) != 1 else "")
    failed = f", {len(file.failed)} failed" if file.failed else ""
    yield f"{_state(not file.failed, paint)}  {file.name}: {count}{failed}"
    for result in file.results if verbose else ():
        yield f"  {_state(not result.failures, paint)}  {result.case.title}"


def _state(is_good: bool, paint: Painter) -> str:
    return paint("ok    ", "good") if is_good else paint("FAILED", "error")


def _details(file: FileResult, result: TestResult, paint: Painter) -> Iterator[str]:
    findings = [as_diagnostic(file, one, "error") for one in result.failures]
    findings += [as_diagnostic(file, one, "warning") for one in result.warnings]
    if not findings:
        return
    yield ""
    yield paint(f'test "{result.case.title}" for {result.case.pipeline}', "strong")
    for finding in findings:
        yield ""
        yield render(finding, color=paint.color)


# --- coverage ------------------------------------------------------------------------------------


def _coverage(files: Sequence[FileResult], paint: Painter) -> Iterator[str]:
    yield ""
    everything = [one for file in files for one in file.coverage]
    for file in files:
        for coverage in file.coverage:
            yield from _pipeline(file, coverage, paint)
    reached = sum(len(one.reached) for one in everything)
    total = sum(len(one.goals) for one in everything)
    yield paint(f"coverage: {percent(everything):.0f} % ({reached} of {total})", "strong")


def _pipeline(file: FileResult, coverage: PipelineCoverage, paint: Painter) -> Iterator[str]:
    head = f"{coverage.pipeline}: {percent([coverage]):.0f} % ({len(coverage.reached)} of {len(coverage.goals)})"
    yield paint(head, "strong")
    missing = sorted(coverage.missing, key=lambda goal: KINDS.index(goal.kind))
    rows = [(goal.kind, _cut(goal.subject), goal.case, _place(file, goal)) for goal in missing]
    widths = [max((len(row[column]) for row in rows), default=0) for column in range(3)]
    if rows:
        yield "  no test reaches"
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        yield f"  {'  '.join(cells)}  {paint(row[3], 'faint')}"
    yield ""


def _cut(text: str) -> str:
    return text if len(text) <= _WIDEST else text[: _WIDEST - 1] + "…"


def _place(file: FileResult, goal: Goal) -> str:
    span = file.loaded.span_of(goal.location)
    return f"{span.source.path}:{goal.location.line}:{goal.location.column}"
