"""Formatting as `pipec fmt` does it."""

from __future__ import annotations

from lsprotocol import types as lsp

from pipec.lsp.documents import Document
from pipec.syntax.formatting.formatter import format_text


def formatting(document: Document) -> list[lsp.TextEdit] | None:
    """The edit that gives a text its one style; None where it has faults that keep it from being formatted."""
    text = format_text(document.text, document.source.path).text
    if text is None:
        return None
    edit = document.replacement(text)
    return [] if edit is None else [edit]
