"""Reports of tests for people and for machines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from pipec.diagnostics.model import Diagnostic, Label
from pipec.testing.files import FileResult
from pipec.testing.results import Finding

ReportFormat = Literal["full", "json", "junit"]
REPORT_FORMATS: tuple[ReportFormat, ...] = ("full", "json", "junit")


def format_results(files: Sequence[FileResult], report_format: ReportFormat, **options: bool) -> str:
    """The report of all files, ending in a newline. `color`, `verbose` and `with_coverage` are options of it."""
    match report_format:
        case "full":
            from pipec.testing.reports.full import report as as_full

            return as_full(
                files,
                color=options.get("color", False),
                verbose=options.get("verbose", False),
                with_coverage=options.get("with_coverage", False),
            )
        case "json":
            from pipec.testing.reports.json import report as as_json

            return as_json(files, with_coverage=options.get("with_coverage", False))
        case "junit":
            from pipec.testing.reports.junit import report as as_junit

            return as_junit(files)


def as_diagnostic(file: FileResult, finding: Finding, severity: Literal["error", "warning"]) -> Diagnostic:
    """A finding as a diagnostic, which has no code, for all that shows places in a source."""
    return Diagnostic(
        "",
        severity,
        finding.message,
        file.loaded.span_of(finding.location),
        finding.label,
        tuple(Label(file.loaded.span_of(place), text) for place, text in finding.places),
        finding.why,
        finding.help,
    )
