"""What the parser would accept at the cursor: the automaton is run up to there, past what is broken before it."""

from __future__ import annotations

import re
from typing import Any, Literal

from pipec.collection import without_garbage_collection
from pipec.diagnostics.model import Diagnostics
from pipec.frozen import Frozen
from pipec.lsp.interpolations import code_between, quotes_at
from pipec.syntax import tree
from pipec.syntax.builder import TreeBuilder
from pipec.syntax.lexer import tokenize
from pipec.syntax.machine import Machine
from pipec.syntax.recovery import Recovery
from pipec.syntax.source import Source
from pipec.syntax.strings import LONG_QUOTES, closing
from pipec.syntax.tables import tables
from pipec.syntax.tokens import END, TEXTS, Token

CURSOR = "$CURSOR"
"""The kind of a token that never fits: the parse stands still in front of it."""

_WORD = re.compile(r"[A-Za-z0-9_]*\Z")


class Cursor(Frozen):
    """The state of a parse in front of the word that is being written.

    `start` is where that word begins. `values` is the stack: tokens and nodes of all that is still open. `accepted`
    are the kinds of tokens that fit next.
    """

    start: int
    values: list[Any]
    accepted: frozenset[str]
    machine: Machine

    def accepts(self, *kinds: str) -> bool:
        """Whether these kinds of tokens fit one after the other."""
        return self.machine.feeds(self.machine.states, kinds)

    @property
    def last(self) -> str | None:
        """The kind of the token before the cursor, None where a whole node stands there."""
        return self.kind(-1)

    def kind(self, position: int) -> str | None:
        """The kind of the token at a position of the stack, None for a node and beyond the stack."""
        if not -len(self.values) <= position < len(self.values):
            return None
        value = self.values[position]
        return value.kind if isinstance(value, Token) else None

    def opener(self, below: int | None = None) -> int | None:
        """Where the innermost bracket that is still open stands on the stack, or on the part of it below a position."""
        return self.machine.innermost_opener(self.values[:below])


class InText(Frozen):
    """The cursor stands in the plain part of a string; that begins at `start`, and `written` is before the cursor."""

    start: int
    written: str


def cursor_at(source: Source, offset: int) -> Cursor | InText | None:
    """What is at an offset; None in a comment, a number, and where what is before it makes no sense at all."""
    with without_garbage_collection():
        return _look(source, offset, "file", 0)


def _look(source: Source, offset: int, goal: Literal["file", "expression"], first: int) -> Cursor | InText | None:
    text = source.text
    word = _WORD.search(text, first, offset)
    start = word.start() if word is not None else offset
    if text[start : start + 1].isdigit() and start < offset:
        return None
    tokens = tokenize(source, Diagnostics(), first, start)
    string = _open_string(text, tokens.items, start)
    if string is not None:
        return _in_string(source, offset, string)
    end_of_last = tokens.items[-2].end if len(tokens.items) > 1 else first
    line = max(text.rfind("\n", 0, start) + 1, end_of_last)
    if "#" in text[line:start] or tokens.too_deep:
        return None
    builder = TreeBuilder(source, Diagnostics(), tokens, lambda start, end: tree.Missing(source.span(start, end)))
    items = [*tokens.items[:-1], Token(CURSOR, "", start, start), Token(END, "", start, start)]
    machine = Machine(source, items, goal, tables().callbacks(builder))
    recovery = Recovery(machine, Diagnostics())
    while machine.run() is None and machine.tokens[machine.index].kind != CURSOR:
        if machine.tokens[machine.index].kind == END or not recovery.recover():
            return None
    return Cursor(start, machine.values, frozenset(machine.accepted(machine.states)), machine)


def _open_string(text: str, tokens: list[Token], end: int) -> Token | None:
    """The string that is not closed before `end`."""
    line = text.rfind("\n", 0, end) + 1
    for token in tokens:
        if token.kind in TEXTS:
            quotes = quotes_at(text, token.start)
            near = quotes in LONG_QUOTES or (quotes and token.start >= line)
            if near and closing(text, token.start + len(quotes), end, quotes) is None:
                return token
    return None


def _in_string(source: Source, offset: int, string: Token) -> Cursor | InText | None:
    """In a string: in the code of a `${…}` that is open before the cursor, or in its text."""
    text = source.text
    quotes = quotes_at(text, string.start)
    begin = string.start + len(quotes)
    for start, end in code_between(text, begin, offset) if quotes.startswith('"') else ():
        if end is None:
            return _look(source, offset, "expression", start)
    return InText(string.start, text[begin:offset])
