"""Python modules as they are written: found as a task would find them, parsed, never imported."""

from __future__ import annotations

import ast
import os
import stat
import sys
import warnings
from collections.abc import Sequence
from functools import cached_property
from importlib.machinery import ModuleSpec
from importlib.util import decode_source
from pathlib import Path

from pipec.frozen import Frozen
from pipec.references.bindings import Bindings, bindings_of
from pipec.references.finding import find_module
from pipec.syntax.source import Source, Span


class PythonModule(Frozen, by_identity=True):
    """A parsed module. `is_package` says that its names may also be submodules, found in the folder of `path`."""

    name: str
    path: Path
    shown: str
    """The path as a person is shown it."""
    content: bytes
    tree: ast.Module
    is_own: bool
    """Whether it lies in a folder of the project and not where Python's packages are installed."""

    @property
    def is_package(self) -> bool:
        return self.path.name == "__init__.py"

    @property
    def package(self) -> str:
        """The package that its relative imports start from."""
        return self.name if self.is_package else self.name.rpartition(".")[0]

    @cached_property
    def bindings(self) -> Bindings:
        return bindings_of(self.tree)

    @cached_property
    def source(self) -> Source:
        return Source(self.shown, decode_source(self.content))

    def place(self, node: ast.stmt | ast.expr | ast.arg) -> str:
        """`steps.py:12`."""
        return f"{self.shown}:{node.lineno}"

    def span_of(self, node: ast.expr | ast.arg) -> Span:
        """Where a node stands in the source; columns of Python's trees count bytes of UTF-8 from 0."""
        start = self._offset(node.lineno, node.col_offset)
        end = self._offset(node.end_lineno or node.lineno, node.end_col_offset or node.col_offset)
        return Span(self.source, start, max(start, end))

    def _offset(self, line: int, column: int) -> int:
        lines = self.source.text.split("\n")
        before = sum(len(text) + 1 for text in lines[: line - 1])
        return before + len(self.source.line_text(line).encode("utf-8")[:column].decode("utf-8", "ignore"))


class BrokenModule(Frozen):
    """A module that is no Python: what is wrong, at which line (from 1) of which file."""

    shown: str
    line: int
    message: str


class MissingModule(Frozen):
    """There is no module of this name. `near` is one that is there and has a similar one."""

    places: tuple[str, ...]
    near: str | None = None


class OpaqueModule(Frozen):
    """A module of which nothing can be told: built into Python, compiled, or unreadable."""


FoundModule = PythonModule | BrokenModule | MissingModule | OpaqueModule

_LARGEST = 4_000_000
"""Bytes of a module that is read."""

_MOST_IMPORTERS = 200
"""Files of a folder that are looked into for an import."""

_PARSED: dict[tuple[str, int, int], ast.Module | SyntaxError | None] = {}
"""By path, time and size of the file: each is parsed once in a process."""


class Modules:
    """The modules that tasks of one file name. `shown_folder` is its folder as a person is shown it."""

    def __init__(self, file: Path, shown_folder: Path, python_path: Sequence[Path]) -> None:
        self._file = file
        self._folder = folder = file.parent
        self._shown_folder = shown_folder
        own = dict.fromkeys(Path(os.path.abspath(place)) for place in (folder, *python_path))
        sources = [place / "src" for place in own if (place / "src").is_dir()]
        self._named = tuple(own)
        self._own = (*own, *(place for place in sources if place not in own))
        self._found: dict[str, FoundModule] = {}

    def find(self, name: str) -> FoundModule:
        """The module of a dotted name. Folders called `src` are looked into as well, many install what lies there; and
        those of files that import this one: it may be compiled only as a part of them."""
        if name not in self._found:
            self._found[name] = self._find(name)
        return self._found[name]

    def _find(self, name: str) -> FoundModule:
        try:
            spec = self._spec(name)
            if spec is None:
                return self._missing(name)
            if spec.origin is None or not spec.has_location or not spec.origin.endswith(".py"):
                return OpaqueModule()
            return self._parsed(name, Path(spec.origin))
        except (OSError, ImportError, ValueError, RecursionError, MemoryError):
            return OpaqueModule()

    def _spec(self, name: str) -> ModuleSpec | None:
        spec = self._spec_in(self._named, name)
        if spec is not None and spec.origin is not None:
            return spec
        found = self._spec_in(self._own, name) or spec
        if found is None and self._importing:
            self._own = (*self._own, *self._importing)
            found = self._spec_in(self._own, name)
        return found

    @cached_property
    def _importing(self) -> tuple[Path, ...]:
        return importing_folders(self._file)

    def _spec_in(self, places: Sequence[Path], name: str) -> ModuleSpec | None:
        return find_module(name, [*map(os.fspath, places), *sys.path])

    def _parsed(self, name: str, path: Path) -> FoundModule:
        status = path.stat()
        if status.st_size > _LARGEST or not stat.S_ISREG(status.st_mode):
            return OpaqueModule()
        key = (os.fspath(path), status.st_mtime_ns, status.st_size)
        content = path.read_bytes()
        if key not in _PARSED:
            _PARSED[key] = _parse(content)
        shown = self._shown(path)
        match _PARSED[key]:
            case SyntaxError() as error:
                return BrokenModule(shown, error.lineno or 1, error.msg)
            case ast.Module() as module:
                return PythonModule(name, path, shown, content, module, self._is_own(path))
            case _:
                return OpaqueModule()

    def _shown(self, path: Path) -> str:
        """As the file itself is shown, where the module lies in its folder."""
        if path.is_relative_to(self._folder):
            return (self._shown_folder / path.relative_to(self._folder)).as_posix()
        return path.as_posix()

    def _is_own(self, path: Path) -> bool:
        inside = [part for place in self._own if path.is_relative_to(place) for part in path.relative_to(place).parts]
        return bool(inside) and "site-packages" not in inside

    def _missing(self, name: str) -> MissingModule:
        from pipec.diagnostics.suggest import nearest

        package, _, last = name.rpartition(".")
        folders = [place.joinpath(*package.split(".")) if package else place for place in self._own]
        known = {file.stem for folder in folders for file in _listed(folder) if _is_module(file)}
        near = nearest(last, sorted(known))
        places = tuple(self._shown(place / "x")[:-2] or "." for place in self._named)
        return MissingModule(places, (f"{package}.{near}" if package else near) if near else None)


def importing_folders(path: Path) -> tuple[Path, ...]:
    """The folders nearby, no more than two above that of the file, of files that import this one."""
    folders: dict[Path, None] = {}
    for parent in path.parents[1:3]:
        for file in _pipe_files(parent)[:_MOST_IMPORTERS]:
            written = f'"{Path(os.path.relpath(path, file.parent)).as_posix()}"'.encode()
            if file.parent not in folders and file != path and written in _content(file):
                folders[file.parent] = None
    return tuple(folders)


def _pipe_files(folder: Path) -> list[Path]:
    """The `.pipe` files of a folder and of those in it; none where one of these vanishes meanwhile."""
    try:
        return sorted([*folder.glob("*.pipe"), *folder.glob("*/*.pipe")])
    except OSError:
        return []


def _content(file: Path) -> bytes:
    """What a file holds; nothing of a pipe, which would be waited for, or of what cannot be read."""
    try:
        return file.read_bytes() if file.is_file() and file.stat().st_size <= _LARGEST else b""
    except OSError:
        return b""


def _parse(content: bytes) -> ast.Module | SyntaxError | None:
    """None for what makes no sense to Python in other ways, such as nesting too deep."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # such as unknown escapes in strings of the module
        try:
            return ast.parse(content)
        except SyntaxError as error:
            return error
        except (ValueError, RecursionError, MemoryError):
            return None


def _listed(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []


def _is_module(file: Path) -> bool:
    return (file.suffix == ".py" and file.stem.isidentifier()) or (file / "__init__.py").exists()
