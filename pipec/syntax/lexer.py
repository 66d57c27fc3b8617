"""From text to tokens: comments and blanks dropped, doc comments kept, lexical faults reported and passed over."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from pipec.diagnostics.model import Diagnostics
from pipec.syntax.lexical_faults import (
    NESTING_LIMIT,
    report_backticks,
    report_character,
    report_foreign_name,
    report_number,
    report_quotes,
    report_short_quotes,
    report_too_deep,
    report_unread,
    report_unterminated,
)
from pipec.syntax.quotes import Guess, mispaired
from pipec.syntax.reading import FOREIGN_BYTES
from pipec.syntax.source import Source, Span
from pipec.syntax.strings import LONG_QUOTES, closing
from pipec.syntax.tables import tables
from pipec.syntax.tokens import CLOSER, END, NAME, NULL, Token

FAULT_LIMIT = 1000
UNCLOSED_LIMIT = 200

_WORD = re.compile(r"[A-Za-z0-9_]+(?:\.[0-9][A-Za-z0-9_]*)*")
_LETTERS = re.compile(r"\w+")
_DECORATOR = re.compile(r"@[A-Za-z_][^\n]*(?=\n)")
_BACKTICKS = re.compile(r"`([^`\n]*)`")
_LONELY = {
    sign: re.compile(rf"[ \t]*\r?\n(?:[^{sign}\n]*\n){{0,{40}}}[ \t]*{sign}(?=[ \t]*[)\]}},\r\n])") for sign in "'\""
}
"""What follows the first quote of a text over several lines, which its last quote begins a line behind."""
_DEPTH = {**dict.fromkeys(CLOSER, 1), **dict.fromkeys(CLOSER.values(), -1)}
_BLANK = re.compile(r"[ \t\r\n\f]*")


@dataclass
class Tokens:
    """The tokens of a source, ended by one of kind END.

    `docs` holds the text of doc comments by the offset of the token they stand before; `trailing_docs` of those after
    something on the same line, by the offset where that ends (a comma left out of account). `too_deep` says that
    brackets nest beyond the limit, which has been reported.
    """

    items: list[Token] = field(default_factory=list)
    docs: dict[int, str] = field(default_factory=dict)
    trailing_docs: dict[int, str] = field(default_factory=dict)
    too_deep: bool = False


def tokenize(source: Source, diagnostics: Diagnostics, start: int = 0, end: int | None = None) -> Tokens:
    """The tokens of a source, or of the characters `start` up to `end` of it."""
    lexer = _Lexer(source, diagnostics, len(source.text) if end is None else end)
    lexer.run(start)
    return lexer.result


def tokenize_further(source: Source, diagnostics: Diagnostics, known: Tokens, start: int) -> None:
    """Add the tokens of a source from `start` on to those before it, which have no fault."""
    lexer = _Lexer(source, diagnostics, len(source.text))
    lexer.result, lexer.tokens = known, known.items
    lexer.depth = sum(_DEPTH.get(token.kind, 0) for token in known.items)
    lexer.run(start)


class _Lexer:
    def __init__(self, source: Source, diagnostics: Diagnostics, end: int) -> None:
        self.source = source
        self.text = source.text
        self.diagnostics = diagnostics
        self.end = end
        self.result = Tokens()
        self.tokens = self.result.items
        self.depth = 0
        self.pending_doc: list[str] = []
        self.skipped = False
        self.faults = 0
        self.unclosed = 0

    def run(self, position: int) -> None:
        match = tables().pattern.match
        signs = tables().signs
        keywords = tables().keywords
        text, end, tokens = self.text, self.end, self.tokens
        if position == 0 and text.startswith("\ufeff"):
            position = 1
        while position < end:
            found = match(text, position, end)
            if found is None:
                position = _BLANK.match(text, position, end).end()  # type: ignore[union-attr]
                if position < end and self.is_over(position):
                    position = end
                position = self.fault(position) if position < end else end
                continue
            kind = found.lastgroup or ""
            start, position = found.span(kind)
            if kind == NAME:
                word = text[start:position]
                token = Token(word if word in keywords else NAME, word, start, position)
            elif kind == "SIGN":
                sign = signs[text[start:position]]
                token = Token(sign, sign, start, position)
                if sign in _DEPTH:
                    self.nest(token)
            else:
                special = self.special(kind, start, position)
                if special is None:
                    continue
                token = special
                position = token.end
            if self.pending_doc or self.skipped:
                self.attach(token)
            tokens.append(token)
        self.tokens.append(Token(END, text[end : end + 1], end, end, faulty=self.skipped))

    def special(self, kind: str, start: int, end: int) -> Token | None:
        """The token of a match that needs a second look; None where there is no token in it."""
        match kind:
            case "COMMENT":
                self.comment(start, end)
                return None
            case "TEXT" | "RAW_TEXT" if end - start == 2 and self.text[start : start + 3] in LONG_QUOTES:
                return self.unterminated(start, self.text[start : start + 3])
            case "TEXT" | "LONG_TEXT":
                quotes = '"' if kind == "TEXT" else '"""'
                if self.text.find("${", start, end) >= 0:
                    end = self.end_of(start, quotes) or end
            case "RAW_TEXT" | "LONG_RAW_TEXT":
                pass
            case _:
                if end < self.end and (self.text[end].isalnum() or self.text[end] == "_"):
                    return self.malformed_number(start)
        return Token(kind, self.text[start:end], start, end)

    def end_of(self, start: int, quotes: str) -> int | None:
        """Where a string with `${…}` ends; None where they are not closed, or too often were not."""
        if self.unclosed > UNCLOSED_LIMIT:
            return None
        end = closing(self.text, start + len(quotes), self.end, quotes)
        self.unclosed += end is None
        return end

    def is_over(self, position: int) -> bool:
        """Whether there were so many faults that the rest is not read, which is reported then."""
        self.faults += 1
        if self.faults > FAULT_LIMIT:
            report_unread(Span(self.source, position, position + 1), self.diagnostics)
        return self.faults > FAULT_LIMIT

    def attach(self, token: Token) -> None:
        """Give a token the doc comments before it, and mark it where something before it was passed over."""
        if self.pending_doc:
            self.result.docs[token.start] = "\n".join(self.pending_doc)
            self.pending_doc = []
        token.faulty = token.faulty or self.skipped
        self.skipped = False

    def comment(self, start: int, end: int) -> None:
        text = self.text[start:end]
        if not text.startswith("##") or text.startswith("###"):
            return
        doc = text[2:].strip()
        line_start = self.text.rfind("\n", 0, start) + 1
        if not self.tokens or self.tokens[-1].end <= line_start:
            self.pending_doc.append(doc)
            return
        documented = self.tokens[-1]
        if documented.kind == "," and len(self.tokens) > 1:
            documented = self.tokens[-2]
        self.result.trailing_docs[documented.end] = doc

    def nest(self, token: Token) -> None:
        self.depth += _DEPTH[token.kind]
        if self.depth > NESTING_LIMIT and not self.result.too_deep:
            self.result.too_deep = True
            report_too_deep(token.span(self.source), self.diagnostics)

    def fault(self, position: int) -> int:
        """Report what is no token and return the offset to go on from."""
        for quotes in (*LONG_QUOTES, '"', "'"):
            if self.text.startswith(quotes, position, self.end):
                token = self.unterminated(position, quotes)
                self.attach(token)
                self.tokens.append(token)
                return token.end
        if backticks := _BACKTICKS.match(self.text, position, self.end):
            report_backticks(Span(self.source, *backticks.span()), self.diagnostics)
            token = Token("RAW_TEXT", f"'{backticks[1]}'", *backticks.span(), faulty=True)
            self.attach(token)
            self.tokens.append(token)
            return token.end
        if self.text[position].isalpha():
            return self.foreign_name(position)
        if foreign := FOREIGN_BYTES.match(self.text, position, self.end):  # reported with all others of the file
            self.skipped = True
            return foreign.end()
        stop = position + 1
        while stop < self.end and self.text[stop] == self.text[position]:
            stop += 1
        before = self.text[self.text.rfind("\n", 0, position) + 1 : position]
        if not before.strip() and (decorator := _DECORATOR.match(self.text, position, self.end)):
            stop = decorator.end()
        span = Span(self.source, position, stop)
        replacement = report_character(span, self.diagnostics)
        if replacement is not None and (word := replacement.strip()) in ("and", "not", "-", "->", "<=", ">=", "!="):
            self.tokens.append(Token(word, word, position, stop, faulty=True))
        else:
            self.skipped = replacement != ""
        return stop

    def foreign_name(self, position: int) -> int:
        """Report a name with letters beyond a to z, as a whole, and return where it ends."""
        before = self.tokens[-1] if self.tokens else None
        start = position
        if before is not None and before.end == position and before.text.isidentifier():
            start = self.tokens.pop().start
        word = _LETTERS.match(self.text, position, self.end)
        stop = word.end() if word else position + 1
        span = Span(self.source, start, stop)
        report_foreign_name(span, self.diagnostics)
        token = Token(NAME, span.text, start, stop, faulty=True)
        self.attach(token)
        self.tokens.append(token)
        return stop

    def unterminated(self, start: int, quotes: str) -> Token:
        """Report a string without an end. A short one ends with its line, less what closes other brackets."""
        if quotes in _LONELY and (whole := _LONELY[quotes].match(self.text, start + 1, self.end)):
            report_short_quotes(self.source, start, whole.end(), self.diagnostics)
            kind = "LONG_TEXT" if quotes == '"' else "LONG_RAW_TEXT"
            text = self.text[start + 1 : whole.end() - 1]
            return Token(kind, f"{quotes * 3}{text}{quotes * 3}", start, whole.end(), faulty=True)
        guess = mispaired(self.text, self.tokens, start) if quotes not in LONG_QUOTES else None
        if guess is not None:
            return self.mended(guess, start)
        kind = {'"': "TEXT", "'": "RAW_TEXT", '"""': "LONG_TEXT", "'''": "LONG_RAW_TEXT"}[quotes]
        end = self.end if quotes in LONG_QUOTES else self.string_guess(start + 1)
        report_unterminated(self.source, start, end, quotes, self.diagnostics)
        return Token(kind, self.text[start:end] + quotes, start, end, faulty=True)

    def mended(self, guess: Guess, quote: int) -> Token:
        """Report a string that lacks a quote further left; what was made of it and of what follows is taken back."""
        taken = self.tokens[guess.first :]
        del self.tokens[guess.first :]
        self.depth -= sum(_DEPTH.get(token.kind, 0) for token in taken)
        self.skipped = False
        found = self.diagnostics.found
        while found and found[-1].span.source is self.source and found[-1].span.start >= guess.start:
            found.pop()  # what was said of the text as if it were none
        report_quotes(self.source, guess, quote, taken[0].end - 1, self.diagnostics)
        text = self.text[guess.start : guess.end].strip(self.text[quote])
        return Token("RAW_TEXT", f"'{text}'", guess.start, guess.end, faulty=True)

    def string_guess(self, start: int) -> int:
        """Where a string that lacks its closing quote was meant to end."""
        newline = self.text.find("\n", start, self.end)
        line = self.text[start : self.end if newline < 0 else newline].rstrip()
        open_here = [token.kind for token in self.tokens[-200:] if token.kind in _DEPTH]
        closable: list[str] = []
        for kind in open_here:
            if kind in CLOSER:
                closable.append(CLOSER[kind])
            elif closable:
                closable.pop()
        tail = re.search(r"[)\]}, \t]*(?:\)[ \t]*\{)?$", line)
        kept = len(line) if tail is None else tail.start()
        wanted = [sign for sign in line[kept:] if sign in ")]}"]
        if wanted != closable[::-1][: len(wanted)]:
            kept = len(line)
        return start + len(line[:kept].rstrip())

    def malformed_number(self, start: int) -> Token:
        """Report a number with something after it that is no unit; a missing value takes its place."""
        word = _WORD.match(self.text, start, self.end)
        end = word.end() if word else start + 1
        report_number(Span(self.source, start, end), self.diagnostics)
        return Token(NULL, "", start, end, faulty=True)
