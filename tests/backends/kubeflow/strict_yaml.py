"""Reads the part of YAML that specifications are written in, in which every reader sees the same; all else is an error.

Maps and lists over several lines, keys and texts in double quotes, numbers as JSON has them, `true`, `false`, `null`,
`[]` and `{}`. Comments only at the top.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

_TEXT = r'"(?:[^"\\\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]|\\["\\bfnrt]|\\u[0-9a-f]{4})*"'
_KEY = re.compile(rf"(?P<text>{_TEXT}):(?: (?P<value>.+))?\Z")
_LONG_KEY = re.compile(rf"\? (?P<text>{_TEXT})\Z")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+(?:e[+-]?[0-9]+)?)?\Z")
_ESCAPE = re.compile(r'\\(?:u(?P<code>[0-9a-f]{4})|(?P<letter>["\\bfnrt]))')
_LETTERS = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_WORDS: dict[str, Any] = {"true": True, "false": False, "null": None}


class StrictError(Exception):
    """A line that some reader could take otherwise."""


@dataclass
class _Lines:
    """What is still to be read: how deep each line stands, and what it says."""

    lines: list[tuple[int, str]]

    def depth(self) -> int:
        return self.lines[0][0] if self.lines else -1

    def begins(self, start: str, depth: int) -> bool:
        return self.depth() == depth and self.lines[0][1].startswith(start)


def read(text: str) -> list[dict[str, Any]]:
    """The documents of a file."""
    assert text.endswith("\n")
    assert "\r" not in text
    lines = text.removesuffix("\n").split("\n")
    while lines and lines[0].startswith("#"):
        del lines[0]
    documents: list[list[str]] = [[]]
    for line in lines:
        if line == "---":
            documents.append([])
        else:
            documents[-1].append(line)
    return [_document(document) for document in documents]


def _document(lines: list[str]) -> dict[str, Any]:
    left = _Lines([(len(line) - len(line.lstrip(" ")), line.lstrip(" ")) for line in lines])
    found = _map(left, 0)
    if left.lines:
        raise StrictError(f"more than a map: {left.lines[0]}")
    return found


def _map(left: _Lines, depth: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    while left.depth() == depth and not left.begins("- ", depth):
        _, line = left.lines.pop(0)
        long = _LONG_KEY.match(line)
        if long is not None:
            if not left.begins(":", depth):
                raise StrictError(f"a key without a value: {line}")
            line = f"{long['text']}{left.lines.pop(0)[1]}"
        match = _KEY.match(line)
        if match is None:
            raise StrictError(line)
        if long is None and len(match["text"]) > 1022:
            raise StrictError(f"a key longer than readers look: {line}")
        key = _text(match["text"])
        if key in found:
            raise StrictError(f"there twice: {line}")
        found[key] = _block(left, depth) if match["value"] is None else _scalar(match["value"])
    return found


def _block(left: _Lines, depth: int) -> Any:
    if left.begins("- ", depth):
        return _list(left, depth)
    if left.depth() == depth + 2:
        return _map(left, depth + 2)
    raise StrictError("a key without a value")


def _list(left: _Lines, depth: int) -> list[Any]:
    found = []
    while left.begins("- ", depth):
        _, line = left.lines.pop(0)
        rest = line[2:]
        if rest.startswith(("- ", "? ")) or _KEY.match(rest):
            left.lines.insert(0, (depth + 2, rest))
            found.append(_list(left, depth + 2) if rest.startswith("- ") else _map(left, depth + 2))
        else:
            found.append(_scalar(rest))
    return found


def _scalar(text: str) -> Any:
    if re.fullmatch(_TEXT, text):
        return _text(text)
    if _NUMBER.match(text):
        return float(text) if "." in text else int(text)
    if text in ("[]", "{}"):
        return [] if text == "[]" else {}
    if text in _WORDS:
        return _WORDS[text]
    raise StrictError(text)


def _text(quoted: str) -> str:
    return _ESCAPE.sub(
        lambda found: chr(int(found["code"], 16)) if found["code"] else _LETTERS.get(found["letter"], found["letter"]),
        quoted[1:-1],
    )
