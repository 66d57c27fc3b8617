"""Files beside the pipeline that it names: notebooks, queries, and programs that a shell text begins with."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from pipec.diagnostics.model import Diagnostics
from pipec.diagnostics.suggest import nearest
from pipec.ir.model import NotebookFile, ShellScript, SqlQuery, Task
from pipec.ir.traverse import location_of
from pipec.references.spelling import misspelt

if TYPE_CHECKING:
    from pipec.api import Loaded
    from pipec.references.writing import Writing

_PROGRAM = re.compile(
    r"\s*(?:(?:python3?|bash|sh|source|\.)\s+)?((?:\./)?[\w./-]+\.(?:py|sh|bash|r|R|jl|pl|rb))(?=\s|\Z)"
)


def check_files(loaded: Loaded, writing: Writing, diagnostics: Diagnostics) -> None:
    """Reports files that are not there. Absolute paths are those of another machine: nothing is said of them.

    A program of a shell text is reported only where it is surely misspelt: it may come from elsewhere.
    """
    assert loaded.program is not None
    folders = _Folders(loaded.folder)
    seen = set[str]()
    for pipeline in loaded.program.pipelines.values():
        for task in pipeline.tasks:
            for name, text in _named(task):
                if name in seen or os.path.isabs(name) or "://" in name or folders.has(name):
                    continue
                seen.add(name)
                is_program = isinstance(task.implementation, ShellScript)
                near = folders.near(name, surely=is_program)
                if near is None and is_program:
                    continue
                for place in writing.strings(text, loaded.span_of(location_of(task, "implementation"))):
                    diagnostics.warning(
                        "L211",
                        f"there is no file `{name}`",
                        place,
                        notes=("a relative path begins in the folder of the compiled file",),
                        help=f"there is `{near}`" if near else None,
                    )


def _named(task: Task) -> Iterator[tuple[str, str]]:
    """Files that a task names, each with the text that names it."""
    match task.implementation:
        case NotebookFile(path=path):
            yield path, path
        case SqlQuery(file=str(path)):
            yield path, path
        case ShellScript(text=text) if task.options.image is None and task.options.working_dir is None:
            if match := _PROGRAM.match(text):
                yield match[1], text


class _Folders:
    """What lies in the folders below one, each listed once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._listed: dict[Path, list[str]] = {}

    def has(self, name: str) -> bool:
        place = self._folder / name
        return place.name in self._names(place.parent) or place.exists()

    def near(self, name: str, *, surely: bool) -> str | None:
        """A file of the same suffix and a similar name in the folder where it should be.

        `surely` asks for more: nearly the same name, and not another number in it.
        """
        wanted = Path(name)
        stems = [
            Path(one).stem for one in self._names((self._folder / name).parent) if Path(one).suffix == wanted.suffix
        ]
        found = misspelt(wanted.stem, stems) if surely else nearest(wanted.stem, stems)
        return wanted.with_name(f"{found}{wanted.suffix}").as_posix() if found is not None else None

    def _names(self, place: Path) -> list[str]:
        if place not in self._listed:
            try:
                self._listed[place] = sorted(os.listdir(place))
            except OSError:
                self._listed[place] = []
        return self._listed[place]
