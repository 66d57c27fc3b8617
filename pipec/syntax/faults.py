"""What is said about syntax faults, in the words of the person who wrote the file."""

from __future__ import annotations

from enum import Enum, auto

from pipec.diagnostics.model import Diagnostics, Edit, Fix, Label
from pipec.frozen import Frozen
from pipec.syntax.machine import Machine
from pipec.syntax.source import Source, Span
from pipec.syntax.tokens import CLOSER, END, NAME, NULL, RESERVED, TEXTS, Token, describe, quote


class Reason(Enum):
    """What a repair takes the fault to be."""

    MISSPELT = auto()
    WRONG_CLOSER = auto()
    RESERVED = auto()
    CONFUSED = auto()
    MISSING = auto()
    SUPERFLUOUS = auto()
    UNEXPECTED = auto()


class Opener(Frozen):
    """A `{` and where its line is indented less than what closes it suggests."""

    token: Token
    closed_by: Token


def report(
    machine: Machine, reason: Reason, put: tuple[str, ...], drop: int, unshift: bool, diagnostics: Diagnostics
) -> None:
    """Report the fault at the machine's current token as the chosen repair explains it."""
    source = machine.source
    index = machine.index
    token = machine.tokens[index]
    span = token.span(source)
    match reason:
        case Reason.MISSPELT:
            word = machine.values[-1] if unshift else token
            keyword = " ".join(put)
            span = word.span(source)
            diagnostics.error(
                "P0005",
                f"unknown keyword `{word.text}`",
                span,
                help=f"there is the keyword `{keyword}`",
                fix=Fix(f"replace by `{keyword}`", (Edit(span, keyword),)),
            )
        case Reason.WRONG_CLOSER:
            diagnostics.error(
                "P0011",
                f"`{token.text}` closes nothing: `{put[0]}` is due here",
                span,
                labels=_opened_here(machine, source),
                fix=Fix(f"replace by `{put[0]}`", (Edit(span, put[0]),)),
            )
        case Reason.RESERVED:
            diagnostics.error(
                "P0014",
                f"`{token.text}` is a reserved word and cannot be a name",
                span,
                help=f"choose another name; reserved are {', '.join(f'`{word}`' for word in sorted(RESERVED))}",
            )
        case Reason.CONFUSED:
            span = Span(source, token.start, machine.tokens[index + drop - 1].end)
            diagnostics.error(
                "P0003",
                f"expected `{put[0]}`, found `{span.text}`",
                span,
                help=_confusion(put[0]),
                fix=Fix(f"replace by `{put[0]}`", (Edit(span, put[0]),)),
            )
        case Reason.MISSING:
            _report_missing(machine, put[0], unshift, diagnostics)
        case Reason.SUPERFLUOUS:
            token = machine.values[-1] if unshift else token
            span = token.span(source)
            closes_nothing = token.kind in CLOSER.values() and not _opened_here(machine, source)
            diagnostics.error(
                "P0004",
                f"unexpected {quote(token)}",
                span,
                label="no bracket is open here" if closes_nothing else "",
                help=f"expected {_expected(machine)}" if not closes_nothing and not unshift else None,
                fix=Fix("remove it", (Edit(span, ""),)),
            )
        case Reason.UNEXPECTED:
            diagnostics.error("P0003", f"expected {_expected(machine)}, found {quote(token)}", span)


def _report_missing(machine: Machine, kind: str, unshift: bool, diagnostics: Diagnostics) -> None:
    """Something to be put in before the current token, or before the name in front of it."""
    source = machine.source
    index = machine.index - 1 if unshift else machine.index
    following = machine.tokens[index]
    offset = machine.tokens[index - 1].end if index else following.start
    span = Span(source, offset, offset)
    if kind == NULL:
        expected = _expected(machine)
        diagnostics.error("P0003", f"expected {expected} before {quote(following)}", span)
        return
    if kind == NAME:
        diagnostics.error("P0003", f"expected {_expected(machine)} before {quote(following)}", span)
        return
    labels = _opened_here(machine, source) if kind in CLOSER.values() else ()
    message = f"expected `{kind}` before {quote(following)}"
    if labels:
        message = f"expected `{kind}` to close the `{labels[0].span.text}` before {quote(following)}"
    written = f" {kind}" if kind in ("=", "->", "{") else kind
    fix = Fix(f"insert `{kind}`", (Edit(span, written),))
    diagnostics.error("P0003", message, span, labels=labels, fix=fix)


def _opened_here(machine: Machine, source: Source) -> tuple[Label, ...]:
    opener = machine.innermost_opener(machine.values)
    return () if opener is None else (Label(machine.values[opener].span(source), "opened here"),)


def _confusion(kind: str) -> str | None:
    match kind:
        case "=":
            return "`=` gives a value"
        case ":":
            return "`:` gives a type or a key"
        case "==":
            return "`==` compares"
        case "or":
            return "the operator is written `or`"
        case _:
            return None


def _expected(machine: Machine) -> str:
    """What fits next, in words."""
    kinds = machine.accepted(machine.states)
    previous = machine.tokens[machine.index - 1].kind if machine.index else None
    if kinds == {END}:
        return quote(machine.tokens[-1])
    if NULL in kinds:
        return "an expression"
    if kinds == {NAME} and previous == "=":
        return 'an implementation such as `python("module:function")`'
    if NAME in kinds and kinds & TEXTS and "(" in kinds:
        return "a type"
    if kinds >= TEXTS:
        return "a string"
    words: list[str] = []
    if "pipeline" in kinds:
        words.append("a declaration such as `pipeline` or `component`")
    elif "task" in kinds or "require" in kinds or "expect" in kinds:
        words.append("a statement")
    elif NAME in kinds:
        words.append("a name")
    signs = kinds & {*CLOSER.values(), *CLOSER, "=", ":", ",", "->", "as", "is"}
    if "+" in kinds:  # an expression may always go on: that is no news
        signs -= {"(", "["}
    elif not words:
        signs |= kinds & {"in", "for"}
    words += [f"`{kind}`" for kind in sorted(signs)]
    if not words:
        words = [describe(kind) for kind in sorted(kinds)][:5]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def report_unclosed(machine: Machine, opener: Token, by_layout: list[Opener], diagnostics: Diagnostics) -> None:
    """Report a bracket that is never closed: the one whose layout says so, else the one left open at the end."""
    source = machine.source
    token = machine.tokens[machine.index]
    if by_layout and opener.kind == "{":
        suspect = by_layout.pop(0)
        labels: tuple[Label, ...] = (
            Label(suspect.closed_by.span(source), "this `}` is indented as if it closed an outer block"),
            Label(opener.span(source), "so this one stays open"),
        )
        labels = labels[:1] if suspect.token is opener else labels
        diagnostics.error(
            "P0010",
            "`{` is never closed",
            suspect.token.span(source),
            labels=labels,
            help="close it with `}` where the block ends",
        )
        return
    closer = CLOSER[opener.kind]
    offset = machine.tokens[machine.index - 1].end
    before = "" if token.kind == END else f" before {quote(token)}"
    diagnostics.error(
        "P0010",
        f"`{opener.kind}` is never closed{before}",
        opener.span(source),
        help=f"close it with `{closer}`",
        fix=Fix(
            f"insert `{closer}`", (Edit(Span(source, offset, offset), f"\n{closer}" if closer == "}" else closer),)
        ),
    )


def report_too_many(source: Source, token: Token, diagnostics: Diagnostics) -> None:
    """Report that the rest of the file is not read, P0018."""
    diagnostics.error("P0018", "too many syntax faults: the rest of the file was not read", token.span(source))


def first_on_line(source: Source, token: Token) -> bool:
    """Whether only blanks stand before a token on its line."""
    line_start = source.text.rfind("\n", 0, token.start) + 1
    return not source.text[line_start : token.start].strip()


def unclosed_by_layout(source: Source, tokens: list[Token]) -> list[Opener]:
    """Each `{` that is closed by a `}` which stands first on a line indented less than the line of the `{`.

    That `}` was meant for an outer block, so it is this `{` that lacks its own. Innermost and first ones come first.
    """
    open_braces: list[Token] = []
    found: list[Opener] = []
    for token in tokens:
        if token.kind == "{":
            open_braces.append(token)
        elif token.kind == "}" and token.text and open_braces:
            opener = open_braces.pop()
            if first_on_line(source, token) and indentation(source, token) < indentation(source, opener):
                found.append(Opener(opener, token))
    return found


def indentation(source: Source, token: Token) -> int:
    """How many blanks begin the line of a token."""
    line_start = source.text.rfind("\n", 0, token.start) + 1
    line = source.text[line_start : token.end]
    return len(line) - len(line.lstrip())
