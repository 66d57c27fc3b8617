"""How wide a text is before anything draws it: no font is asked, so pictures have the same bytes everywhere."""

from __future__ import annotations

from unicodedata import category, combining, east_asian_width

_REGULAR = (
    "278 278 355 556 556 889 667 191 333 333 389 584 278 333 278 278 556 556 556 556 556 556 556 556 556 556 278 278 "
    "584 584 584 556 1015 667 667 722 722 667 611 778 722 278 500 667 556 833 722 778 667 778 722 667 611 722 667 944 "
    "667 667 611 278 278 278 469 556 333 556 556 500 556 556 278 556 556 222 222 500 222 833 556 556 556 556 333 500 "
    "278 556 500 722 500 500 500 334 260 334 584"
)
"""Thousandths of the font size that Helvetica gives the characters from space to `~`."""

_WIDTHS = dict(zip(map(chr, range(32, 127)), map(int, _REGULAR.split()), strict=True))
_SPARE, _SPARE_BOLD = 1.14, 1.3
"""The fonts that systems have for their own texts are wider than Helvetica, by up to this: DejaVu is the widest."""

_OTHER = 600
_WIDE = 1000


def text_width(text: str, size: float, *, is_bold: bool = False) -> float:
    """The width in pixels that a text of this font size may need."""
    thousandths = sum(_character(character) for character in text)
    return thousandths * size / 1000 * (_SPARE_BOLD if is_bold else _SPARE)


def shortened(text: str, size: float, limit: float, *, is_bold: bool = False) -> str:
    """The text, or as much of its start and its end as `limit` pixels have room for around an ellipsis."""
    text = " ".join(text.split())
    if text_width(text, size, is_bold=is_bold) <= limit:
        return text
    kept = min(len(text) - 1, 2 * int(limit / size) + 8)
    while kept > 1:
        start = (kept + 1) * 2 // 3
        cut = f"{text[:start]}…{text[len(text) - (kept - start) :]}"
        if text_width(cut, size, is_bold=is_bold) <= limit:
            return cut
        kept -= 1
    return "…"


def _character(character: str) -> int:
    if (width := _WIDTHS.get(character)) is not None:
        return width
    if combining(character) or category(character) == "Mn":
        return 0
    return _WIDE if east_asian_width(character) in "WF" else _OTHER
