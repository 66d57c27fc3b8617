"""Serve an editor: the language server, over stdin and stdout.

pipec lsp            what an editor starts for .pipe files
pipec lsp --stdio    the same, as some editors write it

It needs an extra: pip install 'pipec[lsp]'
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from pipec.cli import UsageError


def configure(parser: ArgumentParser) -> None:
    parser.add_argument("--stdio", action="store_true", help="what it does anyway; some editors say so")


def execute(arguments: Namespace) -> int:
    try:
        import pygls  # noqa: F401
    except ModuleNotFoundError:
        raise UsageError("the language server needs pygls\n  help: pip install 'pipec[lsp]'") from None
    from pipec.lsp.server import serve

    return serve()
