"""What lark makes of the grammar: the LALR tables, the callbacks that build the tree, and the pattern of all tokens."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from lark import Lark, Token
from lark.grammar import Rule
from lark.lexer import Lexer, PatternStr, TerminalDef
from lark.parse_tree_builder import ParseTreeBuilder
from lark.parsers.lalr_analysis import Shift


class _NoLexer(Lexer):
    """In place of the lexer that lark would make, and check its patterns against each other, at every start.

    The tests of the grammar check them; tokens come from `pipec.syntax.lexer`.
    """

    def __init__(self, configuration: object) -> None:
        pass

    def lex(self, lexer_state: object, parser_state: object) -> Iterator[Token]:
        return iter(())


Callback = Callable[[list[Any]], Any]
STARTS = ("file", "expression")


@dataclass(frozen=True, slots=True)
class Reduction:
    """Replace the last `size` values by one of the rule's name; where it `passes`, that is the one value itself.

    A rule that `extends` adds to the list which is its first value.
    """

    rule: int
    origin: str
    size: int
    passes: bool
    extends: bool


@dataclass(frozen=True)
class Tables:
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
    builder: ParseTreeBuilder

    def callbacks(self, tree_builder: object) -> list[Callback]:
        """What to call for each rule: the methods of `tree_builder` that bear the rules' names."""
        create: Callable[[object], dict[Rule, Callback]] = self.builder.create_callback
        by_rule = create(tree_builder)
        return [by_rule[rule] for rule in self.rules]


def grammar_text() -> str:
    """The grammar file."""
    return resources.files("pipec.grammar").joinpath("pipec.lark").read_text("utf-8")


@cache
def tables() -> Tables:
    """The tables of the grammar, made once in a process."""
    lark = Lark(
        grammar_text(), parser="lalr", lexer=_NoLexer, start=list(STARTS), keep_all_tokens=True, maybe_placeholders=True
    )
    kind_of = {terminal.name: _kind(terminal) for terminal in lark.terminals}
    kind_of["$END"] = "$END"
    table = lark.parser.parser._parse_table
    rules: list[Rule] = list(lark.rules)
    reductions = {rule: _reduction(number, rule) for number, rule in enumerate(rules)}
    actions: list[dict[str, int | Reduction]] = []
    gotos: list[dict[str, int]] = []
    for state in range(len(table.states)):
        actions.append({})
        gotos.append({})
        for symbol, (action, argument) in table.states[state].items():
            if symbol not in kind_of:
                gotos[state][str(symbol)] = argument
            elif action is Shift:
                actions[state][kind_of[symbol]] = argument
            else:
                actions[state][kind_of[symbol]] = reductions[argument]
    keywords = frozenset(kind for kind in kind_of.values() if kind.isalpha() and kind.islower())
    return Tables(
        actions=actions,
        gotos=gotos,
        first=dict(table.start_states),
        last=dict(table.end_states),
        keywords=keywords,
        pattern=_token_pattern(lark.terminals),
        signs={sign: sign for sign in kind_of.values() if not sign.isidentifier() and sign != "$END"},
        rules=rules,
        builder=lark._parse_tree_builder,
    )


def _kind(terminal: TerminalDef) -> str:
    return terminal.pattern.value if isinstance(terminal.pattern, PatternStr) else terminal.name


def _reduction(number: int, rule: Rule) -> Reduction:
    size = len(rule.expansion)
    passes = size == 1 and rule.options.expand1 and not rule.alias
    extends = size > 0 and not rule.expansion[0].is_term and rule.expansion[0].name.startswith("_")
    return Reduction(number, str(rule.origin.name), size, passes, extends)


def _token_pattern(terminals: Collection[TerminalDef]) -> re.Pattern[str]:
    """One alternation of all tokens. NAME stands first, being the most frequent: nothing else begins with a letter."""
    blanks = next(terminal for terminal in terminals if terminal.name == "SPACE").pattern.to_regexp()
    signs = sorted((_kind(t) for t in terminals if not _kind(t).isidentifier()), key=lambda sign: (-len(sign), sign))
    patterns = sorted(
        (t for t in terminals if not isinstance(t.pattern, PatternStr) and t.name != "SPACE"),
        key=lambda t: (t.name != "NAME", -t.priority, t.name),
    )
    groups = [f"(?P<{t.name}>{t.pattern.to_regexp()})" for t in patterns]
    groups.insert(1, f"(?P<SIGN>{'|'.join(map(re.escape, signs))})")
    return re.compile(f"(?:{blanks})?(?:{'|'.join(groups)})")
