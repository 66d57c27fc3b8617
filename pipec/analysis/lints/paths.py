"""L111 to L113: paths that are right on one machine, or in one run."""

from __future__ import annotations

import re
from functools import cache

from pipec.analysis.lints.subject import Subject
from pipec.ir.expressions import LiteralValue
from pipec.ir.model import ContainerImage
from pipec.ir.traverse import location_of

_OUTPUT_WORDS = frozenset({"dest", "destination", "out", "output", "sink", "target"})
_OUTPUT_BEGINNINGS = ("save_to", "upload_to", "write_to")
_MOVING_WORDS = frozenset({"current", "latest", "live", "newest", "prod", "production", "served", "serving"})
"""Words by which a place says that each run is to put the newest there."""


def home_path(subject: Subject) -> None:
    """L111: a path in the home folder of a person. In a container it is that of the image."""
    for task, place, text in subject.texts:
        if "/home/" not in text and "Users" not in text:
            continue
        found = _home().search(text)
        if found is not None and not isinstance(task.implementation, ContainerImage):
            subject.report(
                "L111",
                f"task `{task.name}` uses a path of one person's machine: {found['path']}",
                place,
                notes=("where the pipeline runs, there is no such folder",),
                help="make it a parameter, or take a path relative to the file",
            )


def absolute_path(subject: Subject) -> None:
    """L112: a path from the root of the machine, written where it is used."""
    for task, place, text in subject.texts:
        found = _absolute().search(text) if "/" in text else None
        if found is None or isinstance(task.implementation, ContainerImage):
            continue
        if found["path"] in subject.span_of(place).text:
            subject.report(
                "L112",
                f"task `{task.name}` uses the absolute path {found['path']}",
                place,
                notes=("another machine may keep it elsewhere",),
                help="make it a parameter with this path as its default",
            )


def fixed_output(subject: Subject) -> None:
    """L113: in a pipeline that runs by a schedule, an input that says where to write, the same for every run."""
    if subject.pipeline.schedule is None:
        return
    for task in subject.tasks:
        for given in task.inputs:
            value = given.value
            if not isinstance(value, LiteralValue) or not isinstance(value.value, str) or not _is_output(given.name):
                continue
            where = value.value
            if _is_place(where) and not _MOVING_WORDS & set(re.split(r"\W+|_", where.lower())):
                subject.report(
                    "L113",
                    f"every run of `{task.name}` writes to the same place, {where}",
                    location_of(task, f"inputs.{given.name}"),
                    notes=("a run that is repeated for an earlier day overwrites what a later one wrote",),
                    help="put `${run.date}` or `${run.id}` into it, or `latest` where only the newest is kept",
                )


def _is_output(name: str) -> bool:
    words = name.lower().split("_")
    return words[0] in _OUTPUT_WORDS or words[-1] in _OUTPUT_WORDS or name.lower().startswith(_OUTPUT_BEGINNINGS)


def _is_place(text: str) -> bool:
    """Whether a text is a URI or path, and not the name of a column or a machine."""
    return not any(sign.isspace() for sign in text) and (
        text.startswith(("/", "./")) or ("://" in text and not text.startswith(("http://", "https://")))
    )


@cache
def _home() -> re.Pattern[str]:
    return re.compile(r"(?:^|//|[\s\"'=:(])(?P<path>/(?:home|Users)/[\w.-]+|[A-Za-z]:\\Users\\[\w.-]+)")


@cache
def _absolute() -> re.Pattern[str]:
    """A path from the root, save those that every machine of a kind has."""
    common = "bin|dev|etc|opt|proc|sbin|sys|usr"
    return re.compile(rf"(?:^|[\s\"'=])(?P<path>/(?!(?:{common})/)\w[\w.-]*(?:/[\w.-]+)*)(?=[/\s\"';)*\0]|$)")
