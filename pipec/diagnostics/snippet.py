"""Source lines with marks under the places a diagnostic speaks of."""

from __future__ import annotations

import unicodedata
from itertools import groupby

from pipec.diagnostics.style import Painter
from pipec.frozen import Frozen
from pipec.syntax.source import Source, Span

TAB_WIDTH = 4
_LONGEST_LINE = 240
"""A line of more characters shows only what stands around its first mark."""
_BEFORE_MARK = 80
_LONGEST_BLOCK = 6
"""A place of more lines than this shows its first and last lines only."""


class Annotation(Frozen):
    """A place and the text under its marks. The primary one, the fault itself, is marked `^`, others `-`."""

    span: Span
    text: str
    is_primary: bool = False


class _Mark(Frozen):
    """Marks under one line, in display columns from 0: `start` up to but not including `end`."""

    start: int
    end: int
    text: str
    is_primary: bool


class _Block(Frozen):
    """The one place drawn along the left margin because it has several lines."""

    first: int
    last: int
    first_mark: _Mark
    last_mark: _Mark
    starts_line: bool


class _Row:
    """One line of marks under construction: characters and their styles by column."""

    def __init__(self) -> None:
        self.cells: list[tuple[str, str]] = []

    def put(self, column: int, text: str, style: str) -> None:
        missing = column + len(text) - len(self.cells)
        self.cells.extend([(" ", "plain")] * max(missing, 0))
        for offset, character in enumerate(text):
            self.cells[column + offset] = (character, style)

    def painted(self, paint: Painter) -> str:
        runs = groupby(self.cells, key=lambda cell: cell[1])
        return "".join(paint("".join(character for character, _ in run), style) for style, run in runs)


def snippet(source: Source, annotations: list[Annotation], gutter: int, severity: str, paint: Painter) -> list[str]:
    """The lines that the annotations touch, numbered in a gutter `gutter` digits wide, marks under each.

    `severity` is the style of the primary marks. Lines in between are left out as `...`.
    """
    block, single = _split(source, annotations)
    marks: dict[int, list[_Mark]] = {}
    for line, mark in single:
        marks.setdefault(line, []).append(mark)
    shown = set(marks)
    if block is not None:
        shown |= _block_lines(block)

    bar = paint("|", "gutter")
    margin = "" if block is None else "  "
    lines = [f"{' ' * gutter} {bar}"]
    previous = None
    for line in sorted(shown):
        if previous is not None and line > previous + 1:
            lines.append(_gap(source, previous, line, block, gutter, severity, paint))
        lead = margin if block is None else _lead(block, line, severity, paint)
        number = paint(f"{line:>{gutter}}", "gutter")
        text, below = _cropped(display_text(source.line_text(line)), marks.get(line, []))
        lines.append(f"{number} {bar} {lead}{text}")
        if block is not None:
            lines.extend(f"{' ' * gutter} {bar} {row}" for row in _block_rows(block, line, severity, paint))
        inside = "| " if block is not None and block.first <= line < block.last else margin
        for row in _mark_rows(below, severity):
            painted_margin = paint(inside, _style(block.last_mark, severity)) if block is not None else ""
            lines.append(f"{' ' * gutter} {bar} {painted_margin}{row.painted(paint)}")
        previous = line
    return lines


def _cropped(text: str, marks: list[_Mark]) -> tuple[str, list[_Mark]]:
    """A shown line and its marks; of a very long line the part that the first mark stands in."""
    if len(text) <= _LONGEST_LINE:
        return text, marks
    start = max(min((mark.start for mark in marks), default=0) - _BEFORE_MARK, 0)
    end = start + _LONGEST_LINE
    before, after = "…" if start else "", "…" if end < len(text) else ""
    shift = start - len(before)
    inside = [
        _Mark(mark.start - shift, min(mark.end, end) - shift, mark.text, mark.is_primary)
        for mark in marks
        if mark.start < end
    ]
    return f"{before}{text[start:end]}{after}", inside


def display_width(text: str) -> int:
    """The columns a text takes on a terminal as `display_text` shows it."""
    return sum(TAB_WIDTH if character == "\t" else _width(character) for character in text)


def display_text(text: str) -> str:
    """A source line as it is safe to show: tabs as spaces, control characters as visible ones."""
    return "".join(_shown(character) for character in text)


def _width(character: str) -> int:
    if character.isascii():
        return 1
    if unicodedata.category(character) in ("Mn", "Me") or character == "\u200d":
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1


def _shown(character: str) -> str:
    if character == "\t":
        return " " * TAB_WIDTH
    if character < " ":
        return chr(0x2400 + ord(character))
    invisible = (
        not character.isascii() and character != "\u200d" and unicodedata.category(character) in ("Cf", "Cc", "Cs")
    )
    return "\ufffd" if invisible or character == "\x7f" else character


def _split(source: Source, annotations: list[Annotation]) -> tuple[_Block | None, list[tuple[int, _Mark]]]:
    """The place to draw along the margin, if one has several lines, and the marks under single lines.

    Only one place is drawn as a block, the primary one where it can be; of others the first line is marked.
    """
    block = None
    single: list[tuple[int, _Mark]] = []
    for annotation in annotations:
        first, first_start, first_end = _line_part(source, annotation.span)
        mark = _Mark(first_start, first_end, annotation.text, annotation.is_primary)
        last, last_column = _last_place(source, annotation.span)
        if last == first or block is not None:
            single.append((first, mark))
            continue
        text = source.line_text(last)
        end = max(display_width(text[:last_column]), 1)
        last_mark = _Mark(end - 1, end, annotation.text, annotation.is_primary)
        before = source.line_text(first)[: source.position(annotation.span.start)[1] - 1]
        block = _Block(first, last, mark, last_mark, starts_line=not before.strip())
    return block, single


def _line_part(source: Source, span: Span) -> tuple[int, int, int]:
    """The first line of a span and the display columns of the part of the span on it, one column at least."""
    line, column = source.position(span.start)
    text = source.line_text(line)
    start = display_width(text[: column - 1]) + max(column - 1 - len(text), 0)
    end = display_width(text[: column - 1 + max(span.end - span.start, 0)])
    return line, start, max(end, start + 1)


def _last_place(source: Source, span: Span) -> tuple[int, int]:
    """The line of the last character of a span, and the number of characters up to and with it."""
    if span.end <= span.start:
        line, column = source.position(span.start)
        return line, column
    end = span.end
    while end > span.start + 1 and source.text[end - 1] in "\r\n":
        end -= 1
    return source.position(end - 1)


def _block_lines(block: _Block) -> set[int]:
    if block.last - block.first < _LONGEST_BLOCK:
        return set(range(block.first, block.last + 1))
    return {block.first, block.first + 1, block.last - 1, block.last}


def _style(mark: _Mark, severity: str) -> str:
    return severity if mark.is_primary else "label"


def _lead(block: _Block, line: int, severity: str, paint: Painter) -> str:
    """What stands in the margin before a source line: `/` where the block begins, `|` inside it."""
    style = _style(block.last_mark, severity)
    if line == block.first:
        return paint("/ ", style) if block.starts_line else "  "
    return paint("| ", style) if block.first < line <= block.last else "  "


def _gap(
    source: Source, before: int, after: int, block: _Block | None, gutter: int, severity: str, paint: Painter
) -> str:
    if after == before + 2 and block is None:
        number = paint(f"{before + 1:>{gutter}}", "gutter")
        return f"{number} {paint('|', 'gutter')} {display_text(source.line_text(before + 1))}"
    inside = block is not None and block.first <= before and after <= block.last
    dots = paint("...", "gutter")
    if block is None or not inside:
        return dots
    return dots + " " * (gutter + 3 - len("...")) + paint("|", _style(block.last_mark, severity))


def _block_rows(block: _Block, line: int, severity: str, paint: Painter) -> list[str]:
    """The rows that close a block under its last line, and open it under its first where it begins mid-line."""
    sign = "^" if block.last_mark.is_primary else "-"
    style = _style(block.last_mark, severity)
    if line == block.first and not block.starts_line:
        return [" " + paint("_" * (block.first_mark.start + 1) + sign, style)]
    if line == block.last:
        tail = f"|{'_' * (block.last_mark.start + 1)}{sign} {block.last_mark.text}".rstrip()
        return [paint(tail, style)]
    return []


def _mark_rows(marks: list[_Mark], severity: str) -> list[_Row]:
    """The row of marks under a line, then the texts that did not fit beside their marks, rightmost first."""
    if not marks:
        return []
    ordered = sorted(marks, key=lambda mark: (mark.start, mark.end))
    row = _Row()
    for mark in sorted(ordered, key=lambda mark: mark.is_primary):
        row.put(mark.start, ("^" if mark.is_primary else "-") * (mark.end - mark.start), _style(mark, severity))
    rows = [row]

    hanging = [mark for mark in ordered if mark.text]
    last = ordered[-1]
    if hanging and hanging[-1] is last and all(mark.end <= last.start for mark in ordered[:-1]):
        row.put(last.end + 1, last.text, _style(last, severity))
        hanging.pop()
    if hanging:
        rows.append(_stems(hanging, severity))
    while hanging:
        mark = hanging.pop()
        text_row = _stems(hanging, severity)
        text_row.put(mark.start, mark.text, _style(mark, severity))
        rows.append(text_row)
    return rows


def _stems(marks: list[_Mark], severity: str) -> _Row:
    row = _Row()
    for mark in marks:
        row.put(mark.start, "|", _style(mark, severity))
    return row
