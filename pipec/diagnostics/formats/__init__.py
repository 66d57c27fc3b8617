"""Reports of diagnostics for people and for machines: `format_report`, and a module for each format."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from pipec.diagnostics.model import Diagnostic

OutputFormat = Literal["full", "concise", "json", "github", "gitlab", "junit", "sarif"]
OUTPUT_FORMATS: tuple[OutputFormat, ...] = ("full", "concise", "json", "github", "gitlab", "junit", "sarif")


def format_report(
    diagnostics: Sequence[Diagnostic],
    output_format: OutputFormat,
    color: bool = False,
    *,
    files: Sequence[str] = (),
    strict: bool = False,
) -> str:
    """The report of diagnostics in the order given, ending in a newline unless it is empty.

    `color` matters to `full` alone; `files`, all that were checked, and `strict`, whether warnings fail, to `junit`.
    The documents json, gitlab, junit and sarif are whole even without a diagnostic.
    """
    match output_format:
        case "full":
            return _full(diagnostics, color)
        case "concise":
            return "".join(f"{_concise(diagnostic)}\n" for diagnostic in diagnostics)
        case "json":
            from pipec.diagnostics.formats.json import report as as_json

            return as_json(diagnostics)
        case "github":
            from pipec.diagnostics.formats.github import report as as_github

            return as_github(diagnostics)
        case "gitlab":
            from pipec.diagnostics.formats.gitlab import report as as_gitlab

            return as_gitlab(diagnostics)
        case "junit":
            from pipec.diagnostics.formats.junit import report as as_junit

            return as_junit(diagnostics, files, strict)
        case "sarif":
            from pipec.diagnostics.formats.sarif import report as as_sarif

            return as_sarif(diagnostics)


def _full(diagnostics: Sequence[Diagnostic], color: bool) -> str:
    from pipec.diagnostics.render import hint_to_explain, render

    if not diagnostics:
        return ""
    shown = "".join(f"{render(diagnostic, color=color)}\n\n" for diagnostic in diagnostics)
    return f"{shown}{hint_to_explain(diagnostics, color=color)}\n"


def _concise(diagnostic: Diagnostic) -> str:
    line, column = diagnostic.span.source.position(diagnostic.span.start)
    place = f"{diagnostic.span.source.path}:{line}:{column}"
    message = " ".join(diagnostic.message.split("\n"))
    return f"{place}: {diagnostic.severity}[{diagnostic.code}]: {message}{' [fix]' if diagnostic.fix else ''}"
