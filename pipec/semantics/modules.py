"""Files and what they import: read, parsed once each, acyclic; what each defines at its top level."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pipec.diagnostics.model import Diagnostics
from pipec.hashing import sha256
from pipec.ir.base import Location
from pipec.semantics.constants import define_constants
from pipec.semantics.definitions import define
from pipec.semantics.ordering import in_dependency_order, type_names_in
from pipec.semantics.symbols import (
    ComponentSymbol,
    ImportSymbol,
    PipelineSymbol,
    Scope,
    Symbol,
    TypeSymbol,
)
from pipec.semantics.written_types import resolve_type
from pipec.syntax import tree
from pipec.syntax.parser import read
from pipec.syntax.reading import NoTextError, read_source
from pipec.syntax.resuming import Reading, take_over
from pipec.syntax.source import Source, Span


@dataclass(eq=False)
class Module:
    """One parsed file; `name` is its path relative to the folder of the compiled file, in POSIX form."""

    path: Path
    name: str
    reading: Reading
    file: tree.File
    scope: Scope = field(default_factory=Scope)

    @property
    def source(self) -> Source:
        return self.reading.source


@dataclass(eq=False, repr=False)
class Loader:
    """Reads a file and everything it imports. `constants` replaces values of the main file's consts (`-D`).

    `overlay` holds texts that stand for the content of imported files, by absolute path.
    """

    folder: Path
    diagnostics: Diagnostics
    constants: Mapping[str, str] = field(default_factory=dict)
    overlay: Mapping[Path, str] = field(default_factory=dict)
    modules: dict[Path, Module] = field(default_factory=dict)
    names: dict[Source, str] = field(default_factory=dict)
    """The name of each module by its source."""
    by_lines: bool = False
    """Whether line ends tell keywords from names; see `is_misread`."""
    resumable: bool = False
    """Whether the next version of a text may take over what this one is read as."""
    doubtful: set[tuple[Source, int]] = field(default_factory=set)

    @property
    def is_misread(self) -> bool:
        """Whether something is said of a name that looks like the keyword of a statement: lines tell what it is."""
        return bool(self.doubtful) and any(
            (one.span.source, one.span.start) in self.doubtful for one in self.diagnostics.found
        )

    def load_text(
        self,
        path: Path,
        shown: str,
        text: str,
        open_files: tuple[Path, ...] = (),
        *,
        earlier: Reading | None = None,
    ) -> Module | None:
        """The module of a text, None where nothing of it could be parsed.

        `earlier` is what a former version of it was read as; it is not to be used any more.
        """
        prefix = take_over(earlier, text) if earlier is not None else None
        source = earlier.source if earlier is not None and prefix is not None else Source(shown, text)
        reading = read(source, self.diagnostics, by_lines=self.by_lines, resumable=self.resumable, earlier=prefix)
        if reading.file is None:
            return None
        name = Path(os.path.relpath(path, self.folder)).as_posix()
        module = Module(path, name, reading, reading.file)
        self.modules[path] = module
        self.names[source] = name
        self.doubtful |= {(source, offset) for offset in reading.doubtful}
        self._define(module, (*open_files, path))
        return module

    def location(self, span: Span) -> Location:
        """A span as the IR says it."""
        return location(span, self.names[span.source])

    def digest(self) -> str:
        """SHA-256 of all texts, in the order of their names."""
        hasher = sha256()
        for module in sorted(self.modules.values(), key=lambda module: module.name):
            for part in (module.name, module.source.text):
                hasher.update(part.encode("utf-8", "surrogatepass") + b"\0")
        for name in sorted(self.constants):
            hasher.update(f"{name}={self.constants[name]}\0".encode("utf-8", "surrogatepass"))
        return str(hasher.hexdigest())

    def _define(self, module: Module, open_files: tuple[Path, ...]) -> None:
        """Enters what a file defines: imports first, then types and consts in the order they need each other."""
        items = module.file.items
        for item in items:
            if isinstance(item, tree.Import):
                self._add(module, item.alias, self._import(module, item, open_files))
        aliases = [item for item in items if isinstance(item, tree.TypeAlias)]
        ordered, circular = in_dependency_order(aliases, lambda item: type_names_in(item.type))
        for item in circular:
            self.diagnostics.error("P0208", f"type `{item.name.text}` is defined by itself", item.name.span)
            self._add(module, item.name, TypeSymbol(None, item.name.span))
        for item in ordered:
            type = resolve_type(item.type, module.scope, self.diagnostics)
            self._add(module, item.name, TypeSymbol(type, item.name.span))
        consts = [item for item in items if isinstance(item, tree.Const)]
        given = self.constants if len(open_files) == 1 else {}
        define_constants(consts, module.scope, self.diagnostics, given)
        for item in items:
            match item:
                case tree.Component():
                    self._add(module, item.name, ComponentSymbol(item, module, item.name.span))
                case tree.Pipeline():
                    self._add(module, item.name, PipelineSymbol(item, module, item.name.span))

    def _add(self, module: Module, name: tree.Name, symbol: Symbol) -> None:
        define(module.scope, name, symbol, self.diagnostics)

    def _import(self, module: Module, item: tree.Import, open_files: tuple[Path, ...]) -> ImportSymbol:
        written = item.path.plain
        if written is None:
            self.diagnostics.error("P0304", "the path of an import must be plain text", item.path.span)
            return ImportSymbol(None, item.alias.span)
        path = Path(os.path.normpath(module.path.parent / written))
        if path in open_files:
            circle = [Path(os.path.relpath(file, self.folder)).as_posix() for file in open_files]
            circle = [*circle[open_files.index(path) :], Path(os.path.relpath(path, self.folder)).as_posix()]
            self.diagnostics.error("P0104", f"files import each other: {' -> '.join(circle)}", item.path.span)
            return ImportSymbol(None, item.alias.span)
        if path in self.modules:
            return ImportSymbol(self.modules[path], item.alias.span)
        try:
            text = self.overlay[path] if path in self.overlay else read_source(path)
        except (OSError, ValueError, NoTextError) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            self.diagnostics.error(
                "P0103",
                f"`{written}` cannot be read: {reason}",
                item.path.span,
                help="paths are relative to the importing file",
            )
            return ImportSymbol(None, item.alias.span)
        shown = Path(os.path.normpath(Path(module.source.path).parent / written)).as_posix()
        return ImportSymbol(self.load_text(path, shown, text, open_files), item.alias.span)


def location(span: Span, file: str) -> Location:
    """A span in a file of this name, as the IR says it."""
    line, column = span.source.position(span.start)
    if "\n" in span.text:
        end_line, end_column = span.source.position(span.end)
    else:  # as it is nearly always
        end_line, end_column = line, column + span.end - span.start
    return Location(
        file=file,
        start=span.start,
        end=span.end,
        line=line,
        column=column,
        end_line=end_line,
        end_column=end_column,
    )
