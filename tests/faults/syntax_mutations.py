"""Kinds of syntax faults: a token is dropped, doubled, swapped, misspelt or confused with another.

A mutant that the grammar accepts as it stands is no syntax fault (a trailing comma dropped, two lists' elements
swapped): `is_accepted` tells, by the automaton alone and without any recovery.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

from pipec.diagnostics.model import Diagnostics
from pipec.syntax import tree
from pipec.syntax.builder import TreeBuilder
from pipec.syntax.lexer import tokenize
from pipec.syntax.machine import Machine
from pipec.syntax.source import Source
from pipec.syntax.tables import tables
from pipec.syntax.tokens import CLOSER, TEXTS, Token
from tests.faults.edits import Edit, Example, Mutation, misspelt

BRACKETS = frozenset({*CLOSER, *CLOSER.values()})
OPERATORS = frozenset({"->", "=", ":", ".", "+", "-", "*", "/", "??", "?", "|", "==", ">=", "<", ">", "<=", "and"})
FOREIGN = ("@", ";", "§", "&", "!", "\\", "“", "~", "^")
OTHER_OPERATOR = {"=": ":", ":": "=", "->": "=>", "==": "===", "and": "&&", "or": "||", "not": "!", "??": "?:"}


def is_accepted(text: str, start: str = "file") -> bool:
    """Whether a text is a file, or an expression, by the grammar as it stands."""
    source = Source("mutant", text)
    diagnostics = Diagnostics()
    tokens = tokenize(source, diagnostics)
    inside: list[bool] = []

    def fragment(first: int, last: int) -> tree.Expression:
        inside.append(is_accepted(text[first:last], "expression"))
        return tree.Missing(source.span(first, last))

    callbacks = tables().callbacks(TreeBuilder(source, diagnostics, tokens, fragment))
    value = Machine(source, tokens.items, start, callbacks).run()
    return value is not None and not diagnostics.found and all(inside)


def _dropped(is_meant: Callable[[Token], bool]) -> Mutation:
    def mutation(example: Example, _: random.Random) -> Iterator[Edit]:
        return (_without(example, token) for token in example.tokens if is_meant(token))

    return mutation


def _without(example: Example, token: Token) -> Edit:
    """Drops a token, and its line where nothing else stands on it."""
    before = example.text[: token.start].rstrip(" ")
    after = example.text[token.end :].lstrip(" ")
    if before.endswith("\n") and after.startswith("\n"):
        return Edit(len(before) - 1, len(example.text) - len(after), "")
    return Edit(token.start, token.end, "")


def _doubled(is_meant: Callable[[Token], bool]) -> Mutation:
    def mutation(example: Example, _: random.Random) -> Iterator[Edit]:
        for token in example.tokens:
            if is_meant(token):
                yield Edit(token.end, token.end, f" {token.text}" if token.text.isalpha() else token.text)

    return mutation


def _swapped(example: Example, _: random.Random) -> Iterator[Edit]:
    """Two neighbours on one line."""
    for first, second in zip(example.tokens, example.tokens[1:], strict=False):
        between = example.text[first.end : second.start]
        if first.text != second.text and "\n" not in example.text[first.start : second.end]:
            yield Edit(first.start, second.end, f"{second.text}{between or ' '}{first.text}")


def _keyword_misspelt(example: Example, generator: random.Random) -> Iterator[Edit]:
    for token in example.tokens:
        if _is_keyword(token) and len(token.text) > 2:
            yield Edit(token.start, token.end, misspelt(token.text, generator, tables().keywords | example.words))


def _wrong_closer(example: Example, generator: random.Random) -> Iterator[Edit]:
    for token in example.tokens:
        if token.kind in CLOSER.values():
            other = generator.choice([sign for sign in CLOSER.values() if sign != token.kind])
            yield Edit(token.start, token.end, other)


def _quote_dropped(example: Example, _: random.Random) -> Iterator[Edit]:
    for token in example.tokens:
        if token.kind in ("TEXT", "RAW_TEXT"):
            yield Edit(token.start, token.start + 1, "")
            yield Edit(token.end - 1, token.end, "")


def _operator_confused(example: Example, _: random.Random) -> Iterator[Edit]:
    for token in example.tokens:
        if token.kind in OTHER_OPERATOR:
            yield Edit(token.start, token.end, OTHER_OPERATOR[token.kind])


def _foreign_character(example: Example, generator: random.Random) -> Iterator[Edit]:
    for token in example.tokens:
        yield Edit(token.end, token.end, generator.choice(FOREIGN))


def _unit_misspelt(example: Example, _: random.Random) -> Iterator[Edit]:
    for token in example.tokens:
        if token.kind in ("DURATION", "SIZE"):
            yield Edit(token.end, token.end, "in" if token.text.endswith("m") else "x")


def _is_keyword(token: Token) -> bool:
    return token.kind in tables().keywords and token.kind not in ("true", "false", "null")


SYNTAX: dict[str, Mutation] = {
    "bracket dropped": _dropped(lambda token: token.kind in BRACKETS),
    "comma dropped": _dropped(lambda token: token.kind == ","),
    "quote dropped": _quote_dropped,
    "keyword dropped": _dropped(_is_keyword),
    "operator dropped": _dropped(lambda token: token.kind in OPERATORS),
    "name dropped": _dropped(lambda token: token.kind == "NAME"),
    "value dropped": _dropped(lambda token: token.kind in TEXTS | {"INT", "FLOAT", "DURATION", "SIZE", "DATE"}),
    "bracket doubled": _doubled(lambda token: token.kind in BRACKETS),
    "comma doubled": _doubled(lambda token: token.kind == ","),
    "keyword doubled": _doubled(_is_keyword),
    "operator doubled": _doubled(lambda token: token.kind in OPERATORS),
    "tokens swapped": _swapped,
    "keyword misspelt": _keyword_misspelt,
    "wrong closing bracket": _wrong_closer,
    "operator confused": _operator_confused,
    "foreign character": _foreign_character,
    "unit misspelt": _unit_misspelt,
}
