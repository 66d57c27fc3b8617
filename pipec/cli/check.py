"""Find every error in .pipe files, all in one go.

pipec check                              the files of this folder and those below
pipec check etl.pipe lib/                one file and one folder
pipec check etl.pipe --target airflow    what Airflow cannot express as well
pipec check - --stdin-filename etl.pipe  the text on stdin
"""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from pipec.api import UnreadableError, check, load
from pipec.cli import UsageError
from pipec.cli.terminal import choose_backend, count, similar, use_color
from pipec.diagnostics.formats import OUTPUT_FORMATS, format_report

if TYPE_CHECKING:
    from pipec.diagnostics.model import Diagnostic


def configure(parser: ArgumentParser) -> None:
    parser.add_argument("paths", nargs="*", metavar="PATH", help="files, folders, or - for stdin; default: this folder")
    parser.add_argument(
        "--target", action="append", default=[], metavar="T", help="add what this target cannot express; or `all`"
    )
    parser.add_argument("--output-format", choices=OUTPUT_FORMATS, default="full", help="default: full")
    parser.add_argument("--strict", action="store_true", help="warnings fail the check too")
    parser.add_argument(
        "--select", action="append", default=[], metavar="CODE", help="only warnings whose code begins so"
    )
    parser.add_argument(
        "--ignore", action="append", default=[], metavar="CODE", help="no warnings whose code begins so"
    )
    parser.add_argument("--stdin-filename", default="stdin.pipe", metavar="NAME", help="the name of the text on stdin")


def execute(arguments: Namespace) -> int:
    _check_codes([*arguments.select, *arguments.ignore])
    targets = _targets(arguments.target)
    files = _files(arguments.paths or ["."])
    found: list[Diagnostic] = []
    unreadable = 0
    for file in files:
        try:
            found.extend(_check_file(file, targets, arguments.stdin_filename))
        except UnreadableError as error:
            print(f"error: {error}", file=sys.stderr)
            unreadable += 1
    shown = [diagnostic for diagnostic in _once(found) if _is_wanted(diagnostic, arguments.select, arguments.ignore)]

    sys.stdout.write(format_report(shown, arguments.output_format, use_color(arguments.color, sys.stdout)))
    errors = sum(diagnostic.severity == "error" for diagnostic in shown)
    warnings = len(shown) - errors
    if len(files) > unreadable:
        print(f"checked {count(len(files) - unreadable, 'file')}: {_summary(errors, warnings)}", file=sys.stderr)
    if unreadable:
        return 2
    return 1 if errors or (arguments.strict and warnings) else 0


def _summary(errors: int, warnings: int) -> str:
    parts = [count(number, noun) for number, noun in ((errors, "error"), (warnings, "warning")) if number]
    return ", ".join(parts) or "no errors"


def _targets(names: list[str]) -> list[str]:
    from pipec.backend import target_names

    if "all" in names:
        return target_names()
    for name in names:
        choose_backend(name)
    return list(dict.fromkeys(names))


def _files(paths: list[str]) -> list[str]:
    """The files to check, each once: `-`, files as given, and what folders hold."""
    files: list[str] = []
    for path in paths:
        if path != "-" and Path(path).is_dir():
            inside = sorted(str(file) for file in Path(path).rglob("*.pipe") if not _is_hidden(file, Path(path)))
            if not inside:
                raise UsageError(f"no .pipe files in {path}")
            files.extend(inside)
        else:
            files.append(path)
    return list({os.path.normpath(file): file for file in reversed(files)}.values())[::-1]


def _is_hidden(file: Path, folder: Path) -> bool:
    return any(part.startswith(".") for part in file.relative_to(folder).parts)


def _check_file(file: str, targets: list[str], stdin_name: str) -> list[Diagnostic]:
    return check(load(stdin_name, text=sys.stdin.read()) if file == "-" else load(file), targets)


def _once(found: list[Diagnostic]) -> list[Diagnostic]:
    """Without repeats: a file imported by several is reported by each of them."""
    places = {
        (
            diagnostic.span.source.path,
            diagnostic.span.start,
            diagnostic.span.end,
            diagnostic.code,
            diagnostic.message,
        ): (diagnostic)
        for diagnostic in found
    }
    return [places[place] for place in sorted(places)]


def _is_wanted(diagnostic: Diagnostic, select: list[str], ignore: list[str]) -> bool:
    """Errors always; warnings as asked for."""
    if diagnostic.severity == "error":
        return True
    code = diagnostic.code
    return (not select or code.startswith(tuple(select))) and not code.startswith(tuple(ignore))


def _check_codes(codes: list[str]) -> None:
    if not codes:
        return
    from pipec.diagnostics.catalogue import catalogue

    known = catalogue()
    for code in codes:
        if not any(name.startswith(code) for name in known):
            raise UsageError(f"no code begins with `{code}`{similar(code, known)}")
