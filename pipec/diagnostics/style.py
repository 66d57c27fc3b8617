"""Colours of the terminal, by what they mean."""

from __future__ import annotations

from pipec.frozen import Frozen

_CODES = {
    "plain": "",
    "strong": "1",
    "error": "1;31",
    "warning": "1;33",
    "good": "32",
    "gutter": "1;34",
    "label": "1;34",
    "help": "1;36",
    "faint": "2",
}


class Painter(Frozen):
    """Paints text when `color` is true, and leaves it alone otherwise."""

    color: bool

    def __call__(self, text: str, style: str) -> str:
        code = _CODES[style]
        return f"\x1b[{code}m{text}\x1b[0m" if self.color and code and text else text
