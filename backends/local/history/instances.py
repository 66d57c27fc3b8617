"""Ids of instances taken apart: `cleaned@2/score[3]` is instance 3 of `score` in the second attempt of `cleaned`."""

from __future__ import annotations

import re
from collections.abc import Container
from dataclasses import dataclass

_SEGMENT = re.compile(r'(?:"(?:\\.|[^"\\])*"|[^/"])+')
"""Up to a slash outside the quotes of a key: `train["a/b"]` is one segment."""

_INDEX = re.compile(r"\[(\d+)\]$")
_CALL_ATTEMPT = re.compile(r"@\d+$")


@dataclass(frozen=True, slots=True)
class Segment:
    """A task within one pipeline and which of its instances: `score[3][0]` is `score` with the indices 3 and 0."""

    task: str
    indices: tuple[int, ...] = ()


def segments(instance: str) -> list[str]:
    """The parts of an id: the tasks that run a pipeline, outermost first, and the task itself."""
    return _SEGMENT.findall(instance) or [instance]


def read_segment(text: str, tasks: Container[str]) -> Segment:
    """A part of an id; `tasks` are the ids of its pipeline, among them instances of a `for` such as `train[1]`."""
    task = _CALL_ATTEMPT.sub("", text)
    indices: list[int] = []
    while task not in tasks and (found := _INDEX.search(task)):
        indices.append(int(found[1]))
        task = task[: found.start()]
    return Segment(task, tuple(reversed(indices)))


def mapped_parents(instance: str, indices: tuple[int, ...]) -> list[tuple[str, int]]:
    """The instances this one is a part of, each with the index in it: of `a[3][0]` these are `a[3]`, 0 and `a`, 3."""
    parents = []
    for index in reversed(indices):
        instance = instance.removesuffix(f"[{index}]")
        parents.append((instance, index))
    return parents


def call_attempt(prefix: str) -> tuple[str, int]:
    """The task that runs a pipeline, and in which attempt: `cleaned@2` is attempt 2 of `cleaned`."""
    found = _CALL_ATTEMPT.search(prefix)
    return (prefix[: found.start()], int(found[0][1:])) if found else (prefix, 1)


def attempt_prefix(call: str, attempt: int) -> str:
    """How the ids of the tasks begin that an attempt of such a task ran, without the slash."""
    return call if attempt == 1 else f"{call}@{attempt}"


def prefixes(instance: str) -> list[str]:
    """The instances that run the pipelines around this one, outermost first."""
    parts = segments(instance)
    return ["/".join(parts[:length]) for length in range(1, len(parts))]
