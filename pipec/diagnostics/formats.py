"""Reports of diagnostics for people and for machines, one function a format."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Literal

from pipec.diagnostics.model import Diagnostic, Fix
from pipec.syntax.source import Span

OutputFormat = Literal["full", "concise", "json", "github", "sarif"]
OUTPUT_FORMATS: tuple[OutputFormat, ...] = ("full", "concise", "json", "github", "sarif")


def format_report(diagnostics: Sequence[Diagnostic], output_format: OutputFormat, color: bool = False) -> str:
    """The report of diagnostics in the order given, ending in a newline unless it is empty.

    `color` matters to `full` alone; json and sarif are whole documents even without a diagnostic.
    """
    match output_format:
        case "full":
            return _full(diagnostics, color)
        case "concise":
            return "".join(f"{_concise(diagnostic)}\n" for diagnostic in diagnostics)
        case "json":
            return _document({"format_version": 1, "diagnostics": [_json(diagnostic) for diagnostic in diagnostics]})
        case "github":
            return "".join(f"{_github(diagnostic)}\n" for diagnostic in diagnostics)
        case "sarif":
            return _document(_sarif(diagnostics))


def _document(value: dict[str, Any]) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def _full(diagnostics: Sequence[Diagnostic], color: bool) -> str:
    from pipec.diagnostics.render import render

    return "".join(f"{render(diagnostic, color=color)}\n\n" for diagnostic in diagnostics)


def _one_line(message: str) -> str:
    return " ".join(message.split("\n"))


def _concise(diagnostic: Diagnostic) -> str:
    line, column = diagnostic.span.source.position(diagnostic.span.start)
    place = f"{diagnostic.span.source.path}:{line}:{column}"
    return f"{place}: {diagnostic.severity}[{diagnostic.code}]: {_one_line(diagnostic.message)}"


# --- json ----------------------------------------------------------------------------------------


def _json(diagnostic: Diagnostic) -> dict[str, Any]:
    """The label of the fault itself is the first of `labels`, where it has one."""
    labels = [(diagnostic.span, diagnostic.label)] if diagnostic.label else []
    labels.extend((label.span, label.message) for label in diagnostic.labels)
    return {
        "code": diagnostic.code,
        "severity": diagnostic.severity,
        "message": diagnostic.message,
        **_place(diagnostic.span),
        "labels": [{"message": message, **_place(span)} for span, message in labels],
        "notes": list(diagnostic.notes),
        "help": diagnostic.help,
        "fix": None if diagnostic.fix is None else _json_fix(diagnostic.fix),
    }


def _place(span: Span) -> dict[str, Any]:
    """Lines and columns count from 1, columns in characters; the end is the first place after the span."""
    line, column = span.source.position(span.start)
    end_line, end_column = span.source.position(span.end)
    return {
        "file": span.source.path,
        "line": line,
        "column": column,
        "end_line": end_line,
        "end_column": end_column,
    }


def _json_fix(fix: Fix) -> dict[str, Any]:
    edits = []
    for edit in fix.edits:
        place = _place(edit.span)
        edits.append(
            {
                "file": place["file"],
                "start_line": place["line"],
                "start_column": place["column"],
                "end_line": place["end_line"],
                "end_column": place["end_column"],
                "replacement": edit.replacement,
            }
        )
    return {"title": fix.title, "edits": edits}


# --- github --------------------------------------------------------------------------------------


def _github(diagnostic: Diagnostic) -> str:
    """A workflow command, which GitHub shows at the line of the file."""
    place = _place(diagnostic.span)
    properties = {
        "file": place["file"],
        "line": place["line"],
        "col": place["column"],
        "endLine": place["end_line"],
        "endColumn": place["end_column"],
        "title": diagnostic.code,
    }
    written = ",".join(f"{name}={_github_property(str(value))}" for name, value in properties.items())
    return f"::{diagnostic.severity} {written}::{_github_text(diagnostic.message)}"


def _github_text(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _github_property(text: str) -> str:
    return _github_text(text).replace(":", "%3A").replace(",", "%2C")


# --- sarif ---------------------------------------------------------------------------------------


def _sarif(diagnostics: Sequence[Diagnostic]) -> dict[str, Any]:
    from pipec import __version__
    from pipec.diagnostics.catalogue import catalogue

    summaries = catalogue()
    rules = sorted({diagnostic.code for diagnostic in diagnostics})
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "pipec",
                        "version": __version__,
                        "rules": [
                            {"id": code, "shortDescription": {"text": summaries.get(code, code)}} for code in rules
                        ],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "results": [_sarif_result(diagnostic) for diagnostic in diagnostics],
            }
        ],
    }


def _sarif_result(diagnostic: Diagnostic) -> dict[str, Any]:
    text = diagnostic.message if diagnostic.help is None else f"{diagnostic.message}\nhelp: {diagnostic.help}"
    result: dict[str, Any] = {
        "ruleId": diagnostic.code,
        "level": diagnostic.severity,
        "message": {"text": text},
        "locations": [{"physicalLocation": _sarif_location(diagnostic.span)}],
    }
    if diagnostic.labels:
        result["relatedLocations"] = [
            {"physicalLocation": _sarif_location(label.span), "message": {"text": label.message}}
            for label in diagnostic.labels
        ]
    return result


def _sarif_location(span: Span) -> dict[str, Any]:
    from urllib.parse import quote

    place = _place(span)
    return {
        "artifactLocation": {"uri": quote(place["file"].replace("\\", "/"))},
        "region": {
            "startLine": place["line"],
            "startColumn": place["column"],
            "endLine": place["end_line"],
            "endColumn": place["end_column"],
        },
    }
