"""Play the tests of .pipe files: `given` stands for what tasks do, no code of theirs runs.

pipec test                              the files of this folder and those below
pipec test etl.pipe lib/                one file and one folder
pipec test -k weak                      tests with "weak" in their title, or their pipeline's name
pipec test --coverage                   also show what no test reaches: sides of decisions, failures, rules
pipec test --coverage-min 80            fail below 80 %
pipec test --output-format junit        for CI systems

What does not hold is shown in the source with what came instead, and why. Exit: 0 all tests passed, 1 one failed, a
file has errors or too little is reached, 2 wrong usage or an unreadable file.
"""

from __future__ import annotations

import sys
import time
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from typing import TYPE_CHECKING

from pipec.api import UnreadableError, load
from pipec.cli import UsageError
from pipec.cli.files import STDIN, pipe_files, read_input
from pipec.cli.terminal import count, report_problems, use_color
from pipec.testing.files import FileResult, run_file
from pipec.testing.reports import REPORT_FORMATS, format_results

if TYPE_CHECKING:
    from pipec.testing.results import TestResult

_SILENT = 1.0
"""Seconds before a terminal is shown how many tests were run."""


def configure(parser: ArgumentParser) -> None:
    parser.add_argument("paths", nargs="*", metavar="PATH", help="files, folders, or - for stdin; default: this folder")
    parser.add_argument(
        "-k",
        "--filter",
        dest="words",
        action="append",
        default=[],
        metavar="TEXT",
        help="only tests with this in their title, or in the name of their pipeline; several: any of them",
    )
    parser.add_argument("--output-format", choices=REPORT_FORMATS, default="full", help="default: full")
    parser.add_argument("-v", "--verbose", action="store_true", help="a line for each test")
    parser.add_argument("--coverage", action="store_true", help="show what of the pipelines no test reaches")
    parser.add_argument(
        "--coverage-min", type=_percentage, metavar="PERCENT", help="fail where the tests reach less; shows it too"
    )
    parser.add_argument("--stdin-filename", default="stdin.pipe", metavar="NAME", help="the name of the text on stdin")


def execute(arguments: Namespace) -> int:
    with_coverage = arguments.coverage or arguments.coverage_min is not None
    files, unreadable = _run(arguments, with_coverage)
    if arguments.words and not unreadable and not any(file.results or file.errors for file in files):
        raise UsageError(_nothing_chosen(files, arguments.words))
    for file in files:
        report_problems(file.errors if arguments.output_format == "full" else [], arguments.color)
    sys.stdout.write(
        format_results(
            files,
            arguments.output_format,
            color=use_color(arguments.color, sys.stdout),
            verbose=arguments.verbose,
            with_coverage=with_coverage,
        )
    )
    if files:
        print(_summary(files), file=sys.stderr)
    is_enough = _reaches_enough(files, arguments.coverage_min)
    failed = any(file.failed or file.errors for file in files) or not is_enough
    return 2 if unreadable else int(failed)


def _percentage(text: str) -> float:
    try:
        value = float(text.removesuffix("%"))
    except ValueError:
        value = -1
    if not 0 <= value <= 100:
        raise ArgumentTypeError(f"`{text}` is no percentage from 0 to 100")
    return value


def _run(arguments: Namespace, with_coverage: bool) -> tuple[list[FileResult], int]:
    """The results of all files that can be read, and how many cannot, which is told."""
    files: list[FileResult] = []
    given = pipe_files(arguments.paths or ["."])
    progress = _Progress()
    for file in given:
        name = arguments.stdin_filename if file == STDIN else file
        try:
            loaded = load(name, text=read_input(file))
        except UnreadableError as error:
            print(f"error: {error}", file=sys.stderr)
            continue
        files.append(run_file(name, loaded, arguments.words, with_coverage=with_coverage, progress=progress))
    progress.end()
    return files, len(given) - len(files)


class _Progress:
    """How many tests were run, on a terminal, where it takes a while."""

    def __init__(self) -> None:
        self._count = 0
        self._next = time.monotonic() + _SILENT if sys.stderr.isatty() else float("inf")
        self._is_shown = False

    def __call__(self, result: TestResult) -> None:
        self._count += 1
        if time.monotonic() >= self._next:
            self._is_shown = True
            self._next = time.monotonic() + _SILENT / 4
            print(f"\r{count(self._count, 'test')} run", end="", file=sys.stderr, flush=True)

    def end(self) -> None:
        """Takes the line away again."""
        if self._is_shown:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)


def _nothing_chosen(files: list[FileResult], words: list[str]) -> str:
    from pipec.diagnostics.suggest import hint

    titles = [test.title for file in files if file.loaded.program is not None for test in file.loaded.program.tests]
    wanted = " or ".join(f"`{word}`" for word in words)
    help = hint(words[0], titles, f"there are {count(len(titles), 'test')}")
    return f"no test has {wanted} in its title or the name of its pipeline\n  help: {help}"


def _summary(files: list[FileResult]) -> str:
    failed = sum(len(file.failed) for file in files)
    total = sum(len(file.results) for file in files)
    broken = sum(bool(file.errors) for file in files)
    if not total:
        found = f"no tests in {count(len(files), 'file')}"
    else:
        with_tests = sum(bool(file.results) for file in files)
        found = f"{count(total, 'test')} in {count(with_tests, 'file')}: {total - failed} passed"
        found += f", {failed} failed" if failed else ""
    return found + (f"; {count(broken, 'file')} with errors" if broken else "")


def _reaches_enough(files: list[FileResult], least: float | None) -> bool:
    """Whether the tests reach what is asked for; tells where they do not."""
    if least is None:
        return True
    from pipec.testing.coverage import percent

    found = percent(one for file in files for one in file.coverage)
    if found >= least:
        return True
    print(f"error: the tests reach {found:.1f} %, less than {least:g} %", file=sys.stderr)
    return False
