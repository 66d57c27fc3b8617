"""Which places of a file syntax faults leave in doubt: the statement around each, as far as can be told."""

from __future__ import annotations

from collections.abc import Sequence

from pipec.syntax.layout import first_on_line
from pipec.syntax.machine import Machine
from pipec.syntax.repairs import Repair
from pipec.syntax.source import Source, Span
from pipec.syntax.tokens import CLOSER, DECLARATIONS, NAME, STATEMENTS, Token

_FAR = 200


class Damage:
    """Collects the places: `spans`, and in `nameless` where a name is missing."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.spans: list[Span] = []
        self.nameless: list[int] = []

    def by_repair(self, repair: Repair) -> None:
        """Note what a repair leaves in doubt: all of a statement whose kind is not known, and of a block dropped."""
        tokens = self.machine.tokens
        first = self.machine.index - repair.back
        last = min(self.machine.index + repair.resume, len(tokens) - 1)
        if repair.put[:1] == (NAME,) and not repair.drop:
            self.nameless.append(tokens[first].start)
        begins = bool(repair.put) and (repair.put[0] in STATEMENTS or repair.put[0] == NAME)
        if not (begins and first_on_line(self.machine.source, tokens[first])):
            self.between(first, last)
            return
        block = None if repair.put[0] in DECLARATIONS else self.block_of(first)
        end = tokens[last].start if block is None else tokens[block].end
        line_end = self.machine.source.text.find("\n", tokens[first].start)
        self.spans.append(Span(self.machine.source, tokens[first].start, max(end, line_end)))

    def between(self, first: int, last: int) -> None:
        """Note the tokens `first` up to `last`, with the statement around them from its beginning."""
        tokens = self.machine.tokens
        start = tokens[self.start_of_statement(first)].start
        end = max(tokens[last].start, start)
        self.spans.append(Span(self.machine.source, start, end))

    def by_idiom(self, first: int, last: int) -> None:
        """Note tokens that an idiom took: with their statement, but not with the options before theirs."""
        tokens = self.machine.tokens
        if tokens[self.start_of_statement(first)].kind in STATEMENTS:
            self.between(first, last)
        else:
            start = tokens[first].start
            self.spans.append(Span(self.machine.source, start, max(tokens[max(last - 1, first)].end, start)))

    def block_of(self, first: int) -> int | None:
        """The `}` of the block of a statement; None where it has none."""
        tokens = self.machine.tokens
        for index in range(first + 1, min(first + _FAR, len(tokens))):
            if tokens[index].kind == "{" and _opens_block(tokens, index):
                return closer_after(tokens, index + 1)
            if first_on_line(self.machine.source, tokens[index]) and tokens[index].kind in (*STATEMENTS, "}"):
                return None
        return None

    def start_of_statement(self, index: int) -> int:
        """The token that begins the statement or declaration around a token, as far as can be told."""
        tokens, source = self.machine.tokens, self.machine.source
        found, closed = index, 0
        for back in range(index - 1, max(index - _FAR, -1), -1):
            token = tokens[back]
            if token.kind in CLOSER.values():
                closed += 1
            elif token.kind in CLOSER and closed:
                closed -= 1
            elif token.kind == "{" and _opens_block(tokens, back):
                break
            elif token.kind in CLOSER:
                found = back
            elif not closed and first_on_line(source, token) and begins_statement(source, tokens, back):
                found = back
                if token.kind in STATEMENTS:
                    break
        return found


def begins_statement(source: Source, tokens: Sequence[Token], index: int) -> bool:
    """Whether a token seems to begin a statement: a keyword where one may stand, or `name =` on a line of its own."""
    named = index + 1 < len(tokens) and tokens[index + 1].kind == "="
    if tokens[index].kind in STATEMENTS and not named:
        return index == 0 or tokens[index - 1].kind not in (".", ",", "(")
    return named and first_on_line(source, tokens[index])


def closer_after(tokens: Sequence[Token], index: int) -> int | None:
    """The `}` that closes what is open at a token; None where nothing does."""
    depth = 0
    for place in range(index, len(tokens)):
        depth += (tokens[place].kind == "{") - (tokens[place].kind == "}")
        if depth < 0:
            return place
    return None


def _opens_block(tokens: Sequence[Token], index: int) -> bool:
    """Whether a `{` begins a block, not a map or the outputs of a header."""
    return index == 0 or tokens[index - 1].kind not in ("=", ":", "->", "(", "[", ",", "return")
