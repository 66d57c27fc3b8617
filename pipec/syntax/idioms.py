"""What other languages write in place of something that exists here: seen as a whole, and said as a whole.

A repair asks which few tokens would make the rest fit. An idiom knows what is meant: `a >> b` is an order, and the
smallest edit that fits would be another fault. It is offered only where the parser has stopped anyway.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from pipec.diagnostics.model import Edit, Fix
from pipec.frozen import Frozen
from pipec.syntax.layout import first_on_line
from pipec.syntax.machine import Machine
from pipec.syntax.source import Source, Span
from pipec.syntax.tokens import CLOSER, END, NAME, RESERVED, STATEMENTS, Token

_FAR = 400


class Idiom(Frozen):
    """Tokens `first` up to `last` are meant as `tokens`; the rest is what to say of it.

    `is_doubtful` where the tree then lacks something that was meant: what follows from that is not told.
    """

    first: int
    last: int
    tokens: tuple[Token, ...]
    code: str
    message: str
    span: Span
    help: str | None = None
    fix: Fix | None = None
    is_doubtful: bool = False


class Place:
    """Where a machine has stopped, with what idioms ask of the tokens around."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.source: Source = machine.source
        self.tokens = machine.tokens
        self.index = machine.index
        self.token = machine.tokens[machine.index]

    def kind(self, index: int) -> str:
        """The kind of a token, END beyond both ends."""
        return self.tokens[index].kind if 0 <= index < len(self.tokens) else END

    def is_name(self, index: int) -> bool:
        """Whether a token may be a name: also a keyword that is not reserved."""
        kind = self.kind(index)
        return kind == NAME or (kind.isidentifier() and self.tokens[index].text == kind and kind not in RESERVED)

    def is_first(self, index: int) -> bool:
        return first_on_line(self.source, self.tokens[index])

    def touches(self, index: int) -> bool:
        """Whether a token follows the one before without a blank."""
        return index > 0 and self.tokens[index].start == self.tokens[index - 1].end

    def span(self, first: int, last: int) -> Span:
        """The place of the tokens `first` up to `last`."""
        return Span(self.source, self.tokens[first].start, self.tokens[last - 1].end)

    def text(self, first: int, last: int) -> str:
        return self.span(first, last).text if last > first else ""

    def after(self, index: int, text: str) -> Edit:
        """The edit that writes something right behind a token."""
        end = self.tokens[index].end
        return Edit(Span(self.source, end, end), text)

    def before(self, index: int, text: str) -> Edit:
        """The edit that writes something right before a token."""
        start = self.tokens[index].start
        return Edit(Span(self.source, start, start), text)

    def instead(self, index: int, text: str) -> Edit:
        """The edit that writes something in place of a token."""
        return Edit(self.span(index, index + 1), text)

    def between(self, index: int, text: str) -> Edit | None:
        """The edit that writes something in place of a token with the blanks around it; None beside a comment."""
        span = Span(self.source, self.tokens[index - 1].end, self.tokens[index + 1].start)
        return Edit(span, text) if span.text.strip() == self.tokens[index].text and "\n" not in span.text else None

    def without(self, first: int, last: int) -> Edit | None:
        """The edit that removes tokens and the blanks before them; None where a comment would go with them."""
        span = Span(self.source, self.tokens[first - 1].end, self.tokens[last - 1].end)
        return None if "#" in span.text.removesuffix(self.text(first, last)) else Edit(span, "")

    def closer(self, index: int) -> int | None:
        """The bracket that closes the one at `index`."""
        depth = 0
        for place in range(index, min(len(self.tokens), index + _FAR)):
            kind = self.tokens[place].kind
            depth += (kind in CLOSER) - (kind in CLOSER.values())
            if not depth:
                return place if kind == CLOSER.get(self.kind(index)) else None
        return None

    def opener(self) -> int | None:
        """The innermost bracket that is open."""
        height = self.machine.innermost_opener(self.machine.values)
        return None if height is None else self.index_of(self.machine.values[height])

    def index_of(self, token: Token) -> int | None:
        for index in range(self.index - 1, max(self.index - _FAR, -1), -1):
            if self.tokens[index].start == token.start and self.tokens[index].text == token.text:
                return index
        return None

    def head(self) -> int | None:
        """The keyword of the innermost statement that is being read."""
        for value in reversed(self.machine.values):
            if isinstance(value, Token) and value.kind in STATEMENTS:
                return self.index_of(value)
        return None

    def begins_option(self, index: int) -> bool:
        """Whether an option may begin with the token at `index`, which is not read any further than the current one."""
        states = self.machine.rewound(self.index - index)
        return states is not None and {NAME, "}"} <= self.machine.accepted(states)

    def end_of_type(self, index: int) -> int | None:
        """The token after the type that begins at `index`."""
        while True:
            if self.kind(index) in ("{", "("):
                close = self.closer(index)
                if close is None:
                    return None
                index = close + 1
            elif self.is_name(index):
                index += 1
                while self.kind(index) == "." and self.is_name(index + 1):
                    index += 2
                if self.kind(index) == "[":
                    close = self.closer(index)
                    if close is None:
                        return None
                    index = close + 1
            elif self.kind(index) in ("TEXT", "RAW_TEXT"):
                index += 1
            else:
                return None
            if self.kind(index) == "?":
                index += 1
            if self.kind(index) != "|":
                return index
            index += 1

    def end_of_value(self, index: int) -> int:
        """The token after a value: the next `,`, closing bracket, or beginning of a line."""
        start = index
        while self.kind(index) != END:
            kind = self.kind(index)
            if kind == "," or kind in CLOSER.values() or (index > start and self.is_first(index)):
                break
            close = self.closer(index) if kind in CLOSER else None
            index = index + 1 if close is None else close + 1
        return index


def fix(title: str, *edits: Edit | None) -> Fix | None:
    """A fix of these edits; None where one of them cannot be made."""
    made = tuple(edit for edit in edits if edit is not None)
    return Fix(title, made) if len(made) == len(edits) else None


def replaced(span: Span, text: str) -> Fix:
    """The fix that writes something in place of a span."""
    return Fix(f"replace by `{text}`", (Edit(span, text),))


Reader = Callable[[Place], Idiom | None]


def idioms(machine: Machine) -> Iterator[Idiom]:
    """What the tokens around the current one may be meant as, the likeliest first."""
    from pipec.syntax.idioms_blocks import BLOCKS  # here, because a file without faults has no idioms
    from pipec.syntax.idioms_dependencies import DEPENDENCIES
    from pipec.syntax.idioms_headers import HEADERS
    from pipec.syntax.idioms_indented import INDENTED
    from pipec.syntax.idioms_order import ORDERS
    from pipec.syntax.idioms_values import VALUES

    place = Place(machine)
    for read in (*INDENTED, *HEADERS, *DEPENDENCIES, *ORDERS, *BLOCKS, *VALUES):
        idiom = read(place)
        if idiom is not None:
            yield idiom
