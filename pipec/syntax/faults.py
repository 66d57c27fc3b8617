"""What is said about syntax faults, in the words of the person who wrote the file."""

from __future__ import annotations

from pipec.diagnostics.model import Diagnostics, Edit, Fix, Label
from pipec.syntax.layout import first_on_line, report_wrong_closer
from pipec.syntax.machine import Machine
from pipec.syntax.repairs import Reason, Repair
from pipec.syntax.source import Source, Span
from pipec.syntax.tokens import (
    CLOSER,
    DECLARATIONS,
    END,
    NAME,
    NULL,
    RESERVED,
    STATEMENTS,
    TEXTS,
    VALUES,
    Token,
    describe,
    quote,
)

_SPACED = frozenset({"=", "->", "{", "["})
_AFTER_NAMES = frozenset({"=", ":", "->", "(", "."})
_NAMED = 4
_CLOSERS = frozenset(CLOSER.values())
_CONFUSIONS = frozenset(
    {(":", "="), ("=", ":"), ("==", "="), ("=", "=="), ("|", "or"), (":", "{"), (",", "->"), (".", ","), ("of", "in")}
)
"""What is written, and what is meant by it."""


def report(machine: Machine, repair: Repair, diagnostics: Diagnostics) -> None:
    """Report the fault at the machine's current token as the chosen repair explains it."""
    source = machine.source
    put, drop = repair.put, repair.drop
    index = machine.index - repair.back
    token = machine.tokens[index]
    span = token.span(source)
    match repair.reason:
        case Reason.MISSPELT:
            keyword = " ".join(put)
            diagnostics.error(
                "P0005",
                f"unknown keyword `{token.text}`",
                span,
                help=f"there is the keyword `{keyword}`",
                fix=Fix(f"replace by `{keyword}`", (Edit(span, keyword),)),
            )
        case Reason.WRONG_CLOSER:
            depth = machine.innermost_opener(machine.values)
            assert depth is not None
            report_wrong_closer(source, machine.values[depth], token, diagnostics)
        case Reason.RESERVED:
            diagnostics.error(
                "P0014",
                f"`{token.text}` is a reserved word and cannot be a name",
                span,
                help=f"choose another name; reserved are {', '.join(f'`{word}`' for word in sorted(RESERVED))}",
            )
        case Reason.CONFUSED if not _is_likely(token, put[0]):
            diagnostics.error("P0003", _unexpected(machine, token), span, help=_head_of_test(machine, index))
        case Reason.CONFUSED:
            span = Span(source, token.start, machine.tokens[index + drop - 1].end)
            diagnostics.error(
                "P0003",
                f"expected `{put[0]}`, found `{span.text}`",
                span,
                help=_confusion(put[0]),
                fix=Fix(f"replace by `{put[0]}`", (Edit(span, _spaced(machine, index, put[0])),)),
            )
        case Reason.MISSING:
            _report_missing(machine, repair, index, diagnostics)
        case Reason.SUPERFLUOUS:
            closes_nothing = token.kind in CLOSER.values() and not _opened_here(machine, source)
            diagnostics.error(
                "P0004",
                f"unexpected {quote(token)}",
                span,
                label="no bracket is open here" if closes_nothing else "",
                help=f"expected {_expected(machine)}" if not closes_nothing and not repair.back else None,
                fix=None if _says_something(machine, index) else Fix("remove it", (Edit(span, ""),)),
            )
        case Reason.HYPHEN:
            span = Span(source, token.start, machine.tokens[index + drop - 1].end)
            name = span.text.replace("-", "_")
            diagnostics.error(
                "P0107",
                f"`{span.text}` cannot be a name",
                span,
                help="names are small letters, digits and `_`, starting with a letter",
                fix=Fix(f"replace by `{name}`", (Edit(span, name),)),
            )
        case Reason.COMMENT:
            span = Span(source, token.start, machine.tokens[index + 1].end)
            fix = Fix("replace by `#`", (Edit(span, "#"),))
            diagnostics.error("P0004", f"unexpected `{span.text}`", span, help="a comment begins with `#`", fix=fix)
        case Reason.UNEXPECTED if token.kind in DECLARATIONS and "task" in machine.accepted(machine.states):
            help = "it belongs to the top level of the file"
            diagnostics.error("P0003", f"`{token.text}` cannot stand inside a block", span, help=help)
        case Reason.UNEXPECTED:
            if index and first_on_line(source, token) and _is_incomplete(machine):
                place = Span(source, machine.tokens[index - 1].end, machine.tokens[index - 1].end)
                diagnostics.error("P0003", f"expected {_expected(machine)} before {quote(token)}", place)
                return
            if token.kind in STATEMENTS and "pipeline" in machine.accepted(machine.states):
                help = f"write `pipeline NAME {{ … }}` around it: `{token.text}` is a statement of a pipeline"
                diagnostics.error("P0003", f"`{token.text}` cannot stand at the top level of a file", span, help=help)
                return
            diagnostics.error("P0003", _unexpected(machine, token), span, help=_head_of_test(machine, index))


def _unexpected(machine: Machine, token: Token) -> str:
    return f"expected {_expected(machine)}, found {quote(token)}"


def _head_of_test(machine: Machine, index: int) -> str | None:
    """How a test begins, where the token at `index` stands in the beginning of one."""
    match [token.kind for token in machine.tokens[max(0, index - 4) : index + 1]]:
        case ["test", _, "for", _, "("]:
            return "what the pipeline is given stands inside: `given NAME = …`"
        case [*_, "test", _] | [*_, "test", _, _]:
            return 'a test has a text, and says which pipeline it plays: `test "…" for NAME { … }`'
        case _:
            return None


def _says_something(machine: Machine, index: int) -> bool:
    """Whether a token that does not fit is a word or value, which somebody wrote for a reason, and no repetition."""
    token, before = machine.tokens[index], machine.tokens[index - 1] if index else None
    is_repeated = before is not None and before.text == token.text
    return (token.kind in (NAME, "(", "[", "{", "->") or token.kind in VALUES) and not is_repeated


def _report_missing(machine: Machine, repair: Repair, index: int, diagnostics: Diagnostics) -> None:
    """Something to be put in before the token at `index`."""
    source = machine.source
    kind = repair.put[0]
    following = machine.tokens[index]
    if kind in STATEMENTS:
        _report_no_keyword(machine, repair, following, diagnostics)
        return
    offset = machine.tokens[index - 1].end if index else following.start
    is_type = index > 0 and machine.tokens[index - 1].kind in (":", "->")
    if kind == NAME and following.kind in _AFTER_NAMES and not is_type and first_on_line(source, following):
        offset = following.start
    place = Span(source, offset, offset)
    if kind in (NULL, NAME):
        expected = _expected(machine) if index == machine.index else "an expression"
        diagnostics.error("P0003", f"expected {expected} before {quote(following)}", place)
        return
    labels = _opened_here(machine, source) if kind in CLOSER.values() else ()
    message = f"expected `{kind}` before {quote(following)}"
    if labels:
        message = f"expected `{kind}` to close the `{labels[0].span.text}` before {quote(following)}"
    written = f" {kind}" if kind in _SPACED or kind.isalpha() else kind
    diagnostics.error("P0003", message, place, labels=labels, fix=Fix(f"insert `{kind}`", (Edit(place, written),)))


def _report_no_keyword(machine: Machine, repair: Repair, following: Token, diagnostics: Diagnostics) -> None:
    """A statement that lacks its keyword, or that begins where the one before goes on."""
    span = following.span(machine.source)
    if not first_on_line(machine.source, following):
        help = "if a statement begins here, it needs a line of its own; else something is missing before it"
        diagnostics.error("P0004", f"unexpected {quote(following)}", span, help=help)
        return
    keywords = [repair.put[0], *repair.others][:_NAMED]
    place = Span(machine.source, following.start, following.start)
    if len(keywords) > 1:
        words = " or ".join([", ".join(f"`{word}`" for word in keywords[:-1]), f"`{keywords[-1]}`"])
        diagnostics.error("P0003", f"expected a keyword such as {words} before {quote(following)}", place)
        return
    fix = Fix(f"insert `{keywords[0]}`", (Edit(place, f"{keywords[0]} "),))
    diagnostics.error("P0003", f"expected `{keywords[0]}` before {quote(following)}", place, fix=fix)


def _opened_here(machine: Machine, source: Source) -> tuple[Label, ...]:
    opener = machine.innermost_opener(machine.values)
    return () if opener is None else (Label(machine.values[opener].span(source), "opened here"),)


def _spaced(machine: Machine, index: int, kind: str) -> str:
    """A sign that takes the place of a token, with the blank before it that people leave before this one."""
    touches = index > 0 and machine.tokens[index - 1].end == machine.tokens[index].start
    return f" {kind}" if touches and kind in _SPACED else kind


def _is_likely(token: Token, kind: str) -> bool:
    """Whether people write a token for another: then replacing it is a mend, not just what makes the rest fit."""
    return (token.text, kind) in _CONFUSIONS or {token.kind, kind} <= {*CLOSER} or {token.kind, kind} <= _CLOSERS


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


def _is_incomplete(machine: Machine) -> bool:
    """Whether something has to follow before a statement can begin."""
    return machine.accepted(machine.states).isdisjoint({"task", "pipeline", "require", "expect", END})


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
    if kinds >= TEXTS and NAME not in kinds:
        return "a string"
    words: list[str] = ["a key"] if kinds >= TEXTS else []
    if "pipeline" in kinds:
        words.append("a declaration such as `pipeline` or `component`")
    elif "task" in kinds or "require" in kinds or "expect" in kinds:
        words.append("a statement")
    elif NAME in kinds and not words:
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
