"""Idioms of languages whose blocks are what is indented: a colon that opens a block, functions, lists of YAML."""

from __future__ import annotations

from pipec.diagnostics.model import Edit
from pipec.syntax.idioms import Idiom, Place, Reader, fix
from pipec.syntax.layout import indentation, line_start
from pipec.syntax.source import Span
from pipec.syntax.tokens import END, Token

_BLOCKS = frozenset({"pipeline", "if", "for", "map", "group", "finally", "test"})


def _end_of_indented(place: Place, index: int, indent: int) -> int:
    """The first token from `index` on that begins a line and is indented by no more than `indent`."""
    while place.kind(index) != END and not (
        place.is_first(index) and indentation(place.source, place.tokens[index]) <= indent
    ):
        index += 1
    return index


def _colon_block(place: Place) -> Idiom | None:
    """`if full:` with its block indented below."""
    index = place.index
    if place.token.kind != ":" or not place.is_first(index + 1) or place.kind(index + 1) in ("-", END):
        return None
    head = index - 1 if place.kind(index - 1) == "else" else place.head()
    if head is None or place.kind(head) not in {*_BLOCKS, "else"}:
        return None
    line = line_start(place.source, place.tokens[head].start)
    if line != line_start(place.source, place.token.start):
        return None
    start = head
    while start and not place.is_first(start):
        start -= 1
    indent = indentation(place.source, place.tokens[start])
    end = _end_of_indented(place, index + 1, indent)
    if end == index + 1:
        return None
    last = place.tokens[end - 1].end
    newline = place.source.text.find("\n", last)
    at = len(place.source.text) if newline < 0 else newline
    tokens = (
        Token("{", "{", place.token.start, place.token.end),
        *place.tokens[index + 1 : end],
        Token("}", "}", last, last),
    )
    closed = Edit(Span(place.source, at, at), f"\n{' ' * indent}}}")
    opened = place.instead(index, " {" if place.touches(index) else "{")
    help = "a block stands in braces: `{` here, and `}` behind what is indented"
    span = place.span(index, index + 1)
    mended = fix("put the block in braces", opened, closed)
    return Idiom(index, end, tokens, "P0003", "expected `{`, found `:`", span, help, mended)


def _function(place: Place) -> Idiom | None:
    """`def extract(day):`, with its body indented below."""
    first = place.index if place.token.text == "def" else place.index - 1
    if first < 0 or place.tokens[first].text != "def" or not place.is_first(first) or not place.is_name(first + 1):
        return None
    close = place.closer(first + 2) if place.kind(first + 2) == "(" else None
    if close is None:
        return None
    end = _end_of_indented(place, first + 1, indentation(place.source, place.tokens[first]))
    name = place.tokens[first + 1].text
    inputs = place.text(first + 2, close + 1) if close > first + 3 and close < first + 30 else ""
    plain = inputs if all(place.is_name(one) or place.kind(one) == "," for one in range(first + 3, close)) else "(…)"
    help = f'keep the function in a Python module, and write `task {name}{plain} = python("module:{name}")`'
    message = "a task is no function: its code stands in a Python module"
    return Idiom(first, end, (), "P0003", message, place.span(first, close + 1), help, is_doubtful=True)


def _yaml_list(place: Place) -> Idiom | None:
    """`tasks:`, with `- name: …` below."""
    index = place.index
    if place.token.kind != ":" or place.kind(index + 1) != "-" or not place.is_first(index + 1):
        return None
    if not place.is_name(index - 1) or not place.begins_option(index - 1) or not place.is_first(index - 1):
        return None
    end = _end_of_indented(place, index + 2, indentation(place.source, place.tokens[index - 1]))
    span = place.span(index - 1, index + 1)
    word = place.tokens[index - 1].text
    help = f"a list is written `{word} = [a, b]`; tasks are statements of their own: `task NAME = …`"
    message = "this is a list of YAML"
    return Idiom(index - 1, end, (), "P0003", message, span, help, is_doubtful=True)


INDENTED: tuple[Reader, ...] = (_colon_block, _function, _yaml_list)
