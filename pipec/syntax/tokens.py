"""Tokens: the words of a source as the lexer hands them to the parser.

The kind of a keyword or sign is its text (`task`, `->`); all other kinds are written in capitals as in the grammar.
"""

from __future__ import annotations

from pipec.syntax.source import Source, Span

END = "$END"
NAME = "NAME"
NULL = "null"

RESERVED = frozenset({"if", "else", "for", "in", "map", "true", "false", "null", "and", "or", "not"})
CLOSER = {"(": ")", "[": "]", "{": "}"}
TEXTS = frozenset({"TEXT", "RAW_TEXT", "LONG_TEXT", "LONG_RAW_TEXT"})
NUMBERS = frozenset({"INT", "FLOAT", "DURATION", "SIZE", "DATE"})
VALUES = TEXTS | NUMBERS | {"true", "false", "null"}
COMPARISONS = frozenset({"==", "!=", "<", "<=", ">", ">=", "in", "not in"})
DECLARATIONS = frozenset({"import", "type", "component", "pipeline", "test"})
STATEMENTS = DECLARATIONS | {
    "const", "task", "wait", "gate", "approval", "if", "for", "map", "group", "order", "require", "on", "finally",
    "target", "return", "given", "expect",
}  # fmt: skip


class Token:
    """One token: the characters `start` up to `end` of its source.

    `text` is empty for a name or value that the source does not hold, put in by the recovery; that of END is what
    follows the part of a source that is parsed. `faulty` says that something next
    to it has been reported already, so that a fault of the parser here is but an echo.
    """

    __slots__ = ("end", "faulty", "kind", "start", "text")

    def __init__(self, kind: str, text: str, start: int, end: int, faulty: bool = False) -> None:
        self.kind = kind
        self.text = text
        self.start = start
        self.end = end
        self.faulty = faulty

    def span(self, source: Source) -> Span:
        return Span(source, self.start, self.end)


def describe(kind: str) -> str:
    """A kind of token in the words of a message."""
    match kind:
        case "NAME":
            return "a name"
        case "INT":
            return "a whole number"
        case "$END":
            return "the end of the file"
        case _ if kind in TEXTS:
            return "a string"
        case _ if kind in NUMBERS:
            return "a number"
        case _:
            return f"`{kind}`"


def quote(token: Token) -> str:
    """A token as a message shows it."""
    if token.kind == END:
        return f"`{token.text}`" if token.text else describe(END)
    first_line = token.text.split("\n", 1)[0]
    return f"`{first_line}`" if len(token.text) <= 30 else f"`{first_line[:27]}…`"
