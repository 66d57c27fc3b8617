"""Renaming: every place of a name at once, or a refusal that says why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from lsprotocol import types as lsp

from pipec.api import load
from pipec.diagnostics.model import Diagnostic, Diagnostics
from pipec.lsp.documents import Document, Documents
from pipec.lsp.index import Definition, Occurrence
from pipec.lsp.indexing import build_index
from pipec.lsp.navigation import everywhere
from pipec.semantics.definitions import check_name
from pipec.semantics.symbols import TypeSymbol
from pipec.syntax import tree
from pipec.syntax.source import Source
from pipec.syntax.tokens import RESERVED

_KNOWN_TO_CODE = {
    "input": "an input is known to the code of its task by this name: rename it there and here by hand",
    "output": "an output is known to the code of its task by this name: rename it there and here by hand",
    "own parameter": "a component's parameter is known to the code of its tasks by this name: rename it there "
    "and here by hand",
}  # fmt: skip


class CannotRenameError(Exception):
    """A name that cannot be changed, or not to this; the message says why."""


def renamable(document: Document, offset: int) -> Occurrence:
    """The name under the cursor. Raises CannotRenameError where there is none that can be renamed."""
    occurrence = document.index.at(offset)
    if occurrence is None:
        raise CannotRenameError("there is no name of this file here")
    reason = _KNOWN_TO_CODE.get(occurrence.definition.kind)
    if reason is not None:
        raise CannotRenameError(reason)
    return occurrence


def rename(
    document: Document, offset: int, new_name: str, documents: Documents, folders: list[Path]
) -> lsp.WorkspaceEdit:
    """The edits, in all files, that give the name under the cursor another name. Raises CannotRenameError."""
    definition = renamable(document, offset).definition
    _check_spelling(definition, new_name)
    places: dict[str, tuple[Document, list[Occurrence]]] = {}
    for other, occurrence in everywhere(document, definition, documents, folders):
        places.setdefault(other.uri, (other, []))[1].append(occurrence)
    changed = {other.path: _applied(other, found, new_name) for other, found in places.values()}
    for other, found in places.values():
        _check_result(other, found, definition, new_name, documents.texts() | changed)
    return lsp.WorkspaceEdit(
        changes={
            uri: [lsp.TextEdit(other.positions.range_of(one.span), _written(one, new_name)) for one in found]
            for uri, (other, found) in places.items()
        }
    )


def _check_spelling(definition: Definition, new_name: str) -> None:
    if new_name in RESERVED:
        raise CannotRenameError(f"`{new_name}` is a reserved word")
    found = Diagnostics()
    source = Source("name", new_name)
    if not (isinstance(definition.symbol, TypeSymbol) and new_name.isidentifier() and new_name.isascii()):
        check_name(tree.Name(source.span(0, len(new_name)), new_name), found)
    if found.found:
        raise CannotRenameError(f"{found.found[0].message}: {found.found[0].help}")


def _written(occurrence: Occurrence, new_name: str) -> str:
    """What stands at a place afterwards: an input keeps its name where only its value gets another one."""
    return f"{occurrence.span.text} = {new_name}" if occurrence.shorthand else new_name


def _applied(document: Document, found: Iterable[Occurrence], new_name: str) -> str:
    text = document.text
    for one in sorted(found, key=lambda one: one.span.start, reverse=True):
        text = text[: one.span.start] + _written(one, new_name) + text[one.span.end :]
    return text


def _check_result(
    document: Document,
    found: list[Occurrence],
    definition: Definition,
    new_name: str,
    texts: dict[Path, str],
) -> None:
    """Holds the renamed file against the file as it is: no further error, and the name means the same everywhere."""
    after = load(document.path, text=texts[document.path], overlay=texts)
    fresh = _further(document.found, document.check(after))
    if fresh is not None:
        raise CannotRenameError(f"`{definition.name}` cannot be called `{new_name}`: {fresh.message}")
    occurrences = build_index(after.main).occurrences if after.main is not None else []
    moved = _moved(found, new_name)
    meant = {one.definition for one in occurrences if one.span.start in moved}
    same = [one for one in occurrences if one.definition in meant]
    if len(meant) > 1 or len(same) != len(found):
        raise CannotRenameError(f"`{new_name}` already stands for something else where `{definition.name}` is used")


def _moved(found: list[Occurrence], new_name: str) -> set[int]:
    """Where the places of a name begin after the rename."""
    starts: set[int] = set()
    shift = 0
    for one in sorted(found, key=lambda one: one.span.start):
        written = _written(one, new_name)
        starts.add(one.span.start + shift + len(written) - len(new_name))
        shift += len(written) - (one.span.end - one.span.start)
    return starts


def _further(before: Iterable[Diagnostic], after: Iterable[Diagnostic]) -> Diagnostic | None:
    """The first error whose code is found more often than before."""
    seen = Counter(one.code for one in before)
    for one in after:
        seen[one.code] -= 1
        if seen[one.code] < 0 and one.severity == "error":
            return one
    return None
