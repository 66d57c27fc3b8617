"""The report `junit`: a file is a suite, a test a test; a file with errors is a test that could not be run."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree

from pipec.diagnostics.formats.junit import document, xml_text
from pipec.diagnostics.formats.places import place_of, repository_path
from pipec.syntax.source import Span
from pipec.testing.files import FileResult
from pipec.testing.results import Finding, TestResult


def report(files: Sequence[FileResult]) -> str:
    """One document with a suite for each file that has tests, or errors."""
    shown = [file for file in files if file.results or file.errors]
    root = ElementTree.Element("testsuites", {"name": "pipec test", **_counts(shown)})
    for file in shown:
        _suite(root, file)
    return document(root)


def _counts(files: Sequence[FileResult]) -> dict[str, str]:
    errors = sum(bool(file.errors) for file in files)
    return {
        "tests": str(sum(len(file.results) for file in files) + errors),
        "failures": str(sum(len(file.failed) for file in files)),
        "skipped": "0",
        "errors": str(errors),
    }


def _suite(root: ElementTree.Element, file: FileResult) -> None:
    path = xml_text(repository_path(file.name))
    suite = ElementTree.SubElement(root, "testsuite", {"name": path, **_counts([file])})
    if file.errors:
        case = ElementTree.SubElement(suite, "testcase", {"name": "load", "classname": path, "file": path})
        first = file.errors[0]
        error = ElementTree.SubElement(case, "error", {"message": xml_text(first.message), "type": first.code})
        error.text = xml_text("\n".join(f"{_place(path, one.span)}: {one.message}" for one in file.errors))
    for result in file.results:
        _case(suite, file, path, result)


def _case(suite: ElementTree.Element, file: FileResult, path: str, result: TestResult) -> None:
    case = ElementTree.SubElement(
        suite,
        "testcase",
        {
            "name": xml_text(result.case.title),
            "classname": xml_text(f"{path}.{result.case.pipeline}"),
            "file": path,
            "line": str(result.case.location.line),
        },
    )
    for finding in result.failures[:1]:  # one failure a test is all that readers of the format take
        failure = ElementTree.SubElement(case, "failure", {"message": xml_text(finding.message), "type": "expectation"})
        failure.text = xml_text("\n\n".join(_details(file, path, one) for one in result.failures))
    if result.warnings:
        output = ElementTree.SubElement(case, "system-out")
        output.text = xml_text("\n\n".join(_details(file, path, one) for one in result.warnings))


def _details(file: FileResult, path: str, finding: Finding) -> str:
    lines = [f"{_place(path, file.loaded.span_of(finding.location))}: {finding.message}"]
    lines += [finding.label] if finding.label else []
    lines += [f"why: {line}" for line in finding.why]
    lines += [f"help: {finding.help}"] if finding.help else []
    return "\n".join(lines)


def _place(path: str, span: Span) -> str:
    place = place_of(span)
    return f"{path}:{place.line}:{place.column}"
