"""The code in strings: tokens of `${…}`, which the lexer leaves inside the token of the string."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from pipec.diagnostics.model import Diagnostics
from pipec.syntax.lexer import tokenize
from pipec.syntax.source import Source
from pipec.syntax.strings import LONG_QUOTES, closing
from pipec.syntax.tokens import END, TEXTS, Token

_MARKS = re.compile(r"\\.|\$\$\{|\$\{", re.DOTALL)
_DEEPEST = 10


def code_in(source: Source, string: Token) -> Iterator[tuple[int, int]]:
    """Where the code of each `${…}` of a string token begins and ends, without the braces."""
    text = source.text
    if string.kind not in ("TEXT", "LONG_TEXT"):
        return
    begin = string.start + len(quotes_at(text, string.start))
    yield from ((start, end) for start, end in code_between(text, begin, string.end) if end is not None)


def code_between(text: str, begin: int, end: int) -> Iterator[tuple[int, int | None]]:
    """As `code_in`, of a part of a `"…"` string; the end is None where it does not come before `end`."""
    position = begin
    while found := _MARKS.search(text, position, end):
        position = found.end()
        if found.group() == "${":
            closed = closing(text, position, end, "}")
            yield position, None if closed is None else closed - 1
            position = closed or position


def quotes_at(text: str, start: int) -> str:
    """The quotes that open the string at an offset; empty for one that lacks them."""
    if text.startswith(LONG_QUOTES, start):
        return text[start : start + 3]
    return text[start : start + 1] if text.startswith(('"', "'"), start) else ""


def flat_tokens(source: Source) -> Iterator[Token]:
    """All tokens in the order of the text, those in strings behind the string that holds them."""
    yield from _flat(source, tokenize(source, Diagnostics()).items, 0)


def _flat(source: Source, tokens: Sequence[Token], depth: int) -> Iterator[Token]:
    for token in tokens:
        if token.kind == END:
            continue
        yield token
        if token.kind in TEXTS and depth < _DEEPEST:
            for start, end in code_in(source, token):
                yield from _flat(source, tokenize(source, Diagnostics(), start, end).items, depth + 1)


def tokens_around(source: Source, offset: int, tokens: list[Token]) -> list[Token]:
    """The tokens among which an offset stands: those of the innermost `${…}` around it, else of the text."""
    for _ in range(_DEEPEST):
        string = next((one for one in tokens if one.kind in TEXTS and one.start < offset < one.end), None)
        inside = [place for place in code_in(source, string) if place[0] <= offset <= place[1]] if string else []
        if not inside:
            return tokens
        tokens = tokenize(source, Diagnostics(), *inside[0]).items
    return tokens
