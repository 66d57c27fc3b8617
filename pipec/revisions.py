"""Files as they were in a revision of a git repository, read without touching the work tree."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Mapping
from errno import ENOENT, EXDEV
from pathlib import Path

from pipec.syntax.reading import decoded


class RevisionError(Exception):
    """A revision, or a file in one, that cannot be read. The message says which and why."""


class Revision(Mapping[Path, str]):
    """The files of a revision by the absolute paths that they would have in the work tree.

    Every path is in it, so that nothing is read from the work tree in place of a file that the revision has not:
    reading one that it has not raises OSError, one that is no text NoTextError. What was read once is kept.
    """

    def __init__(self, name: str, folder: Path) -> None:
        """`name` as git understands it, `folder` one of the repository. Raises RevisionError."""
        self.name = name
        self.folder = folder
        if not name or name.startswith("-") or any(sign in name for sign in "\0\n"):
            raise RevisionError(f"`{name}` is no revision")
        self.top = Path(os.fsdecode(_git(folder, "rev-parse", "--show-toplevel").rstrip(b"\n")))
        try:
            self.commit = _git(folder, "rev-parse", "--verify", "--quiet", f"{name}^{{commit}}").decode().strip()
        except RevisionError as error:
            raise RevisionError(str(error) if error.args else f"git knows no revision `{name}`") from None
        self._texts: dict[Path, str] = {}

    def __getitem__(self, path: Path) -> str:
        if path not in self._texts:
            self._texts[path] = decoded(self._bytes(path))
        return self._texts[path]

    def __contains__(self, path: object) -> bool:
        return isinstance(path, Path)

    def __iter__(self) -> Iterator[Path]:
        return iter(self._texts)

    def __len__(self) -> int:
        return len(self._texts)

    def _bytes(self, path: Path) -> bytes:
        """The content of a file; links inside the repository are followed."""
        inside = Path(os.path.relpath(path.parent.resolve() / path.name, self.top.resolve())).as_posix()
        if inside.startswith("../") or "\n" in inside:
            raise OSError(EXDEV, "it is outside the repository")
        answer = _git(self.top, "cat-file", "--batch", "--follow-symlinks", given=f"{self.commit}:{inside}\n")
        head, _, content = answer.partition(b"\n")
        words = head.rsplit(b" ", 2)
        if len(words) != 3 or words[1] != b"blob":
            raise OSError(ENOENT, f"it is not in the revision `{self.name}`")
        return content[: int(words[2])]


def _git(folder: Path, *words: str, given: str = "") -> bytes:
    """What git answers. Raises RevisionError, without a message where git says nothing."""
    try:
        done = subprocess.run(
            ["git", "-C", folder, *words],
            input=os.fsencode(given),
            capture_output=True,
            check=False,
            env={**os.environ, "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"},
        )
    except FileNotFoundError:
        raise RevisionError("`git` is not installed, or not on the PATH") from None
    except OSError as error:
        raise RevisionError(f"cannot run git: {error.strerror}") from None
    if done.returncode == 0:
        return done.stdout
    said = done.stderr.decode("utf-8", "replace").strip().splitlines()
    if not said:
        raise RevisionError
    raise RevisionError(f"git: {said[0].removeprefix('fatal: ')}")
