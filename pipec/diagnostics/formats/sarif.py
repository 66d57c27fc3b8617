"""The format `sarif`: SARIF 2.1.0, as code scanning of GitHub and others read it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from pipec import __version__
from pipec.diagnostics.catalogue import catalogue
from pipec.diagnostics.formats.json import document
from pipec.diagnostics.formats.places import place_of, repository_path
from pipec.diagnostics.model import Diagnostic, Edit, Fix
from pipec.syntax.source import Span


def report(diagnostics: Sequence[Diagnostic]) -> str:
    """One log with one run."""
    codes = sorted({diagnostic.code for diagnostic in diagnostics})
    summaries = catalogue() if codes else {}
    rules = [{"id": code, "shortDescription": {"text": summaries.get(code, code)}} for code in codes]
    run = {
        "tool": {"driver": {"name": "pipec", "version": __version__, "rules": rules}},
        "columnKind": "unicodeCodePoints",
        "results": [_result(diagnostic, codes.index(diagnostic.code)) for diagnostic in diagnostics],
    }
    return document(
        {"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run]},
    )


def _result(diagnostic: Diagnostic, rule: int) -> dict[str, Any]:
    text = diagnostic.message if diagnostic.help is None else f"{diagnostic.message}\nhelp: {diagnostic.help}"
    result: dict[str, Any] = {
        "ruleId": diagnostic.code,
        "ruleIndex": rule,
        "level": diagnostic.severity,
        "message": {"text": text},
        "locations": [{"physicalLocation": _location(diagnostic.span)}],
    }
    if diagnostic.labels:
        result["relatedLocations"] = [
            {"physicalLocation": _location(label.span), "message": {"text": label.message}}
            for label in diagnostic.labels
        ]
    if diagnostic.fix is not None:
        result["fixes"] = [_fix(diagnostic.fix)]
    return result


def _location(span: Span) -> dict[str, Any]:
    return {"artifactLocation": _artifact(span), "region": _region(span)}


def _artifact(span: Span) -> dict[str, Any]:
    return {"uri": quote(repository_path(span.source.path))}


def _region(span: Span) -> dict[str, Any]:
    place = place_of(span)
    return {
        "startLine": place.line,
        "startColumn": place.column,
        "endLine": place.end_line,
        "endColumn": place.end_column,
    }


def _fix(fix: Fix) -> dict[str, Any]:
    by_file: dict[str, list[Edit]] = {}
    for edit in fix.edits:
        by_file.setdefault(edit.span.source.path, []).append(edit)
    changes = [
        {"artifactLocation": _artifact(edits[0].span), "replacements": [_replacement(edit) for edit in edits]}
        for edits in by_file.values()
    ]
    return {"description": {"text": fix.title}, "artifactChanges": changes}


def _replacement(edit: Edit) -> dict[str, Any]:
    return {"deletedRegion": _region(edit.span), "insertedContent": {"text": edit.replacement}}
