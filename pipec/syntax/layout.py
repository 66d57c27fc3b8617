"""Which brace is missing or superfluous, judged by how the lines are indented.

Braces that do not match leave a parser in the dark: whatever follows stands in the wrong block. People indent blocks,
and so the indentation tells where a block was meant to begin and end.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from pipec.diagnostics.model import Diagnostics, Edit, Fix, Label
from pipec.frozen import Frozen
from pipec.syntax.source import Source, Span
from pipec.syntax.tokens import CLOSER, END, NAME, STATEMENTS, Token, quote

_CONTINUATIONS = frozenset({"=", "->", "after", ",", ".", "else", "?", ":", "??", "and", "or", "+", "-", "*", "/"})
_BLANKS = frozenset(" \t\r\f\ufeff")
_LINE_BEGINNING = re.compile(f"(?:^|\n)([{''.join(sorted(_BLANKS))}]*)")
_AFTER_KEYS = frozenset({"=", ":", ",", ")", "]", "."})
_CLOSERS = frozenset(CLOSER.values())
_FEW = 100


class _Open(Frozen):
    """A bracket that is still open, `indent` being that of the statement it belongs to, `line` where its line begins.

    `is_last` is true where it ends its line: then what it holds stands below it.
    """

    token: Token
    indent: int
    line: int
    is_last: bool


@dataclass(eq=False, repr=False)
class _Mender:
    """Goes through the tokens once. `lacking` is how many `}` fewer than `{` there are, less those put in.

    A line whose own brackets do not match is left to the parser, which sees best what they are for.
    """

    source: Source
    tokens: list[Token]
    diagnostics: Diagnostics
    lacking: int
    open: list[_Open] = field(default_factory=list)
    mended: list[Token] = field(default_factory=list)
    changes: int = 0
    indent: int = 0
    line: int = 0

    def mend(self) -> bool:
        lines = {found.end(): found.start(1) for found in _LINE_BEGINNING.finditer(self.source.text)}
        for index, token in enumerate(self.tokens):
            is_first = token.start in lines
            if is_first:
                self.line = lines[token.start]
                self.begin_line(index, token)
            kind = token.kind
            if kind in CLOSER:
                self.push(index, token)
            elif kind in _CLOSERS:
                mended = self.close(token, is_first)
                if mended is None:
                    continue
                token = mended
            self.mended.append(token)
        if self.changes:
            self.tokens[:] = self.mended
        return bool(self.changes)

    def push(self, index: int, token: Token) -> None:
        is_doubled = token.kind == "{" and bool(self.mended) and self.mended[-1].kind == "{"
        if is_doubled and self.lacking > 0:  # one too many, which the parser will see
            self.lacking -= 1
            return
        following = self.tokens[index + 1]
        is_last = "\n" in self.source.text[token.end : following.start]
        self.open.append(_Open(token, self.indent, self.line, is_last))

    def begin_line(self, index: int, token: Token) -> None:
        """Notes the indentation, and closes blocks that a statement shows to be over."""
        self.leave_to_parser()
        if self.begins_statement(index):
            self.indent = token.start - self.line
            self.close_blocks(self.indent, token)
        elif token.kind == END:
            self.close_blocks(-1, token)
        elif token.kind not in _CONTINUATIONS and (not self.open or self.open[-1].token.kind == "{"):
            self.indent = token.start - self.line

    def leave_to_parser(self) -> None:
        """Forgets the braces of the line before that stay open in front of another one, which its block begins with."""
        if self.lacking > 0 and self.open and self.open[-1].is_last:
            kept = [one for one in self.open if one.is_last or one.token.kind != "{" or one.line < self.open[-1].line]
            self.lacking -= len(self.open) - len(kept)
            self.open = kept

    def begins_statement(self, index: int) -> bool:
        token = self.tokens[index]
        sign = self.tokens[index + 1].kind if token.kind != END else END
        if token.kind == NAME:
            return sign == "=" and (not self.open or self.open[-1].token.kind == "{")
        return token.kind in STATEMENTS and sign not in _AFTER_KEYS

    def close_blocks(self, indent: int, token: Token) -> None:
        """Closes the blocks whose statement is indented as much as this one or more."""
        self.forget_round_ones()
        while self.lacking > 0 and self.open and self.open[-1].indent >= indent:
            self.put_closer(self.open.pop(), token)
            self.forget_round_ones()

    def forget_round_ones(self) -> None:
        """Brackets other than braces that stay open are for the parser."""
        while self.open and self.open[-1].token.kind != "{":
            self.open.pop()

    def close(self, token: Token, is_first: bool) -> Token | None:
        """Finds what a closing bracket closes; the token itself, the one that was meant, or None for one too many."""
        indent = token.start - self.line if is_first else 0
        top = self.open[-1] if self.open else None
        if top is not None and CLOSER[top.token.kind] != token.kind:
            if self.is_confused(top, token):
                is_block = is_first and top.is_last and indent == top.indent
                if is_block or (not is_first and top.line == self.line):
                    self.lacking += 1 if token.kind == "}" else -1
                    self.open.pop()
                    return self.other_closer(top, token) if is_block else token
            if token.kind == "}":
                self.forget_round_ones()
            elif any(one.token.kind != "{" and CLOSER[one.token.kind] == token.kind for one in self.open):
                while CLOSER[self.open[-1].token.kind] != token.kind and self.open[-1].token.kind != "{":
                    self.open.pop()
        if token.kind == "}":
            return self.close_brace(token, indent, is_first)
        if self.open and CLOSER[self.open[-1].token.kind] == token.kind:
            self.open.pop()
        return token

    def is_confused(self, top: _Open, token: Token) -> bool:
        """Whether the numbers of braces suggest that another closing bracket was meant."""
        return (top.token.kind == "{" and self.lacking > 0) or (token.kind == "}" and self.lacking < 0)

    def close_brace(self, token: Token, indent: int, is_first: bool) -> Token | None:
        if not self.open:
            if is_first and self.lacking < 0 and self.put_opener(token, indent):
                return token
            may_go = is_first or (bool(self.mended) and self.mended[-1].kind == "}")
            return None if may_go and self.is_superfluous(token, "no bracket is open here") else token
        top = self.open[-1]
        if not is_first:
            if not top.is_last or top.line == self.line or self.lacking >= 0:
                self.open.pop()
            elif (
                self.mended[-1].kind == "}"
                and self.mended[-1].end == token.start
                and self.is_superfluous(token, "the block would end here")
            ):
                return None
            elif self.put_opener_on_line(token):
                return token
            return token  # else its opener is missing on its own line, where the parser will see it
        self.indent = indent
        if top.is_last and indent > top.indent and self.lacking < 0:
            is_mended = self.put_opener(token, indent)
            return None if not is_mended and self.is_superfluous(token, "this closes no block") else token
        if indent < top.indent and len(self.open) > 1:
            self.close_blocks(indent + 1, token)
            while len(self.open) > 1 and self.open[-1].indent > indent:
                self.open.pop()
        if self.open:
            self.open.pop()
        return token

    # --- what is changed -------------------------------------------------------------------------

    def put_closer(self, opener: _Open, before: Token) -> None:
        place = self.mended[-1].end
        self.lacking -= 1
        self.changes += 1
        self.mended.append(Token("}", "}", place, place))
        report_unclosed(self.source, opener.token, place, before, self.diagnostics)

    def put_opener(self, closer: Token, indent: int) -> bool:
        """Puts a `{` in front of what is indented more than the header of the block; False where there is no header."""
        below = self.below_header(indent)
        if below is None:
            return False
        return self.put_opener_at(below, closer)

    def put_opener_at(self, below: int, closer: Token) -> bool:
        header, following = self.mended[below - 1], self.mended[below]
        place = Span(self.source, header.end, header.end)
        self.lacking += 1
        self.changes += 1
        self.mended.insert(below, Token("{", "{", header.end, header.end))
        self.diagnostics.error(
            "P0003",
            f"expected `{{` before {quote(following)}",
            place,
            labels=(Label(closer.span(self.source), "which this would close"),),
            fix=Fix("insert `{`", (Edit(place, " {"),)),
        )
        return True

    def put_opener_on_line(self, closer: Token) -> bool:
        """Puts a `{` in front of the first option on the line, where it stands right after a header."""
        first: int | None = None
        depth = 0
        for index in reversed(range(1, len(self.mended) - 1)):
            token = self.mended[index]
            depth += (token.kind in CLOSER.values()) - (token.kind in CLOSER)
            if token.start <= self.line or depth < 0:
                break
            is_option = self.mended[index + 1].kind == "=" and not first_on_line(self.source, token)
            if is_option and not depth and self.mended[index - 1].kind in (")", NAME):
                first = index
        return first is not None and self.put_opener_at(first, closer)

    def other_closer(self, opener: _Open, token: Token) -> Token:
        """The closing bracket that was meant."""
        self.changes += 1
        meant = CLOSER[opener.token.kind]
        report_wrong_closer(self.source, opener.token, token, self.diagnostics)
        return Token(meant, meant, token.start, token.end)

    def below_header(self, indent: int) -> int | None:
        """Where the lines begin that are indented more than the last one indented by `indent`, which heads them."""
        below: int | None = None
        for index in reversed(range(len(self.mended))):
            token = self.mended[index]
            if self.open and token is self.open[-1].token:
                return None
            if not first_on_line(self.source, token):
                continue
            indented = indentation(self.source, token)
            if indented <= indent:
                is_end = token.kind == "}" and [one.kind for one in self.mended[index + 1 : index + 2]] != ["else"]
                return below if indented == indent and not is_end else None
            if token.kind not in _CONTINUATIONS:
                below = index
        return None

    def is_superfluous(self, token: Token, label: str) -> bool:
        """Whether a `}` is dropped because there are too many; it is reported then."""
        if self.lacking >= 0:
            return False
        self.lacking += 1
        self.changes += 1
        span = token.span(self.source)
        self.diagnostics.error("P0004", "unexpected `}`", span, label=label, fix=Fix("remove it", (Edit(span, ""),)))
        return True


def mend_braces(source: Source, tokens: list[Token], diagnostics: Diagnostics) -> bool:
    """Puts in the braces that are missing and takes out those that are too many; says whether any.

    Only where there are more of one kind than of the other. What the layout does not tell is left as it is.
    """
    kinds = [token.kind for token in tokens]
    lacking = kinds.count("{") - kinds.count("}")
    if not 0 < abs(lacking) <= _FEW:
        return False
    return _Mender(source, tokens, diagnostics, lacking).mend()


def report_unclosed(source: Source, opener: Token, place: int, before: Token, diagnostics: Diagnostics) -> None:
    """Report a bracket that is never closed, P0010, where its closing one is due."""
    closer = CLOSER[opener.kind]
    due = Span(source, place, place)
    diagnostics.error(
        "P0010",
        f"`{opener.kind}` is never closed: `{closer}` is due before {quote(before)}",
        due,
        labels=(Label(opener.span(source), "opened here"),),
        fix=Fix(f"insert `{closer}`", (Edit(due, f"\n{closer}" if closer == "}" else closer),)),
    )


def report_wrong_closer(source: Source, opener: Token, token: Token, diagnostics: Diagnostics) -> None:
    """Report a closing bracket of another kind than the one that is open, P0011."""
    meant = CLOSER[opener.kind]
    span = token.span(source)
    diagnostics.error(
        "P0011",
        f"`{token.text}` closes nothing: `{meant}` is due here",
        span,
        labels=(Label(opener.span(source), "opened here"),),
        fix=Fix(f"replace by `{meant}`", (Edit(span, meant),)),
    )


def line_start(source: Source, offset: int) -> int:
    """Where the line of an offset begins."""
    return source.text.rfind("\n", 0, offset) + 1


def first_on_line(source: Source, token: Token) -> bool:
    """Whether only blanks stand before a token on its line."""
    start = token.start - indentation(source, token)
    return start == 0 or source.text[start - 1] == "\n"


def indentation(source: Source, token: Token) -> int:
    """How many blanks stand right before a token: for the first one of a line, those that begin the line."""
    start = token.start
    while start and source.text[start - 1] in _BLANKS:
        start -= 1
    return token.start - start
