"""The format `json`, whose schema is published as grammar/check.schema.json."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from pipec.diagnostics.formats.places import place_of
from pipec.diagnostics.model import Diagnostic, Fix
from pipec.syntax.source import Span


def report(diagnostics: Sequence[Diagnostic]) -> str:
    """One object with all diagnostics."""
    return document({"format_version": 1, "diagnostics": [as_json(diagnostic) for diagnostic in diagnostics]})


def document(value: Any) -> str:
    """A JSON document as it is printed."""
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def as_json(diagnostic: Diagnostic) -> dict[str, Any]:
    """A diagnostic as plain values. The label of the fault itself is the first of `labels`, where it has one."""
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
        "fix": None if diagnostic.fix is None else _fix(diagnostic.fix),
    }


def _place(span: Span) -> dict[str, Any]:
    place = place_of(span)
    return {
        "file": place.file,
        "line": place.line,
        "column": place.column,
        "end_line": place.end_line,
        "end_column": place.end_column,
    }


def _fix(fix: Fix) -> dict[str, Any]:
    edits = []
    for edit in fix.edits:
        place = place_of(edit.span)
        edits.append(
            {
                "file": place.file,
                "start_line": place.line,
                "start_column": place.column,
                "end_line": place.end_line,
                "end_column": place.end_column,
                "replacement": edit.replacement,
            }
        )
    return {"title": fix.title, "edits": edits}
