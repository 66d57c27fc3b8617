"""Diagnostics of a check in the words of the protocol."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import PurePath

from lsprotocol import types as lsp

from pipec.diagnostics.model import Diagnostic
from pipec.lsp.documents import Document
from pipec.lsp.positions import Positions
from pipec.syntax import tree
from pipec.syntax.source import Source, Span

_SEVERITIES = {"error": lsp.DiagnosticSeverity.Error, "warning": lsp.DiagnosticSeverity.Warning}
_UNUSED = frozenset({"L001", "L150", "L151", "L152", "L153"})
"""Codes that say something is not used: editors show it faded."""


def published(document: Document, found: Iterable[Diagnostic]) -> list[lsp.Diagnostic]:
    """Diagnostics for one document. Those of imported files stand at the import, with where they really are."""
    shown: list[lsp.Diagnostic] = []
    elsewhere: dict[Source, list[Diagnostic]] = {}
    for one in found:
        if one.span.source.text is document.source.text and document.uri_of_source(one.span.source) == document.uri:
            shown.append(diagnostic_of(document, one))
        elif one.severity == "error":
            elsewhere.setdefault(one.span.source, []).append(one)
    for source, faults in elsewhere.items():
        shown.append(_at_import(document, source, faults))
    return shown


def diagnostic_of(document: Document, one: Diagnostic) -> lsp.Diagnostic:
    """One diagnostic of the document's own text."""
    return lsp.Diagnostic(
        range=document.positions.range_of(visible(one.span)),
        message=_message(one),
        severity=_SEVERITIES[one.severity],
        code=one.code,
        source="pipec",
        tags=[lsp.DiagnosticTag.Unnecessary] if one.code in _UNUSED else None,
        related_information=_related(document, one) or None,
    )


def visible(span: Span) -> Span:
    """The span, of at least one character where there is one on its line: editors show nothing for an empty one."""
    text = span.source.text
    if span.start < span.end:
        return span
    if span.end < len(text) and text[span.end] not in "\r\n":
        return Span(span.source, span.start, span.end + 1)
    if span.start > 0 and text[span.start - 1] not in "\r\n":
        return Span(span.source, span.start - 1, span.end)
    return span


def _message(one: Diagnostic) -> str:
    """The message with the notes and the help below it."""
    label = f": {one.label}" if one.label and one.label not in one.message else ""
    lines = [one.message + label, *(f"note: {note}" for note in one.notes)]
    return "\n".join([*lines, f"help: {one.help}"] if one.help else lines)


def _related(document: Document, one: Diagnostic) -> list[lsp.DiagnosticRelatedInformation]:
    located = [(location_of(document, label.span), label.message) for label in one.labels]
    return [
        lsp.DiagnosticRelatedInformation(location=location, message=message)
        for location, message in located
        if location is not None
    ]


def _at_import(document: Document, source: Source, faults: Sequence[Diagnostic]) -> lsp.Diagnostic:
    """One diagnostic for the errors of another file, at the import that brings it in."""
    first = faults[0]
    name = PurePath(source.path).name
    others = f", and {len(faults) - 1} more" if len(faults) > 1 else ""
    place = _import_of(document, source)
    location = location_of(document, first.span)
    related = [lsp.DiagnosticRelatedInformation(location, first.message)] if location is not None else None
    return lsp.Diagnostic(
        range=document.positions.range_of(place),
        message=f"`{name}` has errors: {first.message}{others}",
        severity=lsp.DiagnosticSeverity.Error,
        code=first.code,
        source="pipec",
        related_information=related,
    )


def _import_of(document: Document, source: Source) -> Span:
    """The path of the import of a file; of one that is imported by others, the first import."""
    module = document.module
    imports = [item for item in module.file.items if isinstance(item, tree.Import)] if module is not None else []
    for item in imports:
        symbol = module.scope.names.get(item.alias.text) if module is not None else None
        imported = getattr(symbol, "module", None)
        if imported is not None and imported.source is source:
            return item.path.span
    return imports[0].path.span if imports else Span(document.source, 0, 0)


def location_of(document: Document, span: Span) -> lsp.Location | None:
    """Where a span lies that a check of this document speaks of; None for one of no file."""
    uri = document.uri_of_source(span.source)
    if uri is None:
        return None
    if uri == document.uri:
        return lsp.Location(uri, document.positions.range_of(span))
    return lsp.Location(uri, Positions(span.source.text, document.positions.codec).range_of(span))
