"""Strings: where they end, what their escapes mean, and how the long forms lose their indentation."""

from __future__ import annotations

import re

from pipec.diagnostics.model import Diagnostics, Edit, Fix
from pipec.frozen import Frozen
from pipec.syntax.source import Source, Span

LONGEST_CODE = 20_000
_FAULT_LIMIT = 100
LONG_QUOTES = ('"""', "'''")

# What matters inside each kind of text: `}` stands for the code of a `${…}`, the quotes for the string they close.
_INTERESTING = {
    "}": re.compile(r"\"\"\"|'''|[\"'{}\n]"),
    '"': re.compile(r"\\[^\n]|\$\$\{|\$\{|[\"\n]"),
    "'": re.compile(r"['\n]"),
    '"""': re.compile(r"(?s:\\.)|\$\$\{|\$\{|\"\"\""),
    "'''": re.compile(r"'''"),
}
_MARKS = re.compile(r"\\(?:u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|.)|\$\$\{|\$\{", re.DOTALL)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", '"': '"', "'": "'", "$": "$"}


def closing(text: str, position: int, limit: int, context: str) -> int | None:
    """The offset just past the end of the string or `${…}` that is open at `position`, or None where it has none.

    `context` is what closes it: the quotes of a string, or `}`. Strings and `${…}` inside each other are passed over.
    The code of one `${…}` has at most LONGEST_CODE characters.
    """
    multiline = context in LONG_QUOTES
    contexts = [context]
    reach = min(limit, position + LONGEST_CODE) if context == "}" else limit
    while contexts:
        found = _INTERESTING[contexts[-1]].search(text, position, reach)
        if found is None:
            return None
        mark = found.group()
        position = found.end()
        if mark == contexts[-1]:
            contexts.pop()
            if len(contexts) == 1 and context != "}":
                reach = limit
        elif mark == "\n":
            if not multiline or contexts[-1] != "}":
                return None
        elif mark in ("${", "{"):
            if len(contexts) == 1 and context != "}":
                reach = min(limit, position + LONGEST_CODE)
            contexts.append("}")
        elif contexts[-1] == "}" and mark != "}":
            contexts.append(mark)
    return position


class Interpolation(Frozen):
    """The code of a `${…}`: the characters `start` up to `end` of the source, without the braces."""

    start: int
    end: int


def string_pieces(
    source: Source, start: int, end: int, quotes: str, diagnostics: Diagnostics
) -> list[str | Interpolation]:
    """The text of a string between its quotes, from `start` to `end`: its literal pieces and interpolations in order.

    Escapes are resolved and the long forms dedented. Faults are reported: an unknown escape (P0006) stands for itself,
    a `${` that is never closed (P0009) for its characters.
    """
    if not quotes.startswith('"'):
        pieces: list[str | Interpolation] = [source.text[start:end]]
        return dedented(pieces) if quotes in LONG_QUOTES else pieces
    pieces = _split(source, start, end, quotes in LONG_QUOTES, diagnostics)
    if quotes in LONG_QUOTES:
        pieces = dedented(pieces)
    return [_MARKS.sub(_resolve, piece) if isinstance(piece, str) else piece for piece in pieces]


def _split(source: Source, start: int, end: int, long: bool, diagnostics: Diagnostics) -> list[str | Interpolation]:
    """Literal pieces with their escapes still in them, and interpolations; checks both."""
    text = source.text
    pieces: list[str | Interpolation] = []
    literal_start = position = start
    known = len(diagnostics.found)
    while len(diagnostics.found) < known + _FAULT_LIMIT and (found := _MARKS.search(text, position, end)):
        position = found.end()
        mark = found.group()
        if mark.startswith("\\"):
            _check_escape(Span(source, found.start(), found.end()), diagnostics)
        elif mark == "${":
            closed = closing(text, position, end, "}")
            if closed is None or (not long and "\n" in text[position:closed]):
                _report_unclosed(Span(source, found.start(), found.end()), diagnostics)
                continue
            pieces += [text[literal_start : found.start()], Interpolation(position, closed - 1)]
            literal_start = position = closed
    pieces.append(text[literal_start:end])
    return pieces


def _check_escape(span: Span, diagnostics: Diagnostics) -> None:
    escape = span.text
    known = escape[1:] in _ESCAPES
    if len(escape) > 2:
        code = int(escape[2:], 16)
        known = code <= 0x10FFFF and not 0xD800 <= code <= 0xDFFF
    if not known:
        diagnostics.error(
            "P0006",
            f"unknown escape `{escape}`" if escape[1:].isprintable() else "unknown escape",
            span,
            help=r"the escapes are `\n`, `\t`, `\r`, `\\`, `\"`, `\'`, `\$`, `\uXXXX` and `\UXXXXXXXX`; "
            "`'…'` strings have none",
            fix=Fix("double the backslash", (Edit(Span(span.source, span.start, span.start + 1), "\\\\"),)),
        )


def _report_unclosed(span: Span, diagnostics: Diagnostics) -> None:
    diagnostics.error(
        "P0009",
        "`${` is never closed in this string",
        span,
        help="close the expression with `}`; a literal `${` is written `$${`",
    )


def _resolve(found: re.Match[str]) -> str:
    mark = found.group()
    if mark == "$${":
        return "${"
    if len(mark) > 2:
        code = int(mark[2:], 16)
        return chr(code) if code <= 0x10FFFF and not 0xD800 <= code <= 0xDFFF else mark
    return _ESCAPES.get(mark[1:], mark)


def dedented(pieces: list[str | Interpolation]) -> list[str | Interpolation]:
    """The pieces of a long string without the indentation common to its lines.

    A newline right after the opening quotes is dropped; text after them on the same line keeps its place and has no say
    in the indentation. Lines of blanks become empty, so closing quotes on a line of their own leave a final newline.
    """
    texts = [piece.replace("\r\n", "\n") if isinstance(piece, str) else None for piece in pieces]
    margin: str | None = None
    for index, text in enumerate(texts):
        for indentation in _indentations(text or "", last=index == len(texts) - 1):
            margin = indentation if margin is None else _common(margin, indentation)
    result: list[str | Interpolation] = []
    for index, (piece, text) in enumerate(zip(pieces, texts, strict=True)):
        if text is None:
            result.append(piece)
            continue
        text = re.sub(r"\n[ \t]+(?=\n|\Z)" if index == len(texts) - 1 else r"\n[ \t]+(?=\n)", "\n", text)
        if margin:
            text = text.replace("\n" + margin, "\n")
        result.append(text[1:] if index == 0 and text.startswith("\n") else text)
    return result


def _indentations(text: str, last: bool) -> list[str]:
    """The blanks that begin each line of a piece after its first newline, of lines that hold more than blanks.

    Blanks at the end of a piece stand before an interpolation, unless the piece is the last.
    """
    pattern = r"\n([ \t]*)(?=[^ \t\n])" if last else r"\n([ \t]*)(?=[^ \t\n]|\Z)"
    return re.findall(pattern, text)


def _common(first: str, second: str) -> str:
    length = 0
    while length < min(len(first), len(second)) and first[length] == second[length]:
        length += 1
    return first[:length]
