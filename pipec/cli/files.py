"""The `.pipe` files that words of the command line stand for: their texts, and writing one whole or not at all."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path

from pipec.api import UnreadableError, read_text
from pipec.cli import UsageError
from pipec.syntax.reading import NoTextError, decoded, encoded

STDIN = "-"


def pipe_files(paths: Iterable[str]) -> list[str]:
    """The files to look at, each once: `-` for stdin, files as given, and what folders hold outside hidden ones.

    Raises UsageError for a folder without any.
    """
    files: list[str] = []
    for path in paths:
        if path != STDIN and os.path.isdir(path):
            inside = sorted(_below(path))
            if not inside:
                raise UsageError(f"no .pipe files in {path}")
            files.extend(inside)
        else:
            files.append(path)
    return list({os.path.normpath(file): file for file in reversed(files)}.values())[::-1]


def _below(folder: str) -> Iterable[str]:
    """The files of a folder and of those below; links to folders are not followed, as they may lead in a circle."""
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        inside = [name for name in names if name.endswith(".pipe") and not name.startswith(".")]
        yield from (str(Path(place, name)) for name in inside)


def read_input(file: str) -> str:
    """The text of one of these files, its line ends as they are. Raises UnreadableError."""
    if file != STDIN:
        return read_text(file)
    stream = getattr(sys.stdin, "buffer", None)
    if stream is None:  # a stream of text was put in its place
        return sys.stdin.read()
    try:
        return decoded(stream.read())
    except NoTextError as error:
        raise UnreadableError(f"cannot read stdin: {error}") from None


def write_output(text: str) -> None:
    """Writes a text to stdout, its line ends as they are."""
    stream = getattr(sys.stdout, "buffer", None)
    if stream is None:
        sys.stdout.write(text)
        return
    sys.stdout.flush()
    stream.write(encoded(text))


def difference(name: str, before: str, after: str) -> str:
    """What changes in a file as a unified diff; empty where nothing does."""
    from difflib import unified_diff
    from io import StringIO

    old, new = (StringIO(text, newline="\n").readlines() for text in (before, after))
    lines = unified_diff(old, new, name, name)
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def write_whole(path: str | Path, text: str) -> None:
    """Replaces the content of a file, or leaves it as it was.

    Keeps its permissions and, where it has one, its byte order mark; a link stays one. Raises UsageError where it
    cannot be written.
    """
    from secrets import token_hex

    target = Path(os.path.realpath(path))
    temporary = target.with_name(f".{target.name}.{token_hex(4)}")
    try:
        mark = b"\xef\xbb\xbf" if target.read_bytes()[:3] == b"\xef\xbb\xbf" and not text.startswith("\ufeff") else b""
        temporary.write_bytes(mark + encoded(text))
        temporary.chmod(target.stat().st_mode)
        temporary.replace(target)
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}") from error
    finally:
        temporary.unlink(missing_ok=True)
