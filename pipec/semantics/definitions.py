"""Entering names into scopes: each name well formed and defined once."""

from __future__ import annotations

import re

from pipec.diagnostics.model import Diagnostics, Label
from pipec.semantics.symbols import Scope, Symbol, TypeSymbol
from pipec.syntax import tree
from pipec.syntax.source import Span

_NAME = re.compile(r"[a-z][a-z0-9_]*\Z")
_TYPE_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*\Z")


def define(scope: Scope, name: tree.Name, symbol: Symbol, diagnostics: Diagnostics) -> None:
    """Enters a name into a scope; a second definition is reported and the first one stays.

    Types may have capitals: they are no names on engines.
    """
    if not isinstance(symbol, TypeSymbol) or not _TYPE_NAME.match(name.text):
        check_name(name, diagnostics)
    earlier = scope.names.get(name.text)
    if earlier is not None:
        report_duplicate(name, earlier.span, diagnostics)
        return
    scope.names[name.text] = symbol


def report_duplicate(name: tree.Name, other: Span, diagnostics: Diagnostics) -> None:
    """Reports two definitions of a name, at the one that stands later."""
    earlier, later = sorted((other, name.span), key=lambda span: span.start)
    diagnostics.error(
        "P0102",
        f"`{name.text}` is defined twice",
        later,
        labels=(Label(earlier, "first defined here"),),
        help="give one of them another name",
    )


def check_name(name: tree.Name, diagnostics: Diagnostics) -> None:
    """Names are `[a-z][a-z0-9_]*`."""
    if _NAME.match(name.text):
        return
    diagnostics.error(
        "P0107",
        f"`{name.text}` cannot be a name",
        name.span,
        help="names are small letters, digits and `_`, starting with a letter",
    )
