"""How large the arguments of drivers are that start the DAGs of a file.

A driver is given the whole component of its DAG as one argument, written as JSON.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipec.backend import Advice

LARGEST = 131_072
"""Bytes of one argument, its end included: Linux starts no program with a larger one."""

_COMPONENT = re.compile(r'( *)"(?:comp-(.+)|root)":')
_BRACES = 3
"""Bytes that JSON has beside the lines of YAML where a map or a list begins: its brackets and a comma."""


def argument_sizes(text: str) -> dict[str, int]:
    """By name of the task whose component it is, of the root's the empty one: bytes, about, by the text of the file."""
    found: dict[str, int] = {}
    name, depth = None, 0
    for line in text.split("\n"):
        said = line.lstrip(" ")
        if name is not None and len(line) - len(said) <= depth:
            name = None
        if name is None and (start := _COMPONENT.fullmatch(line)):
            name, depth = start[2] or "", len(start[1])
            found[name] = 0
        elif name is not None:
            found[name] += len(said.encode()) + (_BRACES if line.endswith(":") else 0)
    return found


def argument_advice(text: str) -> Iterator[Advice]:
    """What to do where a DAG is too large for its driver."""
    if len(text) < LARGEST:
        return
    for name, size in argument_sizes(text).items():
        if size >= LARGEST:
            whose = f"the DAG of `{name}`" if name else "the DAG of the pipeline"
            yield Advice(
                "P0506",
                f"{whose} will have about {size / 1_000:.0f} kB, and servers before 2.16 start none of more than"
                f" {LARGEST / 1_000:.0f} kB",
                "let fewer tasks wait for each other, or put some of them into a pipeline that this one calls",
            )
