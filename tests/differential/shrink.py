"""Makes a case smaller while something about it stays true."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TypeVar

from tests.differential.plans import Case, load

T = TypeVar("T")

_AFTER = re.compile(r" after ([a-z0-9_, ]+?)(?= =| \{)")
_INPUT = re.compile(r", v[0-9]+ = [^,)]*(?=[,)])")
_OPTIONS = re.compile(r" \{ (?:trigger_rule|retry) = .*\}$")


def shrink(case: Case, still: Callable[[Case], bool]) -> Case:
    """The smallest case found by leaving out blocks, tasks, edges, options and endings, one after the other."""
    return smallest_of(case, still, _smaller)


def smallest_of(case: T, still: Callable[[T], bool], smaller_ones: Callable[[T], Iterator[T]]) -> T:
    """What is left when none of the smaller ones of a case is `still` what it was looked at for."""
    found: T | None = case
    while found is not None:
        case = found
        found = next(filter(still, smaller_ones(case)), None)
    return case


def _smaller(case: Case) -> Iterator[Case]:
    for text in smaller_texts(case.text):
        pipeline = load(text)
        if pipeline is not None:
            yield Case(text, pipeline, case.plan)
    for instance, endings in case.plan.endings.items():
        if endings != ("success",):
            others = {key: value for key, value in case.plan.endings.items() if key != instance}
            yield replace(case, plan=replace(case.plan, endings=others))


def smaller_texts(text: str) -> Iterator[str]:
    """The text without some of its lines, or without a part of a line; the first line stays."""
    lines = text.splitlines()
    inner = range(1, len(lines))
    for size in range(len(inner), 0, -1):
        for start in inner[: len(inner) + 1 - size]:
            if _is_balanced(lines[start : start + size]):
                yield "\n".join(lines[:start] + lines[start + size :]) + "\n"
    for start in inner:
        for stop in inner[start:]:
            if _is_balanced([lines[start], lines[stop]]) and lines[start].endswith("{"):
                yield "\n".join([*lines[:start], *lines[start + 1 : stop], *lines[stop + 1 :]]) + "\n"
    for number, line in enumerate(lines):
        for changed in _smaller_lines(line):
            yield "\n".join([*lines[:number], changed, *lines[number + 1 :]]) + "\n"


def _is_balanced(lines: list[str]) -> bool:
    """Whether leaving the lines out, or putting them in, opens or closes no block."""
    open_blocks = 0
    for line in lines:
        open_blocks -= line.lstrip().startswith("}")
        if open_blocks < 0:
            return False
        open_blocks += line.endswith("{")
    return open_blocks == 0


def _smaller_lines(line: str) -> Iterator[str]:
    if _OPTIONS.search(line):
        yield _OPTIONS.sub("", line)
    for given in _INPUT.finditer(line):
        yield line[: given.start()] + line[given.end() :]
    found = _AFTER.search(line)
    if found:
        names = found[1].split(", ")
        for name in names:
            rest = ", ".join(other for other in names if other != name)
            yield line[: found.start()] + (f" after {rest}" if rest else "") + line[found.end() :]
