"""Edges as lines of `a >> [b, c] >> d`."""

from __future__ import annotations

from itertools import pairwise

from .layout import ListNode, Writer

Step = tuple[str, ...]
"""Variables of tasks on one side of `>>`."""


def edge_lines(drawn: dict[str, list[str]], variables: dict[str, str]) -> list[tuple[Step, Step]]:
    """Edges as pairs of steps, of which one is a single task: `a >> [b, c]` or `[a, b] >> c`."""
    upstreams: dict[Step, list[str]] = {}
    for id, above in drawn.items():
        if above:
            upstreams.setdefault(tuple(variables[upstream] for upstream in above), []).append(variables[id])
    lines: list[tuple[Step, Step]] = []
    singles: dict[str, list[str]] = {}
    for above_step, below in upstreams.items():
        if len(above_step) == 1:
            singles.setdefault(above_step[0], []).extend(below)
            if len(singles[above_step[0]]) == len(below):
                lines.append((above_step, ()))
        else:
            lines.extend((above_step, (one,)) for one in below)
    return [(above_step, below_step or tuple(singles[above_step[0]])) for above_step, below_step in lines]


def write_chains(writer: Writer, lines: list[tuple[Step, Step]]) -> None:
    """Lines of `a >> b`, joined to longer ones where that goes."""
    for steps in _chains(lines):
        _write_chain(writer, steps)


def _chains(lines: list[tuple[Step, Step]]) -> list[list[Step]]:
    """Lines joined where one ends in the step that another begins with, each line once."""
    following: dict[Step, int] = {}
    for number, (above, _) in enumerate(lines):
        following.setdefault(above, number)
    followed = {number: following[below] for number, (_, below) in enumerate(lines) if below in following}
    joined: set[int] = set()
    next_line: dict[int, int] = {}
    for number, other in followed.items():
        if other not in joined:
            joined.add(other)
            next_line[number] = other
    chains = []
    for number, (above, below) in enumerate(lines):
        if number not in joined:
            chain, last = [above, below], number
            while last in next_line:
                last = next_line[last]
                chain.append(lines[last][1])
            chains.append(chain)
    return chains


def _write_chain(writer: Writer, steps: list[Step]) -> None:
    shown = [step[0] if len(step) == 1 else "[" + ", ".join(step) + "]" for step in steps]
    line = " >> ".join(shown)
    if writer.indent + len(line) <= 120:
        writer.line(line)
        return
    for (above, above_shown), (below, below_shown) in pairwise(zip(steps, shown, strict=True)):
        if writer.indent + len(above_shown) + len(below_shown) + 4 <= 120:
            writer.line(f"{above_shown} >> {below_shown}")
        elif len(below) > 1:
            writer.statement(ListNode(below), f"{above_shown} >> ")
        else:
            writer.statement(ListNode(above), after=f" >> {below_shown}")
