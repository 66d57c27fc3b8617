"""Idioms in values and at the top of a file: numbers apart from their units, f-strings, Python's choices, imports."""

from __future__ import annotations

import re

from pipec.diagnostics.model import Edit, Fix
from pipec.syntax.idioms import Idiom, Place, Reader, fix, replaced
from pipec.syntax.lexical_faults import unit_meant
from pipec.syntax.literals import BYTES, MILLISECONDS
from pipec.syntax.source import Span
from pipec.syntax.tokens import CLOSER, TEXTS, Token

_CHANNEL = re.compile(r"[ \t]*(?P<name>#[\w-]+)[ \t]*\)")
_FIELD = re.compile(r"\{\{|\}\}|\{([^{}:!]*)\}|[{}]")


def _unit_apart(place: Place) -> Idiom | None:
    """`240 min`, `30 s`, `4 Gi`."""
    index = place.index
    is_read = place.kind(index - 2) in ("INT", "FLOAT") and place.is_name(index - 1)  # as the name of an option
    index -= is_read
    if place.kind(index - 1) not in ("INT", "FLOAT") or not place.is_name(index) or place.is_first(index):
        return None
    word = place.tokens[index].text
    unit = word if word in (*BYTES, *MILLISECONDS) else unit_meant(word)
    if unit is None or place.kind(index + 1) in ("=", ":"):
        return None
    number = place.tokens[index - 1].text
    span = place.span(index - 1, index + 1)
    message = "a number and its unit are one word"
    mended = f"{number}{unit}"
    help = f"write `{mended}`"
    repair: Fix | None = replaced(span, mended)
    if unit in MILLISECONDS and place.kind(index - 1) == "FLOAT":
        help, repair = "durations are of whole numbers: `1h30m`", None
    if is_read and place.kind(index + 1) == "," and repair is not None:  # between options, where there are none
        whole = place.span(index - 1, index + 2)
        repair = None if "#" in whole.text else Fix(f"replace by `{mended}`", (Edit(whole, mended),))
        return Idiom(index, index + 2, (), "P0008", message, span, help, repair, is_doubtful=True)
    if is_read or repair is None:
        return Idiom(index, index + 1, (), "P0008", message, span, help, repair, is_doubtful=True)
    token = Token("SIZE" if unit in BYTES else "DURATION", mended, span.start, span.end)
    return Idiom(index - 1, index + 1, (token,), "P0008", message, span, help, repair)


def _unquoted_channel(place: Place) -> Idiom | None:
    """`slack(#ml)`, in which `#` begins a comment."""
    opener = place.index - 1
    if place.kind(opener) != "(" or not place.is_first(place.index):
        return None
    found = _CHANNEL.match(place.source.text, place.tokens[opener].end)
    if found is None:
        return None
    span = Span(place.source, *found.span("name"))
    written = f'"{span.text}"'
    tokens = (Token("TEXT", written, span.start, span.end), Token(")", ")", span.end, span.end))
    message = f"`{span.text}` is a comment here: a text stands in quotes"
    return Idiom(
        place.index, place.index, tokens, "P0003", message, span, f"write `{written}`", replaced(span, written)
    )


def _f_string(place: Place) -> Idiom | None:
    """`f"data/{day}.csv"`."""
    index = place.index
    if place.token.kind not in TEXTS or place.tokens[index - 1].text not in ("f", "F") or not place.touches(index):
        return None
    text = place.token.text
    quotes = 3 if place.token.kind.startswith("LONG") else 1
    sign = '"' * quotes
    inside = text[quotes:-quotes]
    span = place.span(index - 1, index + 1)
    mended = _interpolated(inside)
    is_plain = mended is not None and '"' not in inside and "\\" not in inside and "$" not in inside
    shown = f"write `{sign}{mended}{sign}`" if is_plain and len(text) < 60 and quotes == 1 else None
    help = shown or 'a string in `"…"` interpolates without a sign before it: `"data/${day}.csv"`'
    replacement = replaced(span, f"{sign}{mended}{sign}") if is_plain else None
    message = "strings have no `f` before them: `${…}` in them is a value"
    return Idiom(index - 1, index + 1, (place.token,), "P0004", message, span, help, replacement, is_doubtful=True)


def _interpolated(inside: str) -> str | None:
    """The inside of an f-string as it is written here; None where it has a format or braces that do not match."""
    pieces: list[str] = []
    last = 0
    for found in _FIELD.finditer(inside):
        pieces.append(inside[last : found.start()])
        last = found.end()
        if found.group() in ("{", "}") or found[1] == "":
            return None
        pieces.append(found.group()[0] if found[1] is None else f"${{{found[1].strip()}}}")
    return "".join([*pieces, inside[last:]])


def _conditional(place: Place) -> Idiom | None:
    """`0 if full else 100`."""
    index = place.index
    if place.token.kind != "if":
        return None
    first = index
    while first > 0 and place.kind(first - 1) not in ("=", ":", ",", "(", "[", "{"):
        first -= 1
        if place.kind(first) in CLOSER.values() or first < index - 40:
            return None
    alternative = index + 1
    while place.kind(alternative) not in ("else", "$END", ",", "{", "}") and alternative < index + 40:
        alternative += 1
    if place.kind(alternative) != "else" or first == index:
        return None
    end = place.end_of_value(alternative + 1)
    yes, condition, no = place.text(first, index), place.text(index + 1, alternative), place.text(alternative + 1, end)
    if not no:
        return None
    text = f"{condition} ? {yes} : {no}"
    span = place.span(first, end)
    message = "a choice between values is written `CONDITION ? A : B`"
    mended = None if "#" in span.text or "\n" in span.text else replaced(span, text)
    return Idiom(index, end, (), "P0003", message, span, f"write `{text}`", mended, is_doubtful=True)


def _command_without_quotes(place: Place) -> Idiom | None:
    """`shell(python load.py)`."""
    opener = place.opener()
    if opener is None or place.tokens[opener - 1].text != "shell" or place.kind(opener) != "(":
        return None
    close = place.closer(opener)
    if close is None or any(place.kind(one) in TEXTS for one in range(opener + 1, close)):
        return None
    text = place.source.text[place.tokens[opener].end : place.tokens[close].start]
    if not place.is_name(opener + 1) or "'" in text or "\n" in text or place.kind(opener + 2) in ("=", ",", ")"):
        return None
    span = Span(place.source, place.tokens[opener].end, place.tokens[close].start)
    mended = fix("put it in quotes", Edit(span, f"'{text}'"))
    message = "a command is a text and stands in quotes"
    help = f"write `shell('{text}')`" if len(text) < 60 else None
    return Idiom(place.index, close, (), "P0003", message, span, help, mended, is_doubtful=True)


def _lambda(place: Place) -> Idiom | None:
    """`python(lambda: 3)`."""
    index = place.index
    opener = place.opener()
    if opener is None or place.tokens[opener + 1].text != "lambda":
        return None
    close = place.closer(opener)
    if close is None or close <= index:
        return None
    span = place.span(opener + 1, close)
    help = 'write the function in a Python module and name it: `python("module:function")`'
    message = "code does not stand in the pipeline"
    return Idiom(index, close, (), "P0003", message, span, help, is_doubtful=True)


def _python_import(place: Place) -> Idiom | None:
    """`from steps import extract` and `import steps`."""
    index = place.index
    word = place.token.text
    first = index
    if not (word == "from" and place.is_first(index)):
        first = index - 1
        if place.kind(first) != "import" or not place.is_name(index):
            return None
    end = index + 1
    while end < len(place.tokens) - 1 and not place.is_first(end):
        end += 1
    span = place.span(first, end)
    message = "an import is of a `.pipe` file, and Python is not imported"
    help = (
        'a function is named where a task uses it, `python("steps:extract")`; '
        'another file is imported by `import "lib/steps.pipe" as steps`'
    )
    return Idiom(first, end, (), "P0003", message, span, help, is_doubtful=True)


VALUES: tuple[Reader, ...] = (
    _unit_apart,
    _unquoted_channel,
    _f_string,
    _conditional,
    _command_without_quotes,
    _lambda,
    _python_import,
)
