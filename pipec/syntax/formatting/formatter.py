"""From a text to the same text as it is laid out."""

from __future__ import annotations

from pipec.collection import without_garbage_collection
from pipec.diagnostics.model import Diagnostic, Diagnostics
from pipec.frozen import Frozen
from pipec.syntax.formatting.comments import Comments
from pipec.syntax.formatting.grouping import Grouping
from pipec.syntax.formatting.laying import StatementWriter
from pipec.syntax.lexer import tokenize
from pipec.syntax.lexical_faults import report_foreign_bytes, report_too_deep
from pipec.syntax.machine import Machine
from pipec.syntax.parser import parse
from pipec.syntax.source import Source
from pipec.syntax.tables import tables


class Formatted(Frozen):
    """What became of a text: the text laid out, or None with the faults for which it was left alone."""

    original: str
    text: str | None
    diagnostics: tuple[Diagnostic, ...]

    @property
    def is_changed(self) -> bool:
        return self.text is not None and self.text != self.original


def format_text(text: str, path: str = "stdin.pipe") -> Formatted:
    """Lay a file out anew. `path` is what the diagnostics of a file with syntax faults call it.

    The result says the same: it has the same tokens, but for commas before closing brackets, and the same comments
    between them. Its lines end with a bare newline, and it has no byte order mark.
    """
    source = Source(path, text)
    with without_garbage_collection():
        laid_out = _laid_out(source)
    if laid_out is None:
        diagnostics = Diagnostics()
        parse(source, diagnostics)
        if not diagnostics.has_errors:
            report_too_deep(source.span(0, 0), diagnostics)
        return Formatted(text, None, tuple(diagnostics.sorted()))
    if _material(laid_out) != _material(text):
        raise AssertionError("formatting changed more than blanks and commas")
    return Formatted(text, laid_out, ())


def _laid_out(source: Source) -> str | None:
    """The text laid out; None where it has a syntax fault, or nests too deep."""
    diagnostics = Diagnostics()
    report_foreign_bytes(source, diagnostics)
    tokens = tokenize(source, diagnostics)
    if diagnostics.has_errors:
        return None
    comments = Comments(source.text, tokens.items)
    callbacks = tables().callbacks(Grouping(comments))
    items = Machine(source, tokens.items, "file", callbacks).run()
    try:
        return None if items is None else StatementWriter(comments).file(items, tokens.items[-1].start)
    except RecursionError:  # the checker's limit of levels is far below
        return None


def _material(text: str) -> str:
    """What must not be changed, in whatever file and whatever there is to mend in this package."""
    return "".join(text.removeprefix("\ufeff").replace(",", " ").split())
