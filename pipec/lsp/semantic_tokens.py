"""What each word of a text is, for editors to colour: names by what they stand for, keywords where they are some."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator

from lsprotocol import types as lsp

from pipec.frozen import Frozen
from pipec.lsp.documents import Document
from pipec.lsp.index import Kind
from pipec.lsp.interpolations import code_in, flat_tokens
from pipec.syntax.source import Source
from pipec.syntax.tables import tables
from pipec.syntax.tokens import NAME, NUMBERS, TEXTS, Token

_TYPES = lsp.SemanticTokenTypes
_OF_KIND: dict[Kind, lsp.SemanticTokenTypes] = {
    "task": _TYPES.Function,
    "parameter": _TYPES.Parameter,
    "own parameter": _TYPES.Parameter,
    "const": _TYPES.Variable,
    "variable": _TYPES.Variable,
    "item": _TYPES.Variable,
    "group": _TYPES.Namespace,
    "import": _TYPES.Namespace,
    "component": _TYPES.Class,
    "pipeline": _TYPES.Class,
    "type": _TYPES.Type,
    "output": _TYPES.Property,
    "input": _TYPES.Parameter,
}
_READ_ONLY: frozenset[Kind] = frozenset({"const", "variable"})

LEGEND = lsp.SemanticTokensLegend(
    token_types=[
        *dict.fromkeys(str(one.value) for one in _OF_KIND.values()),
        _TYPES.Keyword.value,
        _TYPES.String.value,
        _TYPES.Number.value,
        _TYPES.Comment.value,
    ],
    token_modifiers=[lsp.SemanticTokenModifiers.Declaration.value, lsp.SemanticTokenModifiers.Readonly.value],
)
_NUMBER_OF = {name: number for number, name in enumerate(LEGEND.token_types)}
_COMMENT = re.compile(r"#[^\r\n]*")
_LINE = re.compile(r"[^\r\n]+")


class _Mark(Frozen):
    """A part of one line; `modifiers` as bits."""

    start: int
    end: int
    type: str
    modifiers: int = 0


def semantic_tokens(document: Document, start: int = 0, end: int | None = None) -> lsp.SemanticTokens:
    """The words between two offsets, each with its distance from the one before."""
    last = len(document.text) if end is None else end
    data: list[int] = []
    line = column = 0
    for mark in sorted(_marks(document), key=lambda mark: mark.start):
        if mark.end <= start or mark.start >= last:
            continue
        place, stop = document.positions.position(mark.start), document.positions.position(mark.end)
        if place.line != line:
            column = 0
        data += [place.line - line, place.character - column, stop.character - place.character]
        data += [_NUMBER_OF[mark.type], mark.modifiers]
        line, column = place.line, place.character
    return lsp.SemanticTokens(data)


def _marks(document: Document) -> Iterator[_Mark]:
    source = document.source
    named: set[int] = set()
    for occurrence in document.index.occurrences:
        definition = occurrence.definition
        if occurrence.span.start not in named and occurrence.span.end > occurrence.span.start:
            named.add(occurrence.span.start)
            modifiers = (1 if occurrence.declares else 0) + (2 if definition.kind in _READ_ONLY else 0)
            yield _Mark(occurrence.span.start, occurrence.span.end, _OF_KIND[definition.kind].value, modifiers)
    tokens = list(flat_tokens(source))
    starts = sorted(named)
    for token, following in zip(tokens, [*tokens, None][1:], strict=True):
        if token.kind in TEXTS:
            yield from _of_string(source, token, starts)
        elif token.start not in named and token.end > token.start:
            kind = _kind(token, following)
            if kind is not None:
                yield _Mark(token.start, token.end, kind.value)
    yield from _comments(source, tokens)


def _kind(token: Token, following: Token | None) -> lsp.SemanticTokenTypes | None:
    """What a token is that is no name of the file: the name of a setting stands before `=` or `:`."""
    if token.kind in NUMBERS:
        return _TYPES.Number
    if token.kind == NAME or token.kind in tables().keywords:
        if following is not None and following.kind in ("=", ":"):
            return _TYPES.Property
        return None if token.kind == NAME else _TYPES.Keyword
    return None


def _of_string(source: Source, token: Token, named: list[int]) -> Iterator[_Mark]:
    """A string line by line, without the code in it and without lines with a name, such as that of a task."""
    position = token.start
    for start, end in [*code_in(source, token), (token.end, token.end)]:
        for piece in _LINE.finditer(source.text, position, start):
            if bisect_left(named, piece.start()) == bisect_left(named, piece.end()):
                yield _Mark(piece.start(), piece.end(), _TYPES.String.value)
        position = end


def _comments(source: Source, tokens: list[Token]) -> Iterator[_Mark]:
    """Comments stand between tokens."""
    position = 0
    for token in [*tokens, None]:
        stop = len(source.text) if token is None else token.start
        for found in _COMMENT.finditer(source.text, position, max(stop, position)):
            yield _Mark(found.start(), found.end(), _TYPES.Comment.value)
        position = max(position, stop if token is None else token.end)
