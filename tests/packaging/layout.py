"""What the repository says of itself, and what lies in it: shared by the packaging tests."""

from __future__ import annotations

import fnmatch
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]

PYPROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
SETUPTOOLS: dict[str, Any] = PYPROJECT["tool"]["setuptools"]
PACKAGE_FOLDERS: dict[str, str] = SETUPTOOLS["package-dir"]
"""Import name to folder: `pipec.backends` lies in `backends`."""

NOT_INSTALLED = ROOT / "grammar" / "editors"
"""Editors take theirs from the repository."""

IGNORED = [
    line.rstrip("/")
    for line in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]


def is_ignored(path: Path) -> bool:
    """Whether git ignores the file or one of the folders around it. `.gitignore` holds plain names and globs only."""
    return any(fnmatch.fnmatch(part, pattern) for part in path.relative_to(ROOT).parts for pattern in IGNORED)


def files_under(*tops: str) -> list[Path]:
    """Every file below these entries of the top level that git does not ignore, sorted."""
    found: list[Path] = []
    for top in tops:
        entry = ROOT / top
        found.extend(path for path in (entry.rglob("*") if entry.is_dir() else [entry]) if path.is_file())
    return sorted(path for path in found if not is_ignored(path))


def installed_name(path: Path) -> str:
    """Where a file of `pipec/`, `backends/` or `grammar/` lies in site-packages."""
    folder = path.relative_to(ROOT)
    for package, source in PACKAGE_FOLDERS.items():
        if folder.parts[0] == source:
            return "/".join((*package.split("."), *folder.parts[1:]))
    raise ValueError(f"{folder} is in no package")


def shipped_files() -> list[Path]:
    """Every file that an installed pipec must hold."""
    return [path for path in files_under(*PACKAGE_FOLDERS.values()) if not path.is_relative_to(NOT_INSTALLED)]
