"""What was written, as a message can show it."""

from __future__ import annotations

import re

from pipec.syntax.source import Span

_LONGEST = 80
_LINE_BREAK = re.compile(r"\s*\n\s*")


def one_line(span: Span) -> str:
    """The text of a span with its line breaks made spaces."""
    return _LINE_BREAK.sub(" ", span.text)


def excerpt(span: Span) -> str:
    """The text of a span on one line, cut where it is long."""
    text = one_line(span)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1].rstrip() + "…"
