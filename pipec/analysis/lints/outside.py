"""L101, L102: tasks that talk to a service outside, where what fails now often works a minute later.

That a task does so is known of queries, and of shell texts and commands that start a program made for it. What a Python
function or a container does is not known, and not guessed.
"""

from __future__ import annotations

import re
from functools import cache

from pipec.analysis.lints.subject import Subject
from pipec.ir.expressions import LiteralValue
from pipec.ir.model import CommandLine, ShellScript, SqlQuery, Task
from pipec.ir.traverse import location_of

_PROGRAMS = (
    "aws", "az", "azcopy", "bq", "curl", "ftp", "gcloud", "gsutil", "kubectl", "mysql", "psql", "rclone", "s3cmd",
    "scp", "sftp", "snowsql", "ssh", "wget",
)  # fmt: skip
_OWN_RETRIES = ("--retry", "--tries", "retry", "until ", "for attempt")
"""What a text holds that tries again by itself."""

_MEND = "write `retry = { max: 2, delay: 30s, backoff: 2 }`"


def no_retries(subject: Subject) -> None:
    """L101: no retries are given, not even none by `retries = 0`."""
    for task in subject.tasks:
        if task.options.retry is None and (what := talks_to(task)) is not None:
            subject.report(
                "L101",
                f"task `{task.name}` talks to the outside ({what}) and has no retries",
                task.location,
                notes=("networks and services fail for moments; without retries such a moment ends the run",),
                help=f"{_MEND}, or `retries = 0` where a second attempt would do harm",
            )


def no_delay(subject: Subject) -> None:
    """L102: retries follow at once."""
    for task in subject.tasks:
        retry = task.options.retry
        if retry is not None and retry.max > 0 and retry.delay == 0 and (what := talks_to(task)) is not None:
            subject.report(
                "L102",
                f"task `{task.name}` talks to the outside ({what}), and its retries follow without a delay",
                location_of(task, "retry"),
                notes=("a service that is down or limits its callers answers no better at once",),
                help=_MEND.replace("max: 2", f"max: {retry.max}"),
            )


def talks_to(task: Task) -> str | None:
    """By what a task talks to the outside: the program, or "sql"; None where it does not or that is not known."""
    match task.implementation:
        case SqlQuery():
            return "sql"
        case ShellScript(text=text):
            return _program_in(text)
        case CommandLine(arguments=(LiteralValue(value=str(first)), *_)):
            program = first.rpartition("/")[2]
            return program if program in _PROGRAMS else None
        case _:
            return None


def _program_in(text: str) -> str | None:
    """The first such program that a shell text starts, unless the text has retries of its own."""
    if not any(program in text for program in _PROGRAMS):
        return None
    found = _starts_program().search(text)
    if found is None or any(word in text for word in _OWN_RETRIES):
        return None
    return found["program"]


@cache
def _starts_program() -> re.Pattern[str]:
    """A program where a command begins, behind variables that are set for it."""
    return re.compile(
        r"(?:^|[;|&({`]|\b(?:do|else|exec|if|sudo|then|time|xargs)[ \t])[ \t]*(?:\w+=\S*[ \t]+)*"
        rf"(?P<program>{'|'.join(_PROGRAMS)})(?=\s|$)",
        re.MULTILINE,
    )
