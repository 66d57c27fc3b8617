"""Approve what a run asks that goes on elsewhere; without a run, list all that is asked.

pipec approve                                  what waits for an answer
pipec approve last                             the only question of the last run
pipec approve 2026-01-31T02 ship --comment "auc is fine"
pipec reject last ship                         say no: what depends on it is skipped

The answer is given in the name of the user of the operating system. Exit code: 0 it was given, 2 nothing of that name
waits for an answer, or this user may not give it.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from contextlib import closing
from pathlib import Path

from pipec.cli import UsageError


def configure(parser: ArgumentParser) -> None:
    parser.add_argument("run", metavar="RUN", nargs="?", help="a run id, the start of one, or `last`")
    parser.add_argument("name", metavar="NAME", nargs="?", help="the approval; may be left out where only one is open")
    parser.add_argument("--comment", metavar="TEXT", default="", help="kept with the answer")


def execute(arguments: Namespace) -> int:
    return answer(arguments, approved=True)


def answer(arguments: Namespace, *, approved: bool) -> int:
    """Answer as the arguments say, or list what is open; the exit code."""
    from importlib import import_module

    history = "pipec.backends.local.history"
    looking = import_module(f"{history}.looking")
    try:
        with closing(import_module(f"{history}.answering").Answering(Path.cwd())) as questions:
            if arguments.run is None:
                text = questions.open()
            else:
                text = questions.answer(arguments.run, arguments.name, approved, arguments.comment)
    except (looking.NotFoundError, looking.StoreError) as error:
        raise UsageError(str(error)) from None
    sys.stdout.write(text)
    if not text:
        print("nothing waits for an answer", file=sys.stderr)
    return 0
