"""The command line: finds the command, and turns what it raises into messages and exit codes.

0 good; 1 the pipeline or the check is not good; 2 wrong usage or unreadable input; 70 a bug in pipec; 130 interrupted;
141 the reader of the output went away. A command is a module of this package with `configure(parser)` and
`execute(arguments) -> int`, imported only when it is asked for.
"""

from __future__ import annotations

import errno
import os
import sys
from argparse import Action, ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Sequence
from io import TextIOWrapper
from typing import NoReturn

COMMANDS: dict[str, str] = {
    "init": "write a small working project to start from",
    "check": "find every error in files or folders",
    "test": "play the tests that files hold",
    "fmt": "lay files out in the one style",
    "compile": "write the files of a target",
    "submit": "hand a pipeline to a server that runs it",
    "plan": "show levels, critical path and slack",
    "simulate": "play a pipeline in virtual time",
    "diff": "show what changed in meaning",
    "run": "run a pipeline on this machine",
    "runs": "look at runs: states, logs, health, a page",
    "approve": "approve what a run asks",
    "reject": "reject what a run asks",
    "targets": "show what each target can express",
    "explain": "say what a diagnostic's code means",
    "lsp": "serve an editor: the language server",
}
"""Command to what it does; the module of a command has its name, `compile` and `explain` among them."""

_INTERNAL_ERROR = 70
_INTERRUPTED = 130
_BROKEN_PIPE = 141
_OUTPUT_FAULTS = (errno.ENOSPC, errno.EDQUOT, errno.EIO)


class UsageError(Exception):
    """What was asked for cannot be done as asked: the message goes to stderr, the exit code is 2."""


class _Parser(ArgumentParser):
    """A parser whose complaints are worded as all others are."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message}\n  help: see `{self.prog} --help`")


class _HelpFormatter(RawDescriptionHelpFormatter):
    """As wide as the terminal. A parser makes many of these, and by itself each would load `shutil` to ask for that."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=columns() - 2)


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    try:
        exit_code = _run(words)
        sys.stdout.flush()
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else 2
    except UsageError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return _INTERRUPTED
    except BrokenPipeError:
        _drop_output()
        return _BROKEN_PIPE
    except Exception as error:
        return _report(error, words)
    return exit_code


def program() -> NoReturn:
    """`pipec` as a process of its own."""
    from pipec.collection import end_process

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal may know fewer characters than a file holds
    end_process(main())


def columns() -> int:
    """How wide the terminal is, as `shutil.get_terminal_size` says it: 80 where there is none."""
    if (stated := os.environ.get("COLUMNS", "")).isdecimal() and int(stated) > 0:
        return int(stated)
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or 80
    except (OSError, ValueError, AttributeError):
        return 80


def _drop_output() -> None:
    """What Python would still flush at exit goes nowhere instead of failing again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _run(words: list[str]) -> int:
    if words and words[0] in ("--version", "-V"):
        from pipec import __version__

        print(f"pipec {__version__}")
        return 0
    if not words or words[0] in ("--help", "-h", "help"):
        print(_overview(), file=sys.stdout if words else sys.stderr)
        return 0 if words else 2
    index = _command_index(words)
    name = words[index]
    if name not in COMMANDS:
        raise UsageError(_unknown_command(name))
    return _execute(name, words[:index] + words[index + 1 :])


def _command_index(words: list[str]) -> int:
    """Where the command stands: the first word that is no global option and no value of one."""
    index = 0
    while index < len(words) and words[index].startswith("-"):
        if words[index].partition("=")[0] not in ("--color", "--debug"):
            raise UsageError(_unknown_command(words[index]))
        index += 2 if words[index] == "--color" else 1
    if index >= len(words):
        raise UsageError("no command is given: see `pipec --help`")
    return index


def _execute(name: str, words: list[str]) -> int:
    from importlib import import_module

    module = import_module(f"pipec.cli.{name}")
    parser = _Parser(
        prog=f"pipec {name}",
        description=(module.__doc__ or "").strip(),
        formatter_class=_HelpFormatter,
        allow_abbrev=False,
    )
    module.configure(parser)
    add_global_options(parser)
    arguments: Namespace = parser.parse_intermixed_args(words)
    exit_code: int = module.execute(arguments)
    return exit_code


def add_global_options(parser: ArgumentParser) -> list[Action]:
    """The options that every command has."""
    group = parser.add_argument_group("everywhere")
    return [
        group.add_argument(
            "--color", choices=("auto", "always", "never"), default="auto", help="default: auto, on a terminal"
        ),
        group.add_argument("--debug", action="store_true", help="show the traceback of a bug in pipec"),
    ]


def _overview() -> str:
    width = max(len(name) for name in COMMANDS)
    lines = [f"  {name:<{width}}  {summary}" for name, summary in COMMANDS.items()]
    return "\n".join(
        [
            "usage: pipec COMMAND [OPTION…]",
            "",
            "Compiles pipelines written once to Airflow and others, or runs them here.",
            "",
            *lines,
            "",
            "`pipec COMMAND --help` says more; `pipec --version` shows the version.",
        ]
    )


def _unknown_command(name: str) -> str:
    from pipec.diagnostics.suggest import hint

    if name.startswith("-"):
        return f"unknown option `{name}`: see `pipec --help`"
    return f"unknown command `{name}`: {hint(name, COMMANDS, 'see `pipec --help`')}"


def _report(error: Exception, words: list[str]) -> int:
    """What an exception that no command expects means: a file that cannot be read, or a bug."""
    from pipec.api import UnreadableError

    if isinstance(error, UnreadableError):
        print(f"error: {error}", file=sys.stderr)
        return 2
    if isinstance(error, OSError) and error.errno in _OUTPUT_FAULTS:
        _drop_output()
        print(f"error: cannot write the output: {error.strerror}", file=sys.stderr)
        return 2
    if "--debug" in words:
        import traceback

        traceback.print_exc()
    print(
        f"error: this is a bug in pipec: {type(error).__name__}: {error}\n"
        "  please report it with the file and the command; `--debug` adds the traceback that tells where",
        file=sys.stderr,
    )
    return _INTERNAL_ERROR
