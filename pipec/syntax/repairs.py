"""What small repairs might mend a syntax fault: edits of the list of tokens, the likeliest first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import Enum, auto

from pipec.frozen import Frozen
from pipec.syntax.layout import first_on_line
from pipec.syntax.machine import Machine
from pipec.syntax.tokens import CLOSER, END, NAME, NULL, RESERVED, STATEMENTS, Token

_KEYWORDS_TO_MISSPELL = sorted(STATEMENTS | {"language", "else", "after", "is", "as", "in", "and", "or", "not"})
_OTHER_LANGUAGES = {
    **dict.fromkeys(("elif", "elsif", "elseif"), ("else", "if")),
    **dict.fromkeys(("let", "var", "val"), ("const",)),
    **dict.fromkeys(("step", "job", "def", "fn", "func", "function"), ("task",)),
    **dict.fromkeys(("depends_on", "needs", "requires"), ("after",)),
    **dict.fromkeys(("dag", "workflow", "flow"), ("pipeline",)),
    "foreach": ("for",),
    "sensor": ("wait",),
}
_CONFUSED = {":": "=", "=": ":", "==": "=", ",": "->"}
_INSERTED = (",", ")", "]", "}", "=", ":", "->")
_WORDS = ("in", "as", "after", "else", "is", "for")
_BEGINNINGS = (
    "task", "return", "require", "for", "if", "order", "const", "gate", "group", "approval", "wait", "map", "on",
    "target", "finally", "component", "pipeline", "type", "import", "test", "given", "expect",
)  # fmt: skip
_BEFORE_VALUES = frozenset({"=", ":", "->", "return", "require", "in", "(", "[", "{", ",", "else", "if"})
_OPERATORS = frozenset({"??", "or", "and", "==", "!=", "<", "<=", ">", ">=", "+", "*", "/", "%", ".", "?", "|"})
_FAR = 200
_SHORT = 3


class Reason(Enum):
    """What a repair takes the fault to be."""

    MISSPELT = auto()
    WRONG_CLOSER = auto()
    RESERVED = auto()
    CONFUSED = auto()
    MISSING = auto()
    SUPERFLUOUS = auto()
    UNEXPECTED = auto()
    HYPHEN = auto()
    COMMENT = auto()


class Repair(Frozen):
    """Go `back` some tokens, drop `drop` tokens from there on, and put in tokens of these kinds.

    `others` are what might as well be put in.
    """

    reason: Reason
    put: tuple[str, ...] = ()
    drop: int = 0
    back: int = 0
    others: tuple[str, ...] = ()

    @property
    def resume(self) -> int:
        """How many tokens from the current one on are not read again."""
        return max(self.drop - self.back, 0)


def reach(machine: Machine, repair: Repair, ahead: int) -> int:
    """The first token that does not fit after a repair, looking `ahead` some; -1 where the repair itself does not."""
    states = machine.rewound(repair.back)
    if states is None or not all(machine.advance(states, kind) for kind in repair.put):
        return -1
    return machine.reach(states, machine.index - repair.back + repair.drop, machine.index + ahead)


def proposals(machine: Machine, lacking: dict[str, int]) -> Iterator[Repair]:
    """What might mend the fault at the current token, the likeliest first.

    `lacking` says by opening bracket how many closing ones fewer there are, negative where there are more of them.
    """
    source, tokens, index = machine.source, machine.tokens, machine.index
    token = tokens[index]
    name = last_name(machine)
    is_first = first_on_line(source, token)
    follows_name = name is not None and not first_on_line(source, name)
    previous = tokens[index - 1] if index else None
    superfluous = Repair(Reason.SUPERFLUOUS, drop=0 if token.kind == END else 1)
    yield from _comments(machine)
    if (
        name is not None
        and token.kind == "-"
        and name.end == token.start
        and _is_word_at(machine, index + 1, token.end)
    ):
        yield Repair(Reason.HYPHEN, put=(NAME,), drop=3, back=1)
    if name is not None:
        for keywords in _respelt(name.text):
            yield Repair(Reason.MISSPELT, put=keywords, drop=1, back=1)
    if token.kind == NAME:
        for keywords in _respelt(token.text):
            yield Repair(Reason.MISSPELT, put=keywords, drop=1)
    if token.kind in CLOSER.values():
        depth = machine.innermost_opener(machine.values)
        if depth is not None and CLOSER[machine.values[depth].kind] != token.kind:
            yield Repair(Reason.WRONG_CLOSER, put=(CLOSER[machine.values[depth].kind],), drop=1)
    if token.kind in RESERVED:
        yield Repair(Reason.RESERVED, put=(NAME,), drop=1)
    if previous is not None and previous.kind == token.kind != NAME and not token.kind.isalpha():
        yield superfluous
    if token.kind == "=" and is_first:
        yield Repair(Reason.MISSING, put=(NAME,))
    if previous is not None and previous.kind in (":", "->"):
        yield Repair(Reason.MISSING, put=(NAME,))
    if token.kind == "=" and name is not None and not follows_name:
        yield Repair(Reason.MISSING, put=(NULL,), back=1)
    if token.kind in _CONFUSED:
        yield Repair(Reason.CONFUSED, put=(_CONFUSED[token.kind],), drop=1)
    if token.kind == "=":
        yield Repair(Reason.CONFUSED, put=("==",), drop=1)
    if token.kind == "|" and tokens[index + 1].kind == "|":
        yield Repair(Reason.CONFUSED, put=("or",), drop=2)
    if follows_name:
        for kind in ("=", ",", ":"):
            yield Repair(Reason.MISSING, put=(kind,), back=1)
    for kind in _INSERTED:
        if kind != "}" or lacking["{"] > 0:
            yield Repair(Reason.MISSING, put=(kind,))
    for kind, closer in CLOSER.items():
        if lacking[kind] < 0 and token.kind != closer:
            yield Repair(Reason.MISSING, put=(kind,))
            yield from (Repair(Reason.MISSING, put=(kind,), back=back) for back in _to_value(machine))
    for back in _to_statement(machine):
        yield from _beginnings(machine, back)
    omitted = Repair(Reason.MISSING, put=(NULL,)), Repair(Reason.MISSING, put=(NAME,))
    if token.kind in machine.soft | RESERVED | _OPERATORS | {*CLOSER.values(), END}:
        yield from omitted
        yield superfluous
    else:
        yield superfluous
        yield from omitted
    if token.kind == NAME:
        yield from (Repair(Reason.CONFUSED, put=(kind,), drop=1) for kind in _WORDS)
    yield from (Repair(Reason.MISSING, put=(kind,)) for kind in _WORDS)
    if follows_name:
        yield Repair(Reason.SUPERFLUOUS, drop=1, back=1)
    if token.kind not in machine.soft and token.kind not in CLOSER and token.kind != END:
        for kind in (*_INSERTED, *CLOSER):
            yield Repair(Reason.CONFUSED, put=(kind,), drop=1)


def hyphenless(tokens: Sequence[Token]) -> str:
    """The one name that tokens are meant to be: of one token its text."""
    return "".join("_" if token.kind == "-" else token.text for token in tokens)


def _is_word_at(machine: Machine, index: int, start: int) -> bool:
    """Whether a token is a word that begins at an offset."""
    return machine.tokens[index].start == start and machine.tokens[index].text.isidentifier()


def _comments(machine: Machine) -> Iterator[Repair]:
    """A comment as other languages write it, from `//` or `/*` to the end of the line."""
    tokens, index = machine.tokens, machine.index
    for back in (0, 1):
        if back > index or tokens[index - back].kind != "/":
            continue
        first, second = tokens[index - back : index - back + 2]
        if second.kind in ("/", "*") and first.end == second.start:
            end = machine.source.text.find("\n", first.start)
            last = index - back
            while tokens[last].kind != END and (end < 0 or tokens[last].start < end):
                last += 1
            yield Repair(Reason.COMMENT, drop=last - index + back, back=back)


def last_name(machine: Machine) -> Token | None:
    """The token before the current one where it is a name that was shifted last."""
    value = machine.values[-1] if machine.values else None
    is_name = isinstance(value, Token) and value.kind == NAME and value.text and machine.index > 0
    return value if is_name else None


def _to_value(machine: Machine) -> Iterator[int]:
    """How many tokens back the values begin that are being read, the innermost first."""
    for back in range(1, min(machine.index, _FAR)):
        if machine.tokens[machine.index - back - 1].kind in _BEFORE_VALUES:
            if machine.height_of(machine.tokens[machine.index - back]) is None:
                continue
            yield back


def _to_statement(machine: Machine) -> Iterator[int]:
    """How many tokens back something stands that seems to begin a statement, whose keyword may be missing."""
    for back in range(min(machine.index, _FAR) + 1):
        token = machine.tokens[machine.index - back]
        is_first = first_on_line(machine.source, token)
        if token.kind in STATEMENTS and is_first:
            return
        if token.kind not in (NAME, "(", "[", "{", "not", "-"):
            continue
        is_option = token.kind == NAME and back > 1 and machine.tokens[machine.index - back + 1].kind == "="
        if (is_first or is_option) and (back == 0 or machine.height_of(token) is not None):
            yield back
            return


def _beginnings(machine: Machine, back: int) -> Iterator[Repair]:
    """The keyword after which most tokens fit, with those that are as good."""
    reached = {kind: reach(machine, Repair(Reason.MISSING, put=(kind,), back=back), _FAR) for kind in _BEGINNINGS}
    best = max(reached.values())
    if best >= 0:
        first, *others = [kind for kind, one in reached.items() if one == best]
        yield Repair(Reason.MISSING, put=(first,), back=back, others=tuple(others))


def _respelt(word: str) -> Iterator[tuple[str, ...]]:
    """The keywords a misspelt word may stand for."""
    from difflib import get_close_matches  # here, because a file without faults needs no repairs

    lower = word.lower()
    if lower in _OTHER_LANGUAGES:
        yield _OTHER_LANGUAGES[lower]
    for keyword in get_close_matches(lower, _KEYWORDS_TO_MISSPELL, n=2, cutoff=0.7 if len(lower) > _SHORT else 0.6):
        yield (keyword,)
