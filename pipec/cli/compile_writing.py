"""Where compiled files go: to a folder, all of them or none, or the result itself to stdout."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pipec.cli import UsageError
from pipec.cli.terminal import count

if TYPE_CHECKING:
    from pipec.backend import OutputFile


def print_one(files: Sequence[OutputFile]) -> None:
    """Writes the one file that is the result to stdout. Raises UsageError where there are several."""
    results = [file for file in files if not file.is_side]
    if len(results) != 1:
        shown = count(len(results), "file")
        raise UsageError(f"`-o -` writes one file, and here are {shown}: choose with --pipeline")
    sys.stdout.write(results[0].text)


def write_all(files: Sequence[OutputFile], folder: Path) -> list[Path]:
    """Writes all files under a folder, or leaves it as it was. Raises UsageError where that cannot be."""
    written: list[tuple[Path, Path]] = []
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"cannot write to {folder}: it is no folder")
    try:
        for file in files:
            target = folder / file.path
            if target.is_dir():
                raise UsageError(f"cannot write {target}: it is a folder")
            target.parent.mkdir(parents=True, exist_ok=True)
            temporary = target.with_name(f".{target.name}.new")
            written.append((temporary, target))
            temporary.write_text(file.text, encoding="utf-8", newline="")
        for temporary, target in written:
            temporary.replace(target)
    except OSError as error:
        raise UsageError(f"cannot write {error.filename}: {error.strerror}") from error
    finally:
        for temporary, _ in written:
            temporary.unlink(missing_ok=True)
    return [target for _, target in written]
