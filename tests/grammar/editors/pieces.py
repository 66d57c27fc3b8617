"""A text cut into what an editor colours: each piece with its kind, as pipec's own lexer and parser see it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pipec.diagnostics.model import Diagnostics
from pipec.syntax import tree
from pipec.syntax.lexer import tokenize
from pipec.syntax.source import Source
from pipec.syntax.strings import LONG_QUOTES, Interpolation, string_pieces
from pipec.syntax.tokens import END, NAME, NUMBERS, TEXTS, Token
from tests.grammar.manual import blocks, manual_text
from tests.syntax.dump import parsed, walk

ROOT = Path(__file__).parents[3]

SAMPLES = {
    **{str(path.relative_to(ROOT)): path.read_text("utf-8") for path in sorted(ROOT.glob("examples/**/*.pipe"))},
    **{f"reference.md:{block.line}": block.program for block in blocks(manual_text())},
}
"""All examples and all samples of the manual by their place. None of the manual's has a fault of syntax."""


@dataclass(frozen=True, slots=True)
class Piece:
    """The characters `start` up to `end`.

    The kind is `keyword`, `name`, `sign`, `string`, `interpolation` (its braces), `comment`, `doc`, or that of a number
    in small letters.
    """

    kind: str
    start: int
    end: int


def pieces(text: str) -> list[Piece]:
    """All pieces of a text without faults of syntax, in order."""
    source = Source("test.pipe", text)
    names = {
        (node.span.start, node.span.end)
        for node in walk(parsed(text))
        if isinstance(node, (tree.Name, tree.NameReference))
    }
    return list(_code(source, 0, len(text), names))


def _code(source: Source, start: int, end: int, names: set[tuple[int, int]]) -> Iterator[Piece]:
    tokens = tokenize(source, Diagnostics(), start, end).items
    position = start
    for token in tokens:
        yield from _comments(source.text, position, token.start)
        if token.kind in TEXTS:
            yield from _string(source, token, names)
        elif token.kind != END:
            yield Piece(_kind(token, names), token.start, token.end)
        position = token.end


def _kind(token: Token, names: set[tuple[int, int]]) -> str:
    if token.kind in NUMBERS:
        return token.kind.lower()
    if not token.text.isidentifier():
        return "sign"
    return "name" if token.kind == NAME or (token.start, token.end) in names else "keyword"


def _comments(text: str, start: int, end: int) -> Iterator[Piece]:
    for found in re.compile(r"#[^\n]*").finditer(text, start, end):
        is_doc = re.match(r"##(?!#)", found.group()) is not None
        yield Piece("doc" if is_doc else "comment", found.start(), found.end())


def _string(source: Source, token: Token, names: set[tuple[int, int]]) -> Iterator[Piece]:
    quotes = token.text[:3] if token.text[:3] in LONG_QUOTES and len(token.text) > 2 else token.text[0]
    inside = string_pieces(source, token.start + len(quotes), token.end - len(quotes), quotes, Diagnostics())
    position = token.start
    for piece in inside:
        if isinstance(piece, Interpolation):
            yield Piece("string", position, piece.start - len("${"))
            yield Piece("interpolation", piece.start - len("${"), piece.start)
            yield from _code(source, piece.start, piece.end, names)
            position = piece.end + len("}")
            yield Piece("interpolation", piece.end, position)
    yield Piece("string", position, token.end)
