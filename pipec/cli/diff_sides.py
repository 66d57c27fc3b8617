"""The two sides of a comparison: files, or files as they were in a revision of git."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from pipec.api import Loaded, UnreadableError, load
from pipec.cli import UsageError
from pipec.cli.terminal import report_problems
from pipec.frozen import Frozen

_GIT = "git:"
_CONSTANT = "-D "
"""How the source of a constant's value begins in diagnostics."""


class Side(Frozen):
    """A side as it was asked for: `revision` is None for a file as it is, `path` counts from this folder."""

    given: str
    revision: str | None
    path: str


def load_sides(old: str, new: str, constants: Mapping[str, str], color: str) -> tuple[Loaded, Loaded] | None:
    """Both sides; None where one has errors, which are told. Raises UsageError and UnreadableError."""
    sides = _sides(old, new)
    loaded = [_load(side, constants) for side in sides]
    unknown = [_unknown_constants(one) for one in loaded]
    for place, other in ((0, 1), (1, 0)):
        if foreign := unknown[place] - unknown[other]:
            known = {name: value for name, value in constants.items() if name not in foreign}
            loaded[place] = _load(sides[place], known)
    for side, one in zip(sides, loaded, strict=True):
        if one.diagnostics.has_errors or one.program is None:
            print(f"in {side.given}:", file=sys.stderr)
            report_problems((found for found in one.diagnostics.sorted() if found.severity == "error"), color)
    if any(one.diagnostics.has_errors or one.program is None for one in loaded):
        return None
    return loaded[0], loaded[1]


def _unknown_constants(loaded: Loaded) -> set[str]:
    """The constants given that the file has not."""
    sources = (found.span.source.path for found in loaded.diagnostics.found if found.code == "P0101")
    return {source.removeprefix(_CONSTANT) for source in sources if source.startswith(_CONSTANT)}


# --- what is asked for ---------------------------------------------------------------------------


def _sides(old: str, new: str) -> tuple[Side, Side]:
    """Both sides; one that is a revision alone has the path of the other."""
    parts = [_split(given) for given in (old, new)]
    paths = [path for _, path in parts]
    if not any(paths):
        raise UsageError(f"`{old}` and `{new}` name no file: give one of them a path, `git:REV:PATH`")
    named = [path or other for path, other in zip(paths, reversed(paths), strict=True)]
    return (
        Side(old, parts[0][0], named[0] or ""),
        Side(new, parts[1][0], named[1] or ""),
    )


def _split(given: str) -> tuple[str | None, str | None]:
    """The revision and the path of what is given, None for what it has not."""
    if not given.startswith(_GIT):
        return None, given
    revision, _, path = given.removeprefix(_GIT).partition(":")
    if not revision:
        raise UsageError(f"`{given}` names no revision: write `git:REV` or `git:REV:PATH`")
    if not path:
        return revision, None
    return revision, path if path.startswith("./") else f"{_GIT}{path}"


# --- reading -------------------------------------------------------------------------------------


def _load(side: Side, constants: Mapping[str, str]) -> Loaded:
    if side.revision is not None:
        return _load_revision(side, side.revision, constants)
    if side.path == os.devnull:
        return load(side.path, text="")
    return load(side.path, constants)


def _load_revision(side: Side, name: str, constants: Mapping[str, str]) -> Loaded:
    from pipec.revisions import Revision, RevisionError
    from pipec.syntax.reading import NoTextError

    try:
        folder = Path() if side.path.startswith(_GIT) else Path(side.path).parent
        revision = Revision(name, folder)
    except RevisionError as error:
        raise UsageError(f"cannot read {side.given}: {error}") from None
    inside = side.path.removeprefix(_GIT)
    path = revision.top / inside if side.path.startswith(_GIT) else Path(side.path)
    try:
        text = revision[Path(os.path.abspath(path))]
    except (OSError, RevisionError, NoTextError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        message = f"cannot read {inside} of {side.given}: {reason}"
        if isinstance(error, OSError):
            message += "\n  help: `git:REV:PATH` names a file that had another path, /dev/null stands for no file"
        raise UnreadableError(message) from None
    return load(Path(os.path.relpath(path)), constants, text=text, overlay=revision)
