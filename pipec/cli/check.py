"""Find every error in .pipe files, all in one go.

pipec check                              the files of this folder and those below
pipec check etl.pipe lib/                one file and one folder
pipec check etl.pipe --target airflow    what Airflow cannot express as well
pipec check --fix                        mend what is certain, and report the rest
pipec check --diff                       show what --fix would change
pipec check - --stdin-filename etl.pipe  the text on stdin

A warning is switched off where it stands by a comment, `# pipec: ignore[L101]`, and for a project by its
pyproject.toml. Exit: 0 nothing found that fails the check, 1 something found, 2 wrong usage or an unreadable file;
with --diff 1 where something would change.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from pipec.api import Loaded, UnreadableError, check, load
from pipec.checking import check_together
from pipec.cli.check_settings import SettingsChoice, configure_settings, shown_settings
from pipec.cli.files import STDIN, pipe_files, read_input
from pipec.cli.terminal import count, use_color
from pipec.collection import keep_to_the_end
from pipec.diagnostics.formats import OUTPUT_FORMATS, format_report
from pipec.frozen import Frozen

if TYPE_CHECKING:
    from pipec.diagnostics.model import Diagnostic
    from pipec.settings import Settings


def configure(parser: ArgumentParser) -> None:
    parser.add_argument("paths", nargs="*", metavar="PATH", help="files, folders, or - for stdin; default: this folder")
    parser.add_argument("--output-format", choices=OUTPUT_FORMATS, default="full", help="default: full")
    fixing = parser.add_mutually_exclusive_group()
    fixing.add_argument("--fix", action="store_true", help="mend what is certain; text from stdin goes to stdout")
    fixing.add_argument("--diff", action="store_true", help="show what --fix would change, and write nothing")
    parser.add_argument("--stdin-filename", default="stdin.pipe", metavar="NAME", help="the name of the text on stdin")
    parser.add_argument("--statistics", action="store_true", help="show how often each code was found instead")
    parser.add_argument("--exit-zero", action="store_true", help="exit with 0 whatever is found")
    configure_settings(parser)


class _File(Frozen):
    """A file to check: `given` as the command line has it, `name` as it is shown."""

    given: str
    name: str
    text: str
    settings: Settings


def execute(arguments: Namespace) -> int:
    choose = SettingsChoice(arguments)
    files, unreadable = _read(pipe_files(arguments.paths or ["."]), arguments.stdin_filename, choose)
    if arguments.show_settings:
        sys.stdout.write("".join(shown_settings(file.name, file.settings) for file in files))
        exit_code = 0
    elif arguments.diff:
        exit_code = _show_changes(files)
    else:
        exit_code = _report(*_mend(files) if arguments.fix else (files, 0), arguments)
    return 2 if unreadable else 0 if arguments.exit_zero else exit_code


def _read(given: list[str], stdin_name: str, choose: SettingsChoice) -> tuple[list[_File], int]:
    """The files that can be read, and how many cannot, which is told."""
    files: list[_File] = []
    for file in given:
        name = stdin_name if file == STDIN else file
        try:
            files.append(_File(file, name, read_input(file), choose(name)))
        except UnreadableError as error:
            print(f"error: {error}", file=sys.stderr)
    return files, len(given) - len(files)


def _show_changes(files: list[_File]) -> int:
    from pipec.cli.check_fixing import mended, write_difference

    changed = 0
    for file in files:
        changed += write_difference(file.name, file.text, mended(file.name, file.text, file.settings))
    print(f"would change {changed} of {count(len(files), 'file')}", file=sys.stderr)
    return 1 if changed else 0


def _mend(files: list[_File]) -> tuple[list[_File], int]:
    """The files with their new texts, which are written, and how many fixes were applied."""
    from pipec.cli.check_fixing import mended, write_mended

    fixed = 0
    result: list[_File] = []
    for file in files:
        after = mended(file.name, file.text, file.settings)
        write_mended(file.given, file.text, after)
        fixed += after.fixed
        result.append(replace(file, text=after.text))
    return result, fixed


def _report(files: list[_File], fixed: int, arguments: Namespace) -> int:
    """Tells what is found; the exit code."""
    found: list[Diagnostic] = []
    fails = False
    fixable = 0
    project: list[tuple[Loaded, Settings]] = []
    for file in files:
        loaded = load(file.name, text=file.text)
        own = check(loaded, file.settings.targets, settings=file.settings)
        fails = fails or any(one.severity == "error" or file.settings.strict for one in own)
        found.extend(own)
        if not arguments.fix and any(one.fix is not None for one in own):
            from pipec.cli.check_fixing import count_mendable

            fixable += count_mendable(file.name, file.text, own, file.settings)
        project.append((loaded, file.settings))
    keep_to_the_end(project)
    between = check_together(project)
    fails = fails or any(one.severity == "error" or files[0].settings.strict for one in between)
    shown = _once([*found, *between])
    takes_stdout = arguments.fix and any(file.given == STDIN for file in files)  # the mended text does
    stream = sys.stderr if takes_stdout else sys.stdout
    if arguments.statistics:
        stream.write(_statistics(shown))
    else:
        names = [file.name for file in files]
        color = use_color(arguments.color, stream)
        strict = any(file.settings.strict for file in files)
        stream.write(format_report(shown, arguments.output_format, color, files=names, strict=strict))
    if files:
        summary = _summary_of_fixing(shown, fixed) if arguments.fix else _summary(shown, fixable)
        print(f"checked {count(len(files), 'file')}: {summary}", file=sys.stderr)
    return 1 if fails else 0


def _once(found: Sequence[Diagnostic]) -> list[Diagnostic]:
    """Without repeats, by place: a file imported by several is reported by each of them."""
    places = {
        (one.span.source.path, one.span.start, one.span.end, one.code, one.message): one for one in reversed(found)
    }
    return [places[place] for place in sorted(places)]


def _summary(shown: Sequence[Diagnostic], fixable: int) -> str:
    return _counts(shown) + (f" ({fixable} can be fixed with --fix)" if fixable else "")


def _summary_of_fixing(shown: Sequence[Diagnostic], fixed: int) -> str:
    return f"{fixed} fixed, {len(shown)} left" + (f": {_counts(shown)}" if shown else "")


def _counts(shown: Sequence[Diagnostic]) -> str:
    numbers = Counter(one.severity for one in shown)
    parts = [count(number, noun) for noun, number in sorted(numbers.items())]
    return ", ".join(parts) or "no errors"


def _statistics(shown: Sequence[Diagnostic]) -> str:
    """A line for each code, the most frequent first."""
    from pipec.diagnostics.catalogue import summary

    numbers = Counter(one.code for one in shown)
    width = len(str(max(numbers.values(), default=0)))
    ordered = sorted(numbers.items(), key=lambda item: (-item[1], item[0]))
    return "".join(f"{number:>{width}}  {code}  {summary(code)}\n" for code, number in ordered)
