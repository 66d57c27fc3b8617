"""Reading a list of tokens again after some were changed, without reading again what stands before the change."""

from __future__ import annotations

from bisect import bisect_left
from operator import attrgetter

from pipec.syntax.machine import Machine
from pipec.syntax.tokens import Token

_FOLLOWING = 2
"""How many of the tokens that follow tell what a keyword is."""


def go_back(machine: Machine, read: list[Token]) -> None:
    """Bring a machine that has read the tokens `read`, up to its index, to where its tokens were not yet others.

    It is then as if it had read its tokens from the first one on. What it makes of line ends must be the same.
    """
    changed = _first_change(read, machine.tokens)
    latest = min(changed, machine.index) - _FOLLOWING
    for height in reversed(range(len(machine.values))):
        value = machine.values[height]
        # A keyword may be a name: which it is depends on the stack that it came to, of which less is left by now.
        if not isinstance(value, Token) or value.kind in machine.soft:
            continue
        index = bisect_left(read, value.start, key=attrgetter("start"))
        if index < latest and read[index] is value:
            del machine.states[height + 1 :], machine.values[height:]
            machine.index = index
            machine.undo_before = []
            return
    machine.restart()


def _first_change(before: list[Token], after: list[Token]) -> int:
    pairs = enumerate(zip(before, after, strict=False))
    return next((index for index, (old, new) in pairs if old is not new), min(len(before), len(after)))
