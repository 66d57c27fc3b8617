"""One edit of an example, and what its parts are looked up in: tokens, tree and IR."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from pipec.api import load
from pipec.diagnostics.model import Diagnostics
from pipec.frozen import Frozen
from pipec.ir.model import Pipeline
from pipec.syntax import tree
from pipec.syntax.lexer import tokenize
from pipec.syntax.parser import parse
from pipec.syntax.source import Source
from pipec.syntax.tokens import Token
from tests.syntax.dump import walk

EXAMPLES = Path(__file__).parent.parent.parent / "examples"


class Edit(Frozen):
    """Replace the characters `start` up to `end`."""

    start: int
    end: int
    replacement: str


Mutation = Callable[["Example", random.Random], Iterator[Edit]]
"""All places of an example where a kind of fault can be put in; what chance decides it takes from the generator."""


class Mutant(Frozen):
    """An example with one fault on the lines `first` to `last`."""

    kind: str
    example: Example
    edit: Edit

    @property
    def text(self) -> str:
        text = self.example.text
        return text[: self.edit.start] + self.edit.replacement + text[self.edit.end :]

    @property
    def lines(self) -> range:
        """The lines of the mutated text that the fault is on."""
        put = self.edit.replacement
        start = self.edit.start + len(put) - len(put.lstrip("\n"))
        end = self.edit.start + len(put.rstrip("\n"))
        first = self.text.count("\n", 0, start) + 1
        if "\n" in self.example.text[self.edit.start : self.edit.end] and not put:
            return range(first, first + 2)  # a line that is gone: the fault is between two others
        return range(first, first + self.text.count("\n", start, max(start, end)) + 1)


@dataclass(frozen=True, eq=False)
class Example:
    """An example that checks without any error."""

    path: Path

    @property
    def name(self) -> str:
        return self.path.parent.name

    @cached_property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def tokens(self) -> list[Token]:
        """All but the last, which is the end."""
        return tokenize(Source(self.name, self.text), Diagnostics()).items[:-1]

    @cached_property
    def file(self) -> tree.File:
        file = parse(Source(self.name, self.text), Diagnostics())
        assert file is not None
        return file

    @cached_property
    def nodes(self) -> list[tree.Node]:
        return list(walk(self.file))

    @cached_property
    def pipelines(self) -> list[Pipeline]:
        program = load(self.path).program
        assert program is not None
        return [program.pipelines[key] for key in program.own]

    @cached_property
    def words(self) -> frozenset[str]:
        return frozenset(token.text for token in self.tokens)


@cache
def examples() -> tuple[Example, ...]:
    return tuple(Example(path) for path in sorted(EXAMPLES.glob("*/pipeline.pipe")))


def misspelt(word: str, generator: random.Random, taken: frozenset[str]) -> str:
    """A word with one letter dropped, doubled or changed, or two swapped: one that is not among those `taken`."""
    while True:
        place = generator.randrange(len(word))
        letter = generator.choice("abcdefghijklmnopqrstuvwxyz")
        after = word[place + 1 :]
        changed = generator.choice(
            (
                word[:place] + after,
                word[: place + 1] + word[place] + after,
                word[:place] + letter + after,
                word[:place] + after[:1] + word[place] + after[1:],
            )
        )
        if changed != word and changed not in taken and len(changed) > 1 and changed[0].isalpha():
            return changed
