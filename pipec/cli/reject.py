"""Reject what a run asks that goes on elsewhere: what depends on it is skipped. Without a run, list all that is asked.

pipec reject                                   what waits for an answer
pipec reject last                              the only question of the last run
pipec reject 2026-01-31T02 ship --comment "not before the audit"

The answer is given in the name of the user of the operating system. Exit code: 0 it was given, 2 nothing of that name
waits for an answer, or this user may not give it.
"""

from __future__ import annotations

from argparse import Namespace

from pipec.cli.approve import answer, configure

__all__ = ["configure", "execute"]


def execute(arguments: Namespace) -> int:
    return answer(arguments, approved=False)
