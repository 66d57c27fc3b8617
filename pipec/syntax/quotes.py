"""Which quote is missing on a line whose quotes do not pair.

A lone quote at the end of a line is seldom the one at fault: where the closing quote of an earlier string is missing,
all later ones change their parts. Strings that touch words give that away.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import Enum, auto

from pipec.frozen import Frozen
from pipec.syntax.tokens import CLOSER, TEXTS, Token

_FAR = 200
_AFTER_STRING = re.compile(r"[)\]},\s]|\Z")
_BEFORE_STRINGS = frozenset({"=", "(", "[", "{", ",", "else", "+", "==", "!=", "|", "import", "test"})
_DELIMITER = re.compile(r"[,|)\]}]\s|\s[|=+]\s")
_BETWEEN = " \t\r\n([{=,:|+!<>"


class Missing(Enum):
    """Which quote of a string is missing."""

    OPENING = auto()
    CLOSING = auto()
    NONE = auto()  # the quote that seems to close the string is an apostrophe in it


class Guess(Frozen):
    """The string is all from `start` to `end`, beginning with the token `first`; one of its quotes may be missing."""

    first: int
    start: int
    end: int
    missing: Missing


def mispaired(text: str, tokens: Sequence[Token], quote: int) -> Guess | None:
    """The string at fault for a lone quote; None where it is that of the quote itself, which is never closed."""
    sign = text[quote]
    line = _line(text, tokens, quote)
    for index in range(line, len(tokens)):
        token = tokens[index]
        if token.kind not in ("TEXT", "RAW_TEXT") or text[token.start] != sign:
            continue
        if index > line and _touches_before(text, token.start):
            return _without_opening(text, tokens, line, index, token.start)
        if sign == "'" and text[token.end - 2].isalpha() and text[token.end].isalpha():
            return Guess(index, token.start, quote + 1, Missing.NONE)
        if token.end < quote and _is_word(text[token.end]):
            return _without_closing(text, token, index)
    if len(tokens) > line and _touches_before(text, quote) and _AFTER_STRING.match(text, quote + 1) is not None:
        return _without_opening(text, tokens, line, len(tokens), quote)
    return None


def _line(text: str, tokens: Sequence[Token], quote: int) -> int:
    """The first token on the line of the quote: not far away, and none that has been mended before."""
    index = len(tokens)
    nearest = max(index - _FAR, 0)
    while index > nearest and not _is_mended(tokens[index - 1]):
        if "\n" in text[tokens[index - 1].start : tokens[index].start if index < len(tokens) else quote]:
            break
        index -= 1
    return index


def _is_mended(token: Token) -> bool:
    return token.faulty and token.kind in TEXTS


def _without_opening(text: str, tokens: Sequence[Token], line: int, after: int, closing: int) -> Guess | None:
    """The string that a quote closes: it begins after the last sign that stands before strings."""
    depth = 0
    first = after
    while first > line:
        before = tokens[first - 1]
        if before.kind in CLOSER.values():
            depth += 1
        elif before.kind in CLOSER and depth:
            depth -= 1
        elif before.kind in _BEFORE_STRINGS or (before.kind == ":" and text[before.end] in " \t"):
            break
        first -= 1
    if first in (after, line):
        return None
    return Guess(first, tokens[first].start, closing + 1, Missing.OPENING)


def _without_closing(text: str, token: Token, index: int) -> Guess:
    """A string that goes on to the opening quote of the next one: it was meant to end at the first delimiter."""
    inside = text[token.start + 1 : token.end - 1]
    delimiter = _DELIMITER.search(inside)
    length = len(inside if delimiter is None else inside[: delimiter.start()])
    return Guess(index, token.start, token.start + 1 + max(length, 1), Missing.CLOSING)


def _touches_before(text: str, offset: int) -> bool:
    return offset > 0 and text[offset - 1] not in _BETWEEN


def _is_word(character: str) -> bool:
    return character.isalnum() or character in "_/.@#$-"
