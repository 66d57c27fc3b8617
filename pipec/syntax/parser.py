"""From a source to its tree, with every syntax fault of the file reported in one run."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pipec.collection import without_garbage_collection
from pipec.diagnostics.model import Diagnostics
from pipec.syntax import tree
from pipec.syntax.builder import TreeBuilder
from pipec.syntax.depth import too_deep
from pipec.syntax.lexer import Tokens, tokenize, tokenize_further
from pipec.syntax.lexical_faults import NESTING_LIMIT, report_foreign_bytes, report_too_deep
from pipec.syntax.machine import Machine
from pipec.syntax.recovery import Recovery
from pipec.syntax.resuming import Prefix, Reading, skip
from pipec.syntax.source import Source, Span
from pipec.syntax.tables import Callback, tables

INTERPOLATION_LIMIT = 10


def parse(source: Source, diagnostics: Diagnostics) -> tree.File | None:
    """The tree of a file. Faults go to `diagnostics`; the tree then holds what could be understood.

    None where nothing could: that is a file that nests beyond all measure.
    """
    return read(source, diagnostics).file


def read(
    source: Source,
    diagnostics: Diagnostics,
    *,
    by_lines: bool = False,
    resumable: bool = False,
    earlier: Prefix | None = None,
) -> Reading:
    """A file as its tree, and where it is `resumable` all that the next version of it may take over.

    With `by_lines` names that look like the keyword of a statement are keywords, which is for files that are wrong
    otherwise. `earlier` is what was taken over of a version before.
    """
    with without_garbage_collection():
        known = len(diagnostics.found)
        if not source.text.isascii():
            report_foreign_bytes(source, diagnostics)
        parser = _Parser(source, diagnostics, by_lines)
        parser.keeps_tokens = resumable and not by_lines
        tree_or_none = parser.parse_file(earlier)
        parser.callbacks = None  # they know the parser: without that circle its memory is free at once
        sound_until = 0
        if parser.keeps_tokens and not parser.is_begun_anew:
            places = [one.span for one in diagnostics.found[known:] if one.span.source is source] + parser.damaged
            sound_until = min([len(source.text), *(place.start for place in places)])
        file = tree_or_none if isinstance(tree_or_none, tree.File) else None
        if file is not None and not _within_limit(file, diagnostics):
            file = None
        if file is not None and parser.damaged:
            file = tree.File(file.span, file.items, tuple(parser.damaged), tuple(parser.nameless))
        return Reading(source, file, parser.lexed if sound_until else Tokens(), sound_until, parser.doubtful)


def parse_expression(source: Source, diagnostics: Diagnostics) -> tree.Expression | None:
    """The tree of a source that is one expression, such as a value on the command line; None where it has a fault."""
    own = Diagnostics()
    with without_garbage_collection():
        expression = _Parser(source, own).parse("expression", 0, len(source.text))
    diagnostics.found += own.found
    if own.has_errors or not isinstance(expression, tree.Expression):
        return None
    return expression if _within_limit(expression, diagnostics) else None


class _Parser:
    """Parses one source, and the `${…}` in its strings with the same callbacks: making those takes a while."""

    def __init__(self, source: Source, diagnostics: Diagnostics, by_lines: bool = False) -> None:
        self.source = source
        self.by_lines = by_lines
        self.diagnostics = diagnostics
        self.callbacks: list[Callback] | None = None
        self.damaged: list[Span] = []
        self.nameless: list[int] = []
        self.doubtful: set[int] = set()
        self.lexed = Tokens()
        self.keeps_tokens = False
        self.is_begun_anew = False
        self.level = 0
        """How many strings deep the parser is."""

    def parse_file(self, earlier: Prefix | None) -> Any:
        """The tree of the whole source; None where there is none."""
        if earlier is None:
            tokens = tokenize(self.source, self.diagnostics)
        else:
            tokens = earlier.tokens
            tokenize_further(self.source, self.diagnostics, tokens, earlier.end)
        if self.keeps_tokens:
            self.lexed = replace(tokens, items=tokens.items.copy())
        return self._parse("file", tokens, earlier)

    def parse(self, start: str, first: int, last: int) -> Any:
        """The tree of the characters `first` up to `last`; None where there is none."""
        return self._parse(start, tokenize(self.source, self.diagnostics, first, last), None)

    def _parse(self, start: str, tokens: Tokens, earlier: Prefix | None) -> Any:
        if tokens.too_deep:
            return None
        if self.callbacks is None:
            self.callbacks = tables().callbacks(TreeBuilder(self.source, self.diagnostics, tokens, self.fragment))
        machine = Machine(self.source, tokens.items, start, self.callbacks)
        machine.by_lines = self.by_lines
        if earlier is not None:
            skip(machine, earlier)
        recovery = Recovery(machine, self.diagnostics)
        while (value := machine.run()) is None:
            if not recovery.recover():
                break
        self.is_begun_anew |= machine.begins > 1
        self.doubtful |= machine.doubtful
        self.damaged += recovery.damage.spans
        self.nameless += recovery.damage.nameless
        return value

    def fragment(self, first: int, last: int) -> tree.Expression:
        """The expression of a `${…}` in a string."""
        span = Span(self.source, first, last)
        if not span.text.strip():
            whole = Span(self.source, first - len("${"), last + len("}"))
            self.diagnostics.error("P0009", "`${}` holds no expression", whole, help="a literal `${` is written `$${`")
            return tree.Missing(span)
        if self.level == INTERPOLATION_LIMIT:
            report_too_deep(span, self.diagnostics)
            return tree.Missing(span)
        self.level += 1
        expression = self.parse("expression", first, last)
        self.level -= 1
        return expression if isinstance(expression, tree.Expression) else tree.Missing(span)


def _within_limit(root: tree.Node, diagnostics: Diagnostics) -> bool:
    deep = too_deep(root, NESTING_LIMIT)
    if deep is not None:
        report_too_deep(deep.span, diagnostics)
    return deep is None
