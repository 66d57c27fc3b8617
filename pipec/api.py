"""The public Python API: what `import pipec` offers, and what every command calls."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pipec.diagnostics.model import Diagnostics
from pipec.syntax.source import Source, Span

if TYPE_CHECKING:
    from pipec.ir.base import Location
    from pipec.ir.model import Program


class UnreadableError(Exception):
    """A file that cannot be read at all: not there, a folder, not UTF-8. The message says which and why."""


@dataclass(frozen=True)
class Loaded:
    """A file after all stages up to the IR.

    `program` is None where errors make it unusable; `diagnostics` holds what was found either way. `sources` are the
    texts by the file names that locations in the IR use, `folder` is the folder of the main file.
    """

    path: Path
    program: Program | None
    diagnostics: Diagnostics
    sources: Mapping[str, Source]

    @property
    def folder(self) -> Path:
        return self.path.parent

    def span_of(self, location: Location) -> Span:
        """The place in the source that a location of the IR names."""
        return Span(self.sources[location.file], location.start, location.end)


def load(path: Path | str, constants: Mapping[str, str] | None = None, *, text: str | None = None) -> Loaded:
    """Reads a `.pipe` file and everything it imports, and checks it.

    `constants` replaces values of its consts; `text` stands for the file's content where given (imports are still
    relative to `path`). Raises UnreadableError where there is no text to look at.
    """
    import gc

    from pipec.semantics.modules import Loader
    from pipec.semantics.programs import ProgramBuilder

    path = Path(path)
    if text is None:
        text = _read(path)
    absolute = Path(os.path.abspath(path))
    diagnostics = Diagnostics()
    loader = Loader(absolute.parent, diagnostics, constants or {})
    was_enabled = gc.isenabled()
    gc.disable()  # nothing here is garbage until the end; collecting would double the time of large files
    try:
        main = loader.load_text(absolute, path.as_posix(), text)
        program = ProgramBuilder(loader, main).build() if main is not None else None
    finally:
        if was_enabled:
            gc.enable()
    sources = {module.name: module.source for module in loader.modules.values()}
    return Loaded(absolute, None if diagnostics.has_errors else program, diagnostics, sources)


def _read(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableError(f"{path}: not UTF-8 text (byte {error.start})") from None
    except OSError as error:
        raise UnreadableError(f"{path}: {error.strerror}") from None
