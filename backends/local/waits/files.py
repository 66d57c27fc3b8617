"""Waiting for files."""

from __future__ import annotations

from pathlib import Path

from pipec.runtime.looks import path_matches

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
        return Met() if path_matches(self._pattern, self._folder) else None
