"""The documents as YAML that every reader takes for the same data.

Only a small part of YAML is used: maps and lists over several lines, texts in double quotes, numbers, truths and null.
A text without quotes could be another text, a number or a truth, as readers differ: `1e3` and `08` are numbers in Go
and texts in Python, `on` is a truth in Python and a text in Go.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from json.encoder import encode_basestring
from typing import Any

from .specification import Specification

_NOT_PLAIN = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
"""What JSON lets stand in a text and YAML does not, or what some readers take for the end of a line."""

_LONGEST_KEY = 1000
"""Readers want the colon of a key in the same line, and look for it no further than 1,024 characters."""


def to_yaml(specification: Specification, header: str) -> str:
    """Both documents; `header` are the lines of a comment at the top."""
    documents = [specification.pipeline]
    if specification.platform:
        documents.append({"platforms": {"kubernetes": specification.platform}})
    return joined(documents, header)


def joined(documents: Sequence[Mapping[str, Any]], header: str) -> str:
    """Documents in one file, behind a comment."""
    comment = "".join(f"# {line}".rstrip() + "\n" for line in header.splitlines())
    return comment + "---\n".join(map(document, documents))


def document(data: Mapping[str, Any]) -> str:
    """A map that is not empty as a document, its keys in order."""
    writer = _Writer()
    writer.map(data, "", "")
    writer.lines.append("")
    return "\n".join(writer.lines)


class _Writer:
    """Collects lines. `first` is what stands before the first of them, `indent` before all others."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.texts: dict[str, str] = {}

    def map(self, entries: Mapping[str, Any], indent: str, first: str) -> None:
        lead = first
        for key in sorted(entries):
            value = entries[key]
            shown = self.text(key)
            named = f"{lead}{shown}:" if len(shown) <= _LONGEST_KEY else f"{lead}? {shown}\n{indent}:"
            if value and isinstance(value, Mapping):
                self.lines.append(named)
                self.map(value, f"{indent}  ", f"{indent}  ")
            elif value and isinstance(value, list | tuple):
                self.lines.append(named)
                self.list(value, indent, indent)
            else:
                self.lines.append(f"{named} {self.scalar(value)}")
            lead = indent

    def list(self, items: Sequence[Any], indent: str, first: str) -> None:
        lead = f"{first}- "
        for item in items:
            if item and isinstance(item, Mapping):
                self.map(item, f"{indent}  ", lead)
            elif item and isinstance(item, list | tuple):
                self.list(item, f"{indent}  ", lead)
            else:
                self.lines.append(lead + self.scalar(item))
            lead = f"{indent}- "

    def scalar(self, value: Any) -> str:
        """What stands in one line."""
        match value:
            case str():
                return self.text(value)
            case None:
                return "null"
            case bool():
                return "true" if value else "false"
            case int():
                return str(value)
            case float():
                return _number(value)
            case list() | tuple():
                return "[]"
            case _:
                return "{}"

    def text(self, text: str) -> str:
        """In double quotes; the same texts stand in many tasks."""
        shown = self.texts.get(text)
        if shown is None:
            shown = self.texts[text] = _NOT_PLAIN.sub(_escaped, encode_basestring(text))
        return shown


def _escaped(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"


def _number(value: float) -> str:
    """With a point: some readers take `1e+16` for a text."""
    shown = repr(value)
    return shown.replace("e", ".0e") if "e" in shown and "." not in shown else shown
