"""Quick fixes: the fix of one diagnostic, and all that `pipec check --fix` would mend."""

from __future__ import annotations

from collections.abc import Sequence

from lsprotocol import types as lsp

from pipec.api import load
from pipec.diagnostics.fixes import fixable, mend
from pipec.diagnostics.model import Diagnostic, Edit
from pipec.lsp.diagnostics import diagnostic_of, visible
from pipec.lsp.documents import Document, Documents

FIX_ALL = "Fix all that pipec can fix"


def code_actions(document: Document, start: int, end: int) -> list[lsp.CodeAction]:
    """The fixes of what was found between two offsets, and one that applies every fix, its edit still to come."""
    mendable = fixable(document.text, document.found)
    actions = [_quick_fix(document, one) for one in mendable if _is_at(one, start, end)]
    if mendable:
        actions.append(lsp.CodeAction(FIX_ALL, kind=lsp.CodeActionKind.SourceFixAll, data={"uri": document.uri}))
    return actions


def _is_at(one: Diagnostic, start: int, end: int) -> bool:
    span = visible(one.span)
    return span.start <= end and start <= span.end


def _quick_fix(document: Document, one: Diagnostic) -> lsp.CodeAction:
    title = one.fix.title if one.fix is not None else ""
    return lsp.CodeAction(
        title=title[:1].upper() + title[1:],
        kind=lsp.CodeActionKind.QuickFix,
        diagnostics=[diagnostic_of(document, one)],
        is_preferred=True,
        edit=lsp.WorkspaceEdit(changes={document.uri: _edits(document, one.fix.edits if one.fix is not None else ())}),
    )


def _edits(document: Document, edits: Sequence[Edit]) -> list[lsp.TextEdit]:
    ordered = sorted(edits, key=lambda edit: edit.span.start)
    return [lsp.TextEdit(document.positions.range_of(edit.span), edit.replacement) for edit in ordered]


def fix_all(document: Document, documents: Documents) -> lsp.WorkspaceEdit:
    """The edit that applies all fixes, checked again after each round."""
    overlay = documents.texts()
    mended = mend(document.text, lambda text: document.check(load(document.path, text=text, overlay=overlay)))
    edit = document.replacement(mended.text)
    return lsp.WorkspaceEdit(changes={document.uri: [] if edit is None else [edit]})
