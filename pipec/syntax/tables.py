"""The LALR tables of the grammar: the automaton, the rules that build the tree, and the pattern of all tokens.

They are shipped beside the grammar, as `pipec.tables.json`, so that no start of pipec has to work them out. The file
says from which text of the grammar it was made; from any other text lark makes them anew, which takes a while.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from functools import cache, partial
from operator import itemgetter
from typing import Any, NamedTuple

from pipec.frozen import Frozen
from pipec.grammar_files import read_grammar_file
from pipec.hashing import sha256

Callback = Callable[[list[Any]], Any]
STARTS = ("file", "expression")
SHIPPED = "pipec.tables.json"


class Reduction(NamedTuple):
    """Replace the last `size` values by one of the rule's name; where it `passes`, that is the one value itself.

    A rule that `extends` adds to the list which is its first value.
    """

    rule: int
    origin: str
    size: int
    passes: bool
    extends: bool


class Rule(Frozen):
    """How the values of one rule become one value.

    `builder` is the method that builds the node; None for a rule that passes its one value on, and for a part of
    another rule, whose values join that one's (`Part`). `joined` says of each value whether it is such a part, `absent`
    how many optional parts that are not there stand before each value, and after the last.
    """

    builder: str | None
    joined: tuple[bool, ...]
    absent: tuple[int, ...]

    def callback(self, tree_builder: object) -> Callback:
        """What makes the value, from the list of values of the rule's symbols."""
        build = Part if self.builder is None else getattr(tree_builder, self.builder)
        if not any(self.joined) and not any(self.absent):
            return build
        places = list(self._places())
        if not any(self.joined) and len(places) > 1:
            return partial(_spread, build, itemgetter(*places))
        steps = list(zip(self.absent[:-1], self.joined, strict=True))
        return partial(_gather, build, steps, [None] * self.absent[-1])

    def _places(self) -> Iterator[int]:
        """Where among the values and one absent one behind them each of all parts is to be found."""
        for number, absent in enumerate(self.absent):
            yield from [len(self.joined)] * absent
            if number < len(self.joined):
                yield number


class Part:
    """The values of a repetition or of a rule without a node of its own, on their way into the rule around it."""

    __slots__ = ("children",)

    def __init__(self, children: list[Any]) -> None:
        self.children = children


def _spread(build: Callback, pick: Callable[[list[Any]], tuple[Any, ...]], values: list[Any]) -> Any:
    return build([*pick([*values, None])])


def _gather(build: Callback, steps: list[tuple[int, bool]], at_end: list[None], values: list[Any]) -> Any:
    gathered: list[Any] = []
    for value, (absent, joined) in zip(values, steps, strict=True):
        if absent:
            gathered += [None] * absent
        if not joined:
            gathered.append(value)
        elif gathered:
            gathered += value.children
        else:
            gathered = value.children  # a list grows in place: its values are not copied with each that is added
    return build(gathered + at_end if at_end else gathered)


class Tables(Frozen):
    """The LALR automaton and the pattern of its tokens.

    A state's `actions` map the kind of the next token to a state to shift to or a reduction; its `gotos` map the names
    of rules. `pattern` matches blanks and the token after them, in the group of its kind: a keyword is a NAME there,
    and the signs, which are in `signs`, are all a SIGN.
    """

    actions: list[dict[str, int | Reduction]]
    gotos: list[dict[str, int]]
    first: dict[str, int]
    last: dict[str, int]
    keywords: frozenset[str]
    pattern: re.Pattern[str]
    signs: dict[str, str]
    rules: list[Rule]

    def callbacks(self, tree_builder: object) -> list[Callback]:
        """What to call for each rule: the methods of `tree_builder` that bear the rules' names."""
        return [rule.callback(tree_builder) for rule in self.rules]


def grammar_text() -> str:
    """The grammar file."""
    return read_grammar_file("pipec.lark")


def grammar_digest(grammar: str) -> str:
    """By which shipped tables know the grammar they were made of."""
    return str(sha256(grammar.encode()).hexdigest())


@cache
def tables() -> Tables:
    """The tables of the grammar, made once in a process."""
    grammar = grammar_text()
    document = json.loads(read_grammar_file(SHIPPED))
    if document["grammar"] != grammar_digest(grammar):
        from pipec.syntax.generation import generate

        document = generate(grammar)
    return from_document(document)


def from_document(document: dict[str, Any]) -> Tables:
    """The tables as `pipec.syntax.generation.generate` writes them down."""
    reductions: list[Reduction] = []
    rules: list[Rule] = []
    for number, (origin, builder, passes, joined, absent) in enumerate(document["rules"]):
        reductions.append(Reduction(number, origin, len(joined), passes, bool(joined and joined[0])))
        rules.append(Rule(builder, tuple(map(bool, joined)), tuple(absent)))
    return Tables(
        actions=[
            {kind: action if action >= 0 else reductions[~action] for kind, action in state.items()}
            for state in document["actions"]
        ],
        gotos=document["gotos"],
        first=document["first"],
        last=document["last"],
        keywords=frozenset(document["keywords"]),
        pattern=re.compile(document["pattern"]),
        signs={sign: sign for sign in document["signs"]},
        rules=rules,
    )
