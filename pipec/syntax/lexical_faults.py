"""What is said about characters, numbers and strings that are none: the faults that the lexer sees."""

from __future__ import annotations

import re

from pipec.diagnostics.model import Diagnostics, Edit, Fix, Label
from pipec.syntax.literals import BYTES, MILLISECONDS
from pipec.syntax.quotes import Guess, Missing
from pipec.syntax.reading import FOREIGN_BYTES
from pipec.syntax.source import Source, Span
from pipec.syntax.strings import LONG_QUOTES

NESTING_LIMIT = 100
FOREIGN_LIMIT = 20
_LOOKALIKES = {
    **dict.fromkeys("\u201c\u201d\u201e\u201f", '"'),
    **dict.fromkeys("\u2018\u2019\u201a\u201b", "'"),
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"),
    "\u00a0": " ",
    "\u2192": "->",
    "\u2264": "<=",
    "\u2265": ">=",
    "\u2260": "!=",
    "&": "and",
    "!": "not ",
    ";": "",
}


_PRESET = re.compile(r"@(?:hourly|daily|weekly|monthly|quarterly|yearly|annually|midnight)\b")


def report_character(span: Span, diagnostics: Diagnostics) -> str | None:
    """Report a character that has no meaning, P0001; the result is what it may stand for."""
    preset = _PRESET.match(span.source.text, span.start)
    if preset is not None:
        _report_preset(Span(span.source, *preset.span()), diagnostics)
        return None
    shown = span.text[0] if span.text[0].isprintable() else f"U+{ord(span.text[0]):04X}"
    replacement = _LOOKALIKES.get(span.text[0])
    fix = None if replacement is None else Fix(_fix_title(replacement), (Edit(span, replacement),))
    diagnostics.error("P0001", f"unexpected character `{shown}`", span, fix=fix, help=_character_help(shown))
    return replacement


def _report_preset(span: Span, diagnostics: Diagnostics) -> None:
    """Report a schedule such as `@daily` without its quotes."""
    written = f'cron("{span.text}")'
    fix = Fix(f"replace by `{written}`", (Edit(span, written),))
    diagnostics.error("P0001", f"`{span.text}` is no value", span, help=f"write `{written}`", fix=fix)


def report_foreign_name(span: Span, diagnostics: Diagnostics) -> None:
    """Report a name with letters beyond a to z, P0107.

    Declarations are held to the same rule later, in the same words: then this is told once.
    """
    help = "names are small letters, digits and `_`, starting with a letter"
    diagnostics.error("P0107", f"`{span.text}` cannot be a name", span, help=help)


def report_number(span: Span, diagnostics: Diagnostics) -> None:
    """Report a number with something after it that is no unit, P0008."""
    unit = span.text.lstrip("0123456789_.")
    suggestion = unit_meant(unit)
    help = "durations: `250ms 30s 5m 1h30m 7d 2w`; sizes: `512Ki 16Gi 2GB`"
    fix = None
    if suggestion:
        mended = span.text[: len(span.text) - len(unit)] + suggestion
        help = f"`{mended}` is a known way to write it; {help}"
        fix = Fix(f"replace by `{mended}`", (Edit(span, mended),))
    message = f"`{span.text}` is not a number, duration, size or date"
    diagnostics.error("P0008", message, span, help=help, fix=fix)


def report_unterminated(source: Source, start: int, end: int, quotes: str, diagnostics: Diagnostics) -> None:
    """Report a string without an end, P0002, that seems to be meant to end at `end`."""
    message = f"the string opened by `{quotes}` is never closed"
    help = f"close it with `{quotes}`"
    fix = None
    if quotes not in LONG_QUOTES:
        help += f", or open and close it with `{quotes * 3}` where it has several lines"
        fix = Fix(f"insert `{quotes}`", (Edit(Span(source, end, end), quotes),))
    diagnostics.error("P0002", message, Span(source, start, start + len(quotes)), help=help, fix=fix)


def report_backticks(span: Span, diagnostics: Diagnostics) -> None:
    """Report a string in backticks, P0001."""
    inside = span.text[1:-1]
    fix = None if "'" in inside else Fix("replace by `'`", (Edit(span, f"'{inside}'"),))
    help = "texts stand in quotes: `'…'`, or `\"…\"` with `${…}` in it"
    diagnostics.error("P0001", "a text does not stand in backticks", span, help=help, fix=fix)


def report_short_quotes(source: Source, start: int, end: int, diagnostics: Diagnostics) -> None:
    """Report a string over several lines in the quotes of one line, from its first quote to behind its last, P0002."""
    sign = source.text[start]
    opening, closing_ = Span(source, start, start + 1), Span(source, end - 1, end)
    diagnostics.error(
        "P0002",
        f"a string in `{sign}` ends with its line",
        opening,
        labels=(Label(closing_, "closed here"),),
        help=f"a text of several lines stands in `{sign * 3}`",
        fix=Fix(f"replace by `{sign * 3}`", (Edit(opening, sign * 3), Edit(closing_, sign * 3))),
    )


def report_quotes(source: Source, guess: Guess, quote: int, first_end: int, diagnostics: Diagnostics) -> None:
    """Report a string that lacks a quote, or holds an apostrophe at `first_end`, P0002."""
    sign = source.text[quote]
    opening, closing_ = Span(source, guess.start, guess.start), Span(source, guess.end, guess.end)
    match guess.missing:
        case Missing.OPENING:
            diagnostics.error(
                "P0002",
                f"the string closed by this `{sign}` is never opened",
                Span(source, guess.end - 1, guess.end),
                help=f"open it with `{sign}`",
                fix=Fix(f"insert `{sign}`", (Edit(opening, sign),)),
            )
        case Missing.CLOSING:
            diagnostics.error(
                "P0002",
                f"the string opened by `{sign}` is never closed",
                Span(source, guess.start, guess.start + 1),
                help=f"close it with `{sign}`",
                fix=Fix(f"insert `{sign}`", (Edit(closing_, sign),)),
            )
        case Missing.NONE:
            diagnostics.error(
                "P0002",
                "the string ends at this `'`, and what follows is none",
                Span(source, first_end, first_end + 1),
                labels=(Label(Span(source, guess.start, guess.start + 1), "opened here"),),
                help="a text that holds `'` stands in `\"…\"` or `'''…'''`",
                fix=Fix("put it in `'''`", (Edit(opening, "''"), Edit(closing_, "''"))),
            )


def report_foreign_bytes(source: Source, diagnostics: Diagnostics) -> None:
    """Report the bytes of a file that are no UTF-8 text, P0019: the first ones."""
    for count, found in enumerate(FOREIGN_BYTES.finditer(source.text)):
        if count == FOREIGN_LIMIT:
            return
        shown = " ".join(f"{ord(character) - 0xDC00:02X}" for character in found.group()[:4])
        diagnostics.error(
            "P0019",
            f"not UTF-8 text: byte{'s' if len(found.group()) > 1 else ''} {shown}",
            Span(source, found.start(), found.end()),
            help="save the file as UTF-8",
        )


def report_unread(span: Span, diagnostics: Diagnostics) -> None:
    """Report that the rest of the file is not read, P0018."""
    diagnostics.error("P0018", "too many syntax faults: the rest of the file was not read", span)


def report_too_deep(span: Span, diagnostics: Diagnostics) -> None:
    """Report that something nests beyond the limit, P0007."""
    diagnostics.error(
        "P0007",
        f"nested more than {NESTING_LIMIT} levels deep",
        span,
        help="give an inner part a name with `const`, or move it to a task of its own",
    )


def unit_meant(unit: str) -> str | None:
    """The unit meant by a misspelt one."""
    word = unit.lower()
    for prefix, meant in (("milli", "ms"), ("mi", "m"), ("se", "s"), ("h", "h"), ("da", "d"), ("w", "w")):
        if word.startswith(prefix) and len(word) > 2:
            return meant
    short = {"k": "Ki", "m": "Mi", "g": "Gi", "t": "Ti"}.get(word.removesuffix("ib"))
    return short or {known.lower(): known for known in (*BYTES, *MILLISECONDS)}.get(word)


def _fix_title(replacement: str) -> str:
    return f"replace by `{replacement.strip()}`" if replacement.strip() else "remove it"


def _character_help(character: str) -> str | None:
    match character:
        case ";":
            return "statements need no separator"
        case "&":
            return "the operator is written `and`"
        case "!":
            return "the operator is written `not`"
        case "@":
            return "tasks are declared by `task NAME = …`, without decorators"
        case "$":
            return 'names are written as they are; `${…}` has a meaning inside a `"…"` string only'
        case _:
            return None
