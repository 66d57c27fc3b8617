"""Where the name under the cursor is declared and used."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from lsprotocol import types as lsp

from pipec.lsp.diagnostics import location_of
from pipec.lsp.documents import Document, Documents, uri_of
from pipec.lsp.index import Definition, Occurrence
from pipec.syntax import tree

SHARED = frozenset({"component", "pipeline", "type", "const", "output", "parameter", "own parameter"})
"""What other files may name when they import this one."""


def definition(document: Document, offset: int) -> lsp.Location | None:
    """Where the name is declared; of the path of an import, the file."""
    occurrence = document.index.at(offset)
    if occurrence is not None:
        return location_of(document, occurrence.definition.span)
    path = _import_path(document, offset)
    return lsp.Location(uri_of(path), lsp.Range(lsp.Position(0, 0), lsp.Position(0, 0))) if path is not None else None


def _import_path(document: Document, offset: int) -> Path | None:
    """The file that the import path under the cursor names, if it is there."""
    for item in document.module.file.items if document.module is not None else ():
        if isinstance(item, tree.Import) and item.path.span.start <= offset <= item.path.span.end and item.path.plain:
            path = Path(os.path.normpath(document.path.parent / item.path.plain))
            return path if path.is_file() else None
    return None


def highlights(document: Document, offset: int) -> list[lsp.DocumentHighlight]:
    """Every place in the document where the name stands."""
    occurrence = document.index.at(offset)
    if occurrence is None:
        return []
    return [
        lsp.DocumentHighlight(
            document.positions.range_of(one.span),
            lsp.DocumentHighlightKind.Write if one.declares else lsp.DocumentHighlightKind.Read,
        )
        for one in _in_order(occurrence.definition)
    ]


def references(
    document: Document, offset: int, documents: Documents, folders: list[Path], *, with_declaration: bool
) -> list[lsp.Location]:
    """Every place where the name stands, in this file and in those that import it."""
    occurrence = document.index.at(offset)
    if occurrence is None:
        return []
    return [
        lsp.Location(other.uri, other.positions.range_of(one.span))
        for other, one in everywhere(document, occurrence.definition, documents, folders)
        if with_declaration or not one.declares
    ]


def everywhere(
    document: Document, definition: Definition, documents: Documents, folders: list[Path]
) -> Iterator[tuple[Document, Occurrence]]:
    """The places where a name stands, with the document of each: first this one, then others by their paths."""
    yield from ((document, one) for one in _in_order(definition))
    if definition.kind not in SHARED:
        return
    home = document.uri_of_source(definition.span.source)
    for other in _others(document, definition.name, documents, folders):
        for found in {one.definition for one in other.index.occurrences}:
            same = found.name == definition.name and found.span.start == definition.span.start
            if same and other.uri_of_source(found.span.source) == home:
                yield from ((other, one) for one in _in_order(found))


def _in_order(definition: Definition) -> list[Occurrence]:
    return sorted(definition.occurrences, key=lambda one: one.span.start)


def _others(document: Document, name: str, documents: Documents, folders: list[Path]) -> Iterator[Document]:
    """Other files of the project whose text has the name in it."""
    paths = {path for folder in folders for path in pipe_files(folder)}
    paths |= {one.path for one in documents.open.values()} | document.reads
    by_path = {one.path: one for one in documents.open.values()}
    for path in sorted(paths - {document.path}):
        other = by_path.get(path) or documents.get(uri_of(path))
        if other is not None and name in other.text:
            yield other


def pipe_files(folder: Path) -> Iterator[Path]:
    """The `.pipe` files of a folder and those below, hidden ones left out."""
    for current, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(current) / name for name in sorted(names) if name.endswith(".pipe"))
