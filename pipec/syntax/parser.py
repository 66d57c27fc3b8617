"""From a source to its tree, with every syntax fault of the file reported in one run."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pipec.diagnostics.model import Diagnostics
from pipec.syntax import tree
from pipec.syntax.builder import TreeBuilder
from pipec.syntax.depth import too_deep
from pipec.syntax.lexer import NESTING_LIMIT, report_too_deep, tokenize
from pipec.syntax.machine import Machine
from pipec.syntax.recovery import Recovery
from pipec.syntax.source import Source, Span

INTERPOLATION_LIMIT = 10


def parse(source: Source, diagnostics: Diagnostics) -> tree.File | None:
    """The tree of a file. Faults go to `diagnostics`; the tree then holds what could be understood.

    None where nothing could: that is a file that nests beyond all measure.
    """
    with _without_garbage_collection():
        file = _parse(source, diagnostics, "file", 0, len(source.text), 0)
        return file if isinstance(file, tree.File) and _within_limit(file, diagnostics) else None


def parse_expression(source: Source, diagnostics: Diagnostics) -> tree.Expression | None:
    """The tree of a source that is one expression, such as a value on the command line; None where it has a fault."""
    own = Diagnostics()
    with _without_garbage_collection():
        expression = _parse(source, own, "expression", 0, len(source.text), 0)
    diagnostics.found += own.found
    if own.has_errors or not isinstance(expression, tree.Expression):
        return None
    return expression if _within_limit(expression, diagnostics) else None


def _parse(source: Source, diagnostics: Diagnostics, start: str, first: int, last: int, level: int) -> Any:
    """The tree of the characters `first` up to `last`, `level` strings deep; None where there is none."""

    def parse_fragment(fragment_start: int, fragment_end: int) -> tree.Expression:
        return _fragment(source, diagnostics, fragment_start, fragment_end, level + 1)

    tokens = tokenize(source, diagnostics, first, last)
    if tokens.too_deep:
        return None
    machine = Machine(source, tokens.items, start, TreeBuilder(source, diagnostics, tokens, parse_fragment))
    recovery = Recovery(machine, diagnostics)
    while (value := machine.run()) is None:
        if not recovery.recover():
            return None
    return value


def _fragment(source: Source, diagnostics: Diagnostics, first: int, last: int, level: int) -> tree.Expression:
    """The expression of a `${…}` in a string."""
    span = Span(source, first, last)
    if not span.text.strip():
        whole = Span(source, first - len("${"), last + len("}"))
        diagnostics.error("P0009", "`${}` holds no expression", whole, help="a literal `${` is written `$${`")
        return tree.Missing(span)
    if level > INTERPOLATION_LIMIT:
        report_too_deep(span, diagnostics)
        return tree.Missing(span)
    expression = _parse(source, diagnostics, "expression", first, last, level)
    return expression if isinstance(expression, tree.Expression) else tree.Missing(span)


def _within_limit(root: tree.Node, diagnostics: Diagnostics) -> bool:
    deep = too_deep(root, NESTING_LIMIT)
    if deep is not None:
        report_too_deep(deep.span, diagnostics)
    return deep is None


@contextmanager
def _without_garbage_collection() -> Iterator[None]:
    """Parsing makes many objects and no garbage to collect: without the collector it takes half as long."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
