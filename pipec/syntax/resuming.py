"""Reading the next version of a text without reading again what stands before its first change.

Only statements of a pipeline are taken over, and only where nothing before them was in doubt. What comes of it is the
same as if all had been read anew.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field
from operator import attrgetter

from pipec.syntax import tree
from pipec.syntax.lexer import Tokens
from pipec.syntax.machine import Machine
from pipec.syntax.source import Source
from pipec.syntax.tables import Part
from pipec.syntax.tokens import Token

_FEWEST = 4
"""Fewer statements are not worth it; the last of them is read anew, since what follows it may have changed."""
_STOP = "$STOP"


@dataclass
class Reading:
    """What a text was read as.

    `file` is None where nothing of it could be understood. `tokens` are those of the lexer, before any was mended.
    Before the offset `sound_until` nothing is in doubt. `doubtful` are the offsets of names that look like the keyword
    of a statement, and of the names after them: what stands before may lack its end.
    """

    source: Source
    file: tree.File | None
    tokens: Tokens
    sound_until: int
    doubtful: set[int] = field(default_factory=set)


@dataclass
class Prefix:
    """What is known of the beginning of a text: the tokens up to `end`, and the statements that they make.

    They stand in the pipeline that is the last thing begun. `further` is the index of the token that begins a task, not
    the first of them.
    """

    tokens: Tokens
    end: int
    statements: list[tree.Statement]
    further: int
    doubtful: set[int]


def take_over(earlier: Reading, text: str) -> Prefix | None:
    """What a text has in common with an earlier version of it, whose source becomes that of the text.

    Nothing else may be asked of the earlier version from then on. None where it is too little: then all is as it was.
    """
    limit = min(_common(earlier.source.text, text), earlier.sound_until)
    items = earlier.file.items if earlier.file is not None else ()
    around = next((item for item in reversed(items) if item.span.start < limit), None)
    if not isinstance(around, tree.Pipeline):
        return None
    whole = [statement for statement in around.body if statement.span.end < limit]
    if len(whole) < _FEWEST:
        return None
    kept = whole[:-1]
    task = next((statement for statement in kept[1:] if isinstance(statement, tree.Task)), None)
    if task is None:
        return None
    known = earlier.tokens
    end = kept[-1].span.end
    index = bisect_left(known.items, end, key=attrgetter("start"))
    further = bisect_left(known.items, task.span.start, key=attrgetter("start"))
    tokens = Tokens(
        known.items[:index],
        {offset: doc for offset, doc in known.docs.items() if offset < end},
        {offset: doc for offset, doc in known.trailing_docs.items() if offset < end},
    )
    earlier.source.become(text)
    return Prefix(tokens, end, kept, further, {offset for offset in earlier.doubtful if offset < end})


def skip(machine: Machine, prefix: Prefix) -> None:
    """Bring a machine that has not begun to where the tokens of the prefix are read.

    It reads to the beginning of a task, which makes a list of the statements before it; then the others join that list.
    """
    tokens = machine.tokens
    begun = prefix.further + 2  # with its name: that tells that `task` is no name
    machine.tokens = [*tokens[:begun], *[Token(_STOP, "", tokens[begun].start, tokens[begun].start)] * 2]
    machine.run()
    machine.tokens = tokens
    del machine.states[-2:], machine.values[-2:]
    listed = machine.values[-1]
    assert isinstance(listed, Part)
    listed.children[:] = prefix.statements
    machine.index = bisect_left(tokens, prefix.end, key=attrgetter("start"))
    machine.undo_before = []
    machine.doubtful = set(prefix.doubtful)


def _common(one: str, other: str) -> int:
    """How many characters two texts begin with in common."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low
