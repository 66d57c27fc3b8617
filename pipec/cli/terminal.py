"""What commands share: colour, choosing a pipeline or a target, and counting things in words."""

from __future__ import annotations

import os
import sys
from argparse import ArgumentTypeError
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from pipec.cli import UsageError

if TYPE_CHECKING:
    from argparse import ArgumentParser, _ActionsContainer
    from collections.abc import Iterable

    from pipec.api import Loaded
    from pipec.backend import Backend
    from pipec.diagnostics.model import Diagnostic
    from pipec.ir.model import Program
    from pipec.parameters import ParameterProblem


def use_color(choice: str, stream: TextIO) -> bool:
    """Whether to colour what goes to a stream: `--color`, then NO_COLOR, then whether it is a terminal."""
    if choice != "auto":
        return choice == "always"
    return not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb" and stream.isatty()


def count(number: int, noun: str) -> str:
    """`1 task`, `2 tasks`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def assignment(text: str) -> tuple[str, str]:
    """`name=value` of an option, for argparse."""
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise ArgumentTypeError(f"`{text}` is not of the form name=value")
    return name, value


def add_constants(parser: ArgumentParser) -> None:
    """`-D`, as `arguments.constants`."""
    parser.add_argument(
        "-D", dest="constants", action="append", default=[], type=assignment, metavar="NAME=VALUE", help="set a const"
    )


def add_parameters(
    parser: _ActionsContainer,
    one: str = "give a parameter: text, numbers, durations and dates as the language writes them, the rest as JSON",
    many: str = "values of parameters, a .json or .toml file",
) -> None:
    """`--param` and `--params`, as `arguments.parameters` and `arguments.params`; `one` and `many` are their help."""
    parser.add_argument(
        "--param", dest="parameters", action="append", default=[], type=assignment, metavar="NAME=VALUE", help=one
    )
    parser.add_argument("--params", type=Path, metavar="FILE", help=many)


def positive(text: str) -> int:
    """A whole number above 0 of an option, for argparse."""
    if not (text.isascii() and text.isdecimal() and int(text) > 0):
        raise ArgumentTypeError(f"`{text}` is not a number above 0")
    return int(text)


def report_problems(diagnostics: Iterable[Diagnostic], color: str) -> None:
    """Diagnostics in full on stderr, for commands whose result is something else."""
    from pipec.diagnostics.formats import format_report

    found = list(diagnostics)
    if found:
        sys.stderr.write(format_report(found, "full", use_color(color, sys.stderr)))


def bad_parameters(problems: Iterable[ParameterProblem]) -> int:
    """Tells what is wrong with values given; the exit code."""
    for problem in problems:
        print(problem, file=sys.stderr)
    return 2


def loaded_program(loaded: Loaded, color: str) -> Program | None:
    """The program of a file, its diagnostics told on stderr; None where errors make it unusable."""
    report_problems(loaded.diagnostics.sorted(), color)
    return None if loaded.diagnostics.has_errors else loaded.program


def choose_pipelines(program: Program, name: str | None) -> list[str]:
    """The keys of the pipelines asked for: the one named, else all of the file's own."""
    if name is None:
        if not program.own:
            raise UsageError(f"{program.source} defines no pipeline")
        return list(program.own)
    if name in program.pipelines:
        return [name]
    raise UsageError(f"{program.source} has no pipeline `{name}`{similar(name, program.pipelines)}")


def choose_pipeline(program: Program, name: str | None) -> str:
    """The key of the one pipeline asked for. Raises UsageError where the file defines several and none is named."""
    keys = choose_pipelines(program, name)
    if len(keys) > 1:
        names = ", ".join(f"`{key}`" for key in keys)
        raise UsageError(f"{program.source} defines {names}: choose one with --pipeline")
    return keys[0]


def choose_backend(name: str) -> Backend:
    """The backend of a target. Raises UsageError with the nearest name where there is none."""
    from pipec.backend import load_backend, target_names

    try:
        return load_backend(name)
    except KeyError:
        known = target_names()
        way_out = similar(name, known) or f": the targets are {', '.join(known)}"
        raise UsageError(f"unknown target `{name}`{way_out}") from None


def similar(name: str, known: Iterable[str]) -> str:
    """A hint at a name like one that is not known, or nothing."""
    from pipec.diagnostics.suggest import hint

    found = hint(name, known)
    return f": {found}" if found else ""
