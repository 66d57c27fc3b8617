"""Places as machines read them: lines and columns from 1, and paths from the root of the repository."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path

from pipec.frozen import Frozen
from pipec.syntax.source import Span

_ROOTS = ("CI_PROJECT_DIR", "GITHUB_WORKSPACE")
"""What GitLab and GitHub call the folder that they show paths from."""


class Place(Frozen):
    """Columns count characters; the end is the first place after the span."""

    file: str
    line: int
    column: int
    end_line: int
    end_column: int


def place_of(span: Span) -> Place:
    """The place of a span, its file as a person is shown it."""
    return Place(span.source.path, *span.source.position(span.start), *span.source.position(span.end))


def repository_path(path: str) -> str:
    """A path from the root of the repository it is in, with `/`; as it is where it is in none.

    The root is what the CI system says, else the nearest folder above that holds `.git`, else the current folder.
    """
    return _repository_path(path, os.getcwd(), tuple(os.environ.get(name, "") for name in _ROOTS))


@lru_cache(maxsize=1024)
def _repository_path(path: str, folder: str, given: tuple[str, ...]) -> str:
    absolute = Path(os.path.normpath(os.path.join(folder, path)))
    roots = [Path(root) for root in given if root and absolute.is_relative_to(root)]
    roots += [above for above in absolute.parents if (above / ".git").exists()][:1]
    roots += [Path(folder)] if absolute.is_relative_to(folder) else []
    return absolute.relative_to(roots[0]).as_posix() if roots else path.replace("\\", "/")
