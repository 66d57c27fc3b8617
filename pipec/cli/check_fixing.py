"""`pipec check --fix` and `--diff`: files mended as far as that is certain."""

from __future__ import annotations

from collections.abc import Sequence

from pipec.api import check, load
from pipec.cli.files import STDIN, difference, write_output, write_whole
from pipec.diagnostics import fixes
from pipec.diagnostics.fixes import Mended, mend
from pipec.diagnostics.model import Diagnostic
from pipec.settings import Settings


def mended(name: str, text: str, settings: Settings) -> Mended:
    """A file's text after every fix that does it good, of what its settings ask for."""
    return mend(text, lambda candidate: check(load(name, text=candidate), settings.targets, settings=settings))


def count_mendable(name: str, text: str, found: Sequence[Diagnostic], settings: Settings) -> int:
    """How many fixes of what was found in a file `mended` applies at least."""
    return fixes.count_mendable(
        text, found, lambda candidate: check(load(name, text=candidate), settings.targets, settings=settings)
    )


def write_mended(file: str, before: str, after: Mended) -> None:
    """Writes the text to its file where it changed; of stdin always to stdout. Raises UsageError."""
    if file == STDIN:
        write_output(after.text)
    elif after.text != before:
        write_whole(file, after.text)


def write_difference(name: str, before: str, after: Mended) -> bool:
    """Shows on stdout what would change; whether anything would."""
    write_output(difference(name, before, after.text))
    return after.text != before
