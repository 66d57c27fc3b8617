"""The report `json`, whose schema is published as grammar/test.schema.json."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from pipec.diagnostics.formats.json import as_json, document
from pipec.diagnostics.formats.places import place_of
from pipec.ir.base import Location
from pipec.testing.coverage import PipelineCoverage, percent
from pipec.testing.files import FileResult
from pipec.testing.results import Finding, TestResult, tally


def report(files: Sequence[FileResult], *, with_coverage: bool) -> str:
    """One object with all files, their tests and, where asked for, what the tests reach."""
    counted = tally(result for file in files for result in file.results)
    return document(
        {
            "format_version": 1,
            "passed": counted.passed,
            "failed": counted.failed,
            "files": [_file(file) for file in files],
            "coverage": _coverage(files) if with_coverage else None,
        }
    )


def _file(file: FileResult) -> dict[str, Any]:
    return {
        "file": file.name,
        "errors": [as_json(one) for one in file.errors],
        "tests": [_test(file, result) for result in file.results],
    }


def _test(file: FileResult, result: TestResult) -> dict[str, Any]:
    return {
        "title": result.case.title,
        "pipeline": result.case.pipeline,
        "state": result.state,
        "line": result.case.location.line,
        "column": result.case.location.column,
        "failures": [_finding(file, one) for one in result.failures],
        "warnings": [_finding(file, one) for one in result.warnings],
    }


def _finding(file: FileResult, finding: Finding) -> dict[str, Any]:
    return {
        "message": finding.message,
        **_place(file, finding.location),
        "label": finding.label,
        "why": list(finding.why),
        "help": finding.help,
    }


def _place(file: FileResult, location: Location) -> dict[str, Any]:
    return asdict(place_of(file.loaded.span_of(location)))


def _coverage(files: Sequence[FileResult]) -> dict[str, Any]:
    everything = [one for file in files for one in file.coverage]
    return {
        **_numbers(everything),
        "pipelines": [_pipeline(file, one) for file in files for one in file.coverage],
    }


def _numbers(coverages: list[PipelineCoverage]) -> dict[str, Any]:
    return {
        "reached": sum(len(one.reached) for one in coverages),
        "total": sum(len(one.goals) for one in coverages),
        "percent": round(percent(coverages), 2),
    }


def _pipeline(file: FileResult, coverage: PipelineCoverage) -> dict[str, Any]:
    return {
        "pipeline": coverage.pipeline,
        **_numbers([coverage]),
        "missing": [
            {"kind": goal.kind, "subject": goal.subject, "case": goal.case, **_place(file, goal.location)}
            for goal in coverage.missing
        ],
    }
