"""Lay .pipe files out in the one style; what they say stays as it is.

pipec fmt                     the files of this folder and those below, in place
pipec fmt etl.pipe lib/       one file and one folder
pipec fmt --check             write nothing, name the files that would change
pipec fmt --diff              write nothing, show what would change
pipec fmt - < etl.pipe        from stdin to stdout

A file with a syntax fault is left alone, and the fault shown. Exit: 0 all is laid out, 1 a file has a fault or, with
--check and --diff, would change, 2 wrong usage or an unreadable file.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pipec.api import UnreadableError
from pipec.cli.files import STDIN, difference, pipe_files, read_input, write_output, write_whole
from pipec.cli.terminal import count, report_problems
from pipec.syntax.formatting import Formatted, format_text

if TYPE_CHECKING:
    from pipec.diagnostics.model import Diagnostic


def configure(parser: ArgumentParser) -> None:
    parser.add_argument("paths", nargs="*", metavar="PATH", help="files, folders, or - for stdin; default: this folder")
    parser.add_argument("--check", action="store_true", help="write nothing; name the files that would change")
    parser.add_argument("--diff", action="store_true", help="write nothing; show what would change")
    parser.add_argument("--stdin-filename", default="stdin.pipe", metavar="NAME", help="the name of the text on stdin")


@dataclass
class _Outcome:
    """What became of the files: how many changed or would, how many did not, and why others were left alone."""

    changed: int = 0
    unchanged: int = 0
    broken: int = 0
    unreadable: int = 0
    faults: list[Diagnostic] = field(default_factory=list)


def execute(arguments: Namespace) -> int:
    only_looks = arguments.check or arguments.diff
    outcome = _Outcome()
    for file in pipe_files(arguments.paths or ["."]):
        name = arguments.stdin_filename if file == STDIN else file
        try:
            formatted = format_text(read_input(file), name)
        except UnreadableError as error:
            print(f"error: {error}", file=sys.stderr)
            outcome.unreadable += 1
            continue
        if formatted.text is None:
            outcome.broken += 1
            outcome.faults += formatted.diagnostics
        else:
            outcome.changed += formatted.is_changed
            outcome.unchanged += not formatted.is_changed
            _deliver(file, name, formatted, formatted.text, arguments)
    report_problems(outcome.faults, arguments.color)
    print(_summary(outcome, only_looks), file=sys.stderr)
    if outcome.unreadable:
        return 2
    return 1 if outcome.broken or (only_looks and outcome.changed) else 0


def _deliver(file: str, name: str, formatted: Formatted, text: str, arguments: Namespace) -> None:
    """Write the text, or show what would change."""
    if arguments.diff:
        write_output(difference(name, formatted.original, text))
    elif arguments.check:
        if formatted.is_changed:
            print(f"would reformat {name}")
    elif file == STDIN:
        write_output(text)
    elif formatted.is_changed:
        write_whole(file, text)


def _summary(outcome: _Outcome, only_looks: bool) -> str:
    parts = [
        (outcome.changed, "would be reformatted" if only_looks else "reformatted"),
        (outcome.unchanged, "already formatted" if only_looks else "left unchanged"),
        (outcome.broken, "not formatted: the faults above come first"),
        (outcome.unreadable, "cannot be read"),
    ]
    return ", ".join(f"{count(number, 'file')} {what}" for number, what in parts if number)
