"""Waiting for files."""

from __future__ import annotations

import glob
import os
from itertools import takewhile
from pathlib import Path

from .contract import Condition, Met


class FileCondition(Condition):
    """Met when at least one path matches; `**` stands for any number of folders.

    Relative paths begin in `folder`.
    """

    def __init__(self, pattern: str, folder: Path) -> None:
        self._pattern = pattern
        self._folder = folder

    def describe(self) -> str:
        return f"waits for {self._pattern}"

    def check(self) -> Met | None:
        for match in glob.iglob(self._pattern, root_dir=self._folder, recursive=True):
            if os.path.exists(self._folder / match):  # a link to nothing matches too
                return Met()
        self._look_at_base()
        return None

    def _look_at_base(self) -> None:
        """Raises OSError where the folder in which matches would lie cannot be read, which a glob passes over."""
        literal = takewhile(lambda part: not glob.has_magic(part), Path(self._pattern).parent.parts)
        base = self._folder.joinpath(*literal)
        try:
            os.scandir(base).close()
        except (FileNotFoundError, NotADirectoryError):
            return
