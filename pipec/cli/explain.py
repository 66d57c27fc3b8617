"""Say what the code of a diagnostic means.

pipec explain P0301
pipec explain          every code
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from pipec.cli import UsageError
from pipec.cli.terminal import similar


def configure(parser: ArgumentParser) -> None:
    parser.add_argument("code", nargs="?", metavar="CODE", help="such as P0301; default: list all")


def execute(arguments: Namespace) -> int:
    from pipec.diagnostics.catalogue import catalogue

    summaries = catalogue()
    if arguments.code is None:
        for code, summary in summaries.items():
            print(f"{code}: {summary}")
        return 0
    code = arguments.code.upper()
    if code not in summaries:
        raise UsageError(
            f"there is no code `{arguments.code}`{similar(code, summaries) or ': `pipec explain` lists them'}"
        )
    print(f"{code}: {summaries[code]}")
    return 0
