"""The format `junit`: a file is a suite, a diagnostic a failed test, or a skipped one where warnings fail nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.etree import ElementTree

from pipec.diagnostics.formats.places import place_of, repository_path
from pipec.diagnostics.model import Diagnostic

_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def report(diagnostics: Sequence[Diagnostic], files: Sequence[str], strict: bool) -> str:
    """One document with a suite for each of `files`, and for others with a diagnostic; without one, a test passed."""
    by_file: dict[str, list[Diagnostic]] = {repository_path(file): [] for file in files}
    for diagnostic in diagnostics:
        by_file.setdefault(repository_path(diagnostic.span.source.path), []).append(diagnostic)
    root = ElementTree.Element("testsuites", {"name": "pipec check", **_counts(diagnostics, len(by_file), strict)})
    for file, found in by_file.items():
        _suite(root, file, found, strict)
    return document(root)


def document(root: ElementTree.Element) -> str:
    """A document as it is printed."""
    ElementTree.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ElementTree.tostring(root, encoding="unicode")}\n'


def _counts(diagnostics: Sequence[Diagnostic], files: int, strict: bool) -> dict[str, str]:
    with_some = len({repository_path(diagnostic.span.source.path) for diagnostic in diagnostics})
    failures = sum(_fails(diagnostic, strict) for diagnostic in diagnostics)
    return {
        "tests": str(len(diagnostics) + files - with_some),
        "failures": str(failures),
        "skipped": str(len(diagnostics) - failures),
        "errors": "0",
    }


def _suite(root: ElementTree.Element, file: str, found: list[Diagnostic], strict: bool) -> None:
    suite = ElementTree.SubElement(root, "testsuite", {"name": xml_text(file), **_counts(found, 1, strict)})
    if not found:
        ElementTree.SubElement(
            suite, "testcase", {"name": "check", "classname": xml_text(file), "file": xml_text(file)}
        )
    for diagnostic in found:
        place = place_of(diagnostic.span)
        name = f"{diagnostic.code} at {place.line}:{place.column}"
        case = ElementTree.SubElement(
            suite,
            "testcase",
            {"name": name, "classname": xml_text(file), "file": xml_text(file), "line": str(place.line)},
        )
        message = xml_text(diagnostic.message)
        if _fails(diagnostic, strict):
            failure = ElementTree.SubElement(case, "failure", {"message": message, "type": diagnostic.severity})
            failure.text = xml_text(_details(diagnostic, file))
        else:
            ElementTree.SubElement(case, "skipped", {"message": message})


def _fails(diagnostic: Diagnostic, strict: bool) -> bool:
    return strict or diagnostic.severity == "error"


def _details(diagnostic: Diagnostic, file: str) -> str:
    place = place_of(diagnostic.span)
    lines = [f"{file}:{place.line}:{place.column}: {diagnostic.message}"]
    lines += [f"help: {diagnostic.help}"] if diagnostic.help else []
    return "\n".join([*lines, *(f"note: {note}" for note in diagnostic.notes)])


def xml_text(text: str) -> str:
    """A text without the characters that XML cannot hold in any form."""
    return _NO_XML.sub("\ufffd", text)
