"""The lines of the formatted text as they grow, with every comment put back where it was."""

from __future__ import annotations

from pipec.syntax.formatting.comments import Comments
from pipec.syntax.formatting.nodes import LINE_WIDTH, Item
from pipec.syntax.tokens import Token

_COMMENT_GAP = 2


class Lines:
    """Takes texts and ends of lines; a comment behind a token ends the line it stands on.

    `indent` is that of the present line. `continuation` is that of a line which begins only because a comment ended the
    one before, or because an operator did not fit on it.
    """

    def __init__(self, comments: Comments) -> None:
        self.comments = comments
        self.done: list[str] = []
        self.trailing: dict[int, str] = {}
        self.indent = 0
        self.continuation = 0
        self.text = ""
        self.pending: str | None = None
        self.spaced = False

    @property
    def column(self) -> int:
        """How many characters the present line has, with the space before what comes next."""
        return len(self.text) + self.spaced if self.text else self.indent

    @property
    def is_fresh(self) -> bool:
        """Whether nothing stands on the present line."""
        return not self.text

    def fits(self, width: int) -> bool:
        return self.column + width <= LINE_WIDTH

    # --- lines ---

    def newline(self, indent: int) -> None:
        """End the present line, if anything stands on it."""
        if self.text:
            if self.pending is not None:
                self.trailing[len(self.done)] = self.pending
                self.pending = None
            self.done.append(self.text.rstrip(" "))
            self.text = ""
        self.spaced = False
        self.indent = indent

    def blank(self) -> None:
        """An empty line; the present one is fresh."""
        self.done.append("")

    def lead(self, end: int, start: int, *, is_first: bool, is_last: bool = False) -> None:
        """What stands on the lines between something that ends and something that starts there: comments, empty lines.

        The present line is fresh. No empty line begins or ends a block.
        """
        leading = self.comments.before.pop(start, None)
        if leading is None:
            if not is_first and not is_last and self.comments.has_blank_line(end, start):
                self.blank()
            return
        for index, comment in enumerate(leading.lines):
            if comment.after_blank and not (is_first and index == 0):
                self.blank()
            self.done.append(" " * self.indent + comment.text)
        if leading.blank_below and not is_last:
            self.blank()

    # --- texts ---

    def space(self) -> None:
        """A space before what comes next, unless that begins a line."""
        self.spaced = bool(self.text)

    def settle(self, start: int) -> None:
        """Before what starts there: end the line where a comment does, and put the comments before it on their own."""
        if start in self.comments.before:
            self.newline(self.continuation)
            self.lead(start, start, is_first=True, is_last=True)
        elif self.pending is not None:
            self.newline(self.continuation)

    def put(self, start: int, text: str, end: int) -> None:
        """The text of what stands at these offsets of the source."""
        self.settle(start)
        if not self.text:
            self.text = " " * self.indent + text
        elif self.spaced:
            self.text += " " + text
        else:
            self.text += text
        self.spaced = False
        if "\n" in text:
            *lines, self.text = self.text.split("\n")
            self.done += lines
        if end in self.comments.behind:
            self.pending = self.comments.behind.pop(end)

    def token(self, token: Token) -> None:
        self.put(token.start, token.text, token.end)

    def comma(self, token: Token | None) -> None:
        """A comma, that of the source or one put in; it goes before the comment behind what it ends."""
        if token is None or (token.start not in self.comments.before and token.end not in self.comments.behind):
            self.text += ","
        else:
            self.token(token)

    def item(self, item: Item, text: str, padding: int = 0, key: int = 0) -> None:
        """Something on one line, with spaces after its key, the first so many characters."""
        self.put(item.start, f"{text[:key]}{' ' * padding}{text[key:]}" if padding else text, item.end)

    # --- the whole ---

    def joined(self) -> str:
        """The whole text; comments behind lines that follow each other are aligned."""
        self.newline(0)
        numbers = list(self.trailing)
        first = 0
        for index in range(1, len(numbers) + 1):
            if index < len(numbers) and self._go_together(numbers[index - 1], numbers[index]):
                continue
            self._align(numbers[first:index])
            first = index
        return "\n".join([*self.done, ""]) if self.done else ""

    def _go_together(self, number: int, following: int) -> bool:
        return following == number + 1 and _indentation(self.done[number]) == _indentation(self.done[following])

    def _align(self, numbers: list[int]) -> None:
        """Put the comments behind these lines in one column, or close behind each where that would be too far right."""
        column = max(len(self.done[number]) for number in numbers) + _COMMENT_GAP
        aligned = all(column + len(self.trailing[number]) <= LINE_WIDTH for number in numbers)
        for number in numbers:
            line = self.done[number]
            self.done[number] = f"{line:<{column if aligned else len(line) + _COMMENT_GAP}}{self.trailing[number]}"


def _indentation(line: str) -> int:
    return len(line) - len(line.lstrip(" "))
