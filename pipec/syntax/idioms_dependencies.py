"""Idioms that say what a task waits for: `depends_on`, lists and quotes, `after` behind the implementation."""

from __future__ import annotations

import re

from pipec.syntax.idioms import Idiom, Place, Reader, fix, replaced
from pipec.syntax.idioms_headers import header_of
from pipec.syntax.tokens import CLOSER, NAME, TEXTS, Token

_AFTER = frozenset({"after", "depends_on", "depends", "needs", "requires", "upstream"})
_EDGE = "dependencies stand before the implementation: `task NAME after OTHER = …`"


def _dependencies(place: Place) -> Idiom | None:
    """`after` behind the implementation, `depends_on`, and what is waited for in brackets or quotes."""
    header = header_of(place, "task", "wait", "gate", "approval")
    if header is None or (header.open and header.after is None):
        return None
    index = place.index
    is_late = header.equals is not None
    if place.token.text in _AFTER and not header.open:
        clause = index
    elif header.after is not None and not is_late:
        clause = header.after
    elif place.tokens[index - 1].text in _AFTER and place.kind(index) in ("[", ":", "=") and not is_late:
        clause = index - 1
    else:
        return None
    read = _waited_for(place, clause + 1)
    if read is None or read[0] <= index:
        return None
    end, names = read
    listed = ", ".join(names)
    span = place.span(clause, end)
    if is_late:
        assert header.equals is not None
        before = header.equals - 1
        written = f" after {listed}" if header.after is None else f", {listed}"
        mended = fix("move it there", place.after(before, written), place.without(clause, end))
        message = f"`{place.tokens[clause].text}` stands before the implementation"
        return Idiom(clause, end, (), "P0004", message, span, _EDGE, mended, is_doubtful=True)
    if header.after is not None and header.after != clause:
        return None
    tokens = _clause(place, clause, end)
    text = f"after {listed}"
    if place.tokens[clause].text != "after":
        message = f"unknown keyword `{place.tokens[clause].text}`"
        return Idiom(clause, end, tokens, "P0005", message, span, f"write `{text}`", replaced(span, text))
    message = "the tasks after `after` stand without brackets, quotes and `and`"
    return Idiom(clause, end, tokens, "P0003", message, span, f"write `{text}`", replaced(span, text))


def _needs_list(place: Place) -> Idiom | None:
    """`task t needs [a, b] = …` and `task t needs a -> int = …`: for the parser the header ends before `needs`."""
    clause = place.index - 1
    is_listed = place.token.kind == "[" or place.is_name(place.index)
    if not is_listed or place.tokens[clause].text not in _AFTER or place.is_first(clause) or place.is_first(clause + 1):
        return None
    start = clause
    while start > 0 and not place.is_first(start):
        start -= 1
    read = _waited_for(place, clause + 1)
    if place.kind(start) != "task" or read is None:
        return None
    end, names = read
    text = f"after {', '.join(names)}"
    equals = _equals(place, start, clause)
    span = place.span(clause, end)
    message = f"unknown keyword `{place.tokens[clause].text}`"
    help = f"write `{text}` before the implementation"
    if equals is None and place.kind(end) == "->":
        behind = place.end_of_type(end + 1)
        mended = (
            None
            if behind is None
            else fix(f"write `{text}`", place.without(clause, end), place.after(behind - 1, f" {text}"))
        )
        return Idiom(clause, end, (), "P0005", message, span, help, mended, is_doubtful=True)
    if equals is None:
        tokens = _clause(place, clause, end)
        return Idiom(clause, end, tokens, "P0005", message, span, help, replaced(span, text))
    mended = fix("move it there", place.after(equals - 1, f" {text}"), place.without(clause, end))
    return Idiom(clause, end, (), "P0005", message, span, help, mended, is_doubtful=True)


def _clause(place: Place, clause: int, end: int) -> tuple[Token, ...]:
    """The tokens of `after a, b` for what is written in other words, brackets and quotes."""
    tokens = [Token("after", "after", place.tokens[clause].start, place.tokens[clause].end)]
    for token in place.tokens[clause + 1 : end]:
        if token.kind in TEXTS:
            tokens.append(Token(NAME, token.text[1:-1], token.start, token.end))
        elif token.kind == "and":
            tokens.append(Token(",", ",", token.start, token.end))
        elif token.kind not in ("[", "]", "(", ")", ":", "="):
            tokens.append(token)
    return tuple(tokens)


def _equals(place: Place, first: int, last: int) -> int | None:
    """The `=` of a header, outside of its brackets."""
    depth = 0
    for index in range(first, last):
        kind = place.kind(index)
        depth += (kind in CLOSER) - (kind in CLOSER.values())
        if kind == "=" and not depth:
            return index
    return None


def _waited_for(place: Place, index: int) -> tuple[int, list[str]] | None:
    """Where what is waited for ends, and its names; it may stand in brackets or quotes."""
    if place.kind(index) in (":", "="):
        index += 1
    closer = CLOSER.get(place.kind(index)) if place.kind(index) in ("[", "(") else None
    index += closer is not None
    names: list[str] = []
    while True:
        text = place.tokens[index].text if place.kind(index) in TEXTS else ""
        if not place.is_name(index) and not re.fullmatch(r"[\"']\w+[\"']", text):
            return None
        name = text[1:-1] or place.tokens[index].text
        index += 1
        if place.kind(index) == "[" and not text:
            close = place.closer(index)
            if close is None:
                return None
            name += place.text(index, close + 1)
            index = close + 1
        names.append(name)
        if place.kind(index) not in (",", "and"):
            break
        index += 1
        if place.kind(index) == closer:
            break
    if closer is not None:
        if place.kind(index) != closer:
            return None
        index += 1
    return index, names


def _nameless_wait(place: Place) -> Idiom | None:
    """`wait for message("orders")`."""
    index = place.index
    if place.token.kind != "for" or place.kind(index - 1) != "wait" or place.kind(index + 2) != "(":
        return None
    span = place.span(index, index + 1)
    tokens = (Token(NAME, "", span.start, span.start), Token("=", "=", span.start, span.end))
    help = f"write `wait NAME = {place.tokens[index + 1].text}(…) {{ timeout = 1h }}`"
    return Idiom(index, index + 1, tokens, "P0003", "a wait has a name", span, help, is_doubtful=True)


DEPENDENCIES: tuple[Reader, ...] = (_dependencies, _needs_list, _nameless_wait)
