"""The texts that editors hold open, and what is known of each: worked out once for each version, when asked for."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from threading import RLock

from lsprotocol import types as lsp
from pygls.uris import from_fs_path, to_fs_path
from pygls.workspace import PositionCodec

from pipec.api import Loaded, check, load
from pipec.diagnostics.model import Diagnostic
from pipec.lsp.index import Index
from pipec.lsp.indexing import build_index
from pipec.lsp.positions import Positions
from pipec.lsp.targets import known_targets
from pipec.semantics.modules import Module
from pipec.semantics.symbols import ImportSymbol
from pipec.settings import settings_for
from pipec.syntax import tree
from pipec.syntax.resuming import Reading
from pipec.syntax.source import Source


def path_of(uri: str) -> Path:
    """Where a document lies; one that is not on this machine, or nowhere yet, is taken for one of this folder."""
    found = to_fs_path(uri) if uri.startswith("file:") else None
    return Path(os.path.abspath(found or uri.rpartition("/")[2].rpartition(":")[2] or "untitled.pipe"))


def uri_of(path: Path) -> str:
    return from_fs_path(str(path)) or path.as_uri()


class Document:
    """One version of a text. A further version is another document: what was worked out of one stays true of it.

    `version` is None for a file that no editor holds open. `overlay` gives the texts of the open files by their paths.
    `previous` is the version before: what it was read as is taken over, unless somebody is just at work on it.
    """

    def __init__(
        self,
        uri: str,
        version: int | None,
        text: str,
        codec: PositionCodec,
        overlay: Callable[[], Mapping[Path, str]],
        previous: Document | None = None,
    ) -> None:
        self.uri = uri
        self.path = path_of(uri)
        self.version = version
        self.text = text
        self.positions = Positions(text, codec)
        self._overlay = overlay
        self._previous = previous
        self._lock = RLock()

    @property
    def loaded(self) -> Loaded:
        """What the stages of a check make of the text."""
        with self._lock:
            return self._loaded

    @cached_property
    def _loaded(self) -> Loaded:
        earlier: Reading | None = None
        while earlier is None and self._previous is not None:
            earlier, self._previous = self._previous.hand_over()
        self._previous = None
        return load(self.path, text=self.text, overlay=self._overlay(), earlier=earlier, resumable=True)

    @property
    def found(self) -> list[Diagnostic]:
        """What a check finds in the text and in what it imports, by the settings of its project."""
        with self._lock:
            return self._found

    @cached_property
    def _found(self) -> list[Diagnostic]:
        return self.check(self.loaded)

    def check(self, loaded: Loaded) -> list[Diagnostic]:
        """What a check finds, by the settings for this file."""
        settings = settings_for(self.path)
        known = known_targets()
        wanted = known if "all" in settings.targets else [name for name in settings.targets if name in known]
        return check(loaded, wanted, settings=settings)

    @property
    def module(self) -> Module | None:
        """The tree and what it defines; None where nothing of the text could be understood."""
        return self.loaded.main

    @property
    def source(self) -> Source:
        return self.module.source if self.module is not None else self._own_source

    @cached_property
    def _own_source(self) -> Source:
        return Source(str(self.path), self.text)

    @property
    def index(self) -> Index:
        """Where its names are declared and used."""
        with self._lock:
            return self._index

    @cached_property
    def _index(self) -> Index:
        return Index((), ()) if self.module is None else build_index(self.module)

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """While somebody is at work on this version it is not handed over to the next."""
        with self._lock:
            yield

    def hand_over(self) -> tuple[Reading | None, Document | None]:
        """What this version was read as, and then no longer is; where it was not read, the version before it."""
        if not self._lock.acquire(blocking=False):
            return None, None
        try:
            if "_loaded" not in self.__dict__:
                return None, self._previous
            main = self._loaded.main
            self.take_apart()
            return main.reading if main is not None else None, None
        finally:
            self._lock.release()

    def take_apart(self) -> None:
        """Frees the memory of a version that nobody asks for any more: much of what is known of it is in circles."""
        with self._lock:
            modules = [self._loaded.main] if "_loaded" in self.__dict__ else []
            while modules:
                module = modules.pop()
                symbols = list(module.scope.names.values()) if module is not None else []
                modules += [symbol.module for symbol in symbols if isinstance(symbol, ImportSymbol)]
                if module is not None:
                    module.scope.names.clear()
            if "_index" in self.__dict__:
                self._index.take_apart()
            self.__dict__.pop("_loaded", None)
            self.__dict__.pop("_index", None)
            self.__dict__.pop("_found", None)

    @cached_property
    def reads(self) -> frozenset[Path]:
        """The files that it was made of or names as imports, itself included, as absolute paths."""
        folder = self.loaded.folder
        paths = {Path(os.path.normpath(folder / name)) for name in self.loaded.sources}
        for item in self.module.file.items if self.module is not None else ():
            if isinstance(item, tree.Import) and item.path.plain is not None:
                paths.add(Path(os.path.normpath(folder / item.path.plain)))
        return frozenset({*paths, self.path})

    def replacement(self, text: str) -> lsp.TextEdit | None:
        """The edit that makes this text another one, of no more than the lines that change; None where they are equal.

        Cursors in the lines before and behind stay where they are.
        """
        old, length = self.text, min(len(self.text), len(text))
        if old == text:
            return None
        first = next((place for place in range(length) if old[place] != text[place]), length)
        first = old.rfind("\n", 0, first) + 1
        tail = next((count for count in range(length - first) if old[-1 - count] != text[-1 - count]), length - first)
        return lsp.TextEdit(self.positions.range(first, len(old) - tail), text[first : len(text) - tail])

    def uri_of_source(self, source: Source) -> str | None:
        """Where a source that was read for this document lies."""
        if self.module is not None and source is self.module.source:
            return self.uri
        for name, other in self.loaded.sources.items():
            if other is source:
                return uri_of(Path(os.path.normpath(self.loaded.folder / name)))
        return None


class Documents:
    """The open documents by URI. `codec` counts columns as the client does."""

    def __init__(self) -> None:
        self.codec = PositionCodec()
        self.open: dict[str, Document] = {}
        self.overtaken: list[Document] = []
        """Versions that are no longer open, to be taken apart when nobody is at work on them."""

    def put(self, uri: str, version: int, text: str) -> Document:
        """Takes a new version of a text."""
        previous = self.open.get(uri)
        if previous is not None:
            self.overtaken.append(previous)
        document = self.open[uri] = self._document(uri, version, text, previous)
        return document

    def remove(self, uri: str) -> None:
        if uri in self.open:
            self.overtaken.append(self.open.pop(uri))

    def get(self, uri: str) -> Document | None:
        """The document, read from its file where it is not open; None where it cannot be read."""
        return self.open.get(uri) or self._from_file(uri)

    def renew(self, path: Path | None = None) -> list[Document]:
        """Forgets what is known of open documents that read this file, or of all; gives them, itself left out."""
        renewed = []
        for uri, document in list(self.open.items()):
            if document.version is not None and (path is None or (path != document.path and path in document.reads)):
                renewed.append(self.put(uri, document.version, document.text))
        return renewed

    def texts(self) -> dict[Path, str]:
        """The texts of the open documents by path."""
        return {document.path: document.text for document in self.open.values()}

    def _document(self, uri: str, version: int | None, text: str, previous: Document | None = None) -> Document:
        return Document(uri, version, text, self.codec, self.texts, previous)

    def _from_file(self, uri: str) -> Document | None:
        try:
            text = path_of(uri).read_bytes().decode("utf-8-sig")
        except (OSError, ValueError):
            return None
        return self._document(uri, None, text)
