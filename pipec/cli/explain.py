"""Say what the codes of diagnostics mean, each with a file that gives it and the same file mended.

pipec explain P0301
pipec explain P0301 L001
pipec explain            every code in a line
"""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, Namespace

from pipec.cli import UsageError, columns
from pipec.cli.terminal import similar, use_color

_FORMATS = ("text", "json", "markdown")


def configure(parser: ArgumentParser) -> None:
    parser.add_argument("codes", nargs="*", metavar="CODE", help="such as P0301; default: all")
    parser.add_argument("--output-format", choices=_FORMATS, default="text", help="default: text")


def execute(arguments: Namespace) -> int:
    from pipec.diagnostics.catalogue import catalogue, codes

    if not arguments.codes and arguments.output_format == "text":
        for code, summary in catalogue().items():
            print(f"{code}: {summary}")
        return 0
    chosen = list(dict.fromkeys(map(_known, arguments.codes))) or codes()
    sys.stdout.write(_explained(chosen, arguments))
    return 0


def _known(code: str) -> str:
    """The code as it is written in the catalogue. Raises UsageError."""
    from pipec.diagnostics.catalogue import RETIRED, codes

    known = codes()
    if code.upper() in known:
        return code.upper()
    if code.upper() in RETIRED:
        raise UsageError(f"`{code}` is no longer reported")
    raise UsageError(f"there is no code `{code}`{similar(code.upper(), known) or ': `pipec explain` lists them'}")


def _explained(chosen: list[str], arguments: Namespace) -> str:
    from pipec.cli.explain_findings import what_it_says
    from pipec.diagnostics.catalogue import explained
    from pipec.diagnostics.explanations import for_machine, for_terminal, page, section

    color = arguments.output_format == "text" and use_color(arguments.color, sys.stdout)
    all_said = [(one := explained(code), what_it_says(one, color=color)) for code in chosen]
    match arguments.output_format:
        case "json":
            document = {"format_version": 1, "codes": [for_machine(*said) for said in all_said]}
            return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
        case "markdown" if arguments.codes:
            return "\n".join(section(*said) for said in all_said)
        case "markdown":
            return page(all_said)
        case _:
            return "\n\n\n".join(for_terminal(*said, width=columns(), color=color) for said in all_said) + "\n"
