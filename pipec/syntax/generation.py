"""Makes the LALR tables of a grammar with lark, as the document that is shipped beside the grammar.

States and rules are numbered in an order that depends on the grammar alone: the same text gives the same document.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from typing import Any

from lark import Lark, Token
from lark.grammar import Rule
from lark.lexer import Lexer, PatternStr, TerminalDef
from lark.parsers.lalr_analysis import Shift

from pipec.syntax.tables import STARTS, grammar_digest

Document = dict[str, Any]
States = dict[int, dict[str, tuple[Any, Any]]]


class _NoLexer(Lexer):
    """In place of the lexer that lark would make, and check its patterns against each other.

    The tests of the grammar check them; tokens come from `pipec.syntax.lexer`.
    """

    def __init__(self, configuration: object) -> None:
        pass

    def lex(self, lexer_state: object, parser_state: object) -> Iterator[Token]:
        return iter(())


def generate(grammar: str) -> Document:
    """The tables of a grammar: only what JSON knows, so that what is read back equals what was written.

    In `actions` a number is the state to shift to, or below 0 the complement of the rule to reduce by. A rule is its
    name, the method that builds its node, whether it passes its one value on, which of its values are joined to those
    of the rule, and how many absent ones stand around them (see `pipec.syntax.tables.Rule`).
    """
    lark = Lark(
        grammar, parser="lalr", lexer=_NoLexer, start=list(STARTS), keep_all_tokens=True, maybe_placeholders=True
    )
    kind_of = {terminal.name: _kind(terminal) for terminal in lark.terminals} | {"$END": "$END"}
    table = lark.parser.parser._parse_table
    states: States = table.states
    rules = sorted(lark.rules, key=_rule_key)
    rule_number = {rule: number for number, rule in enumerate(rules)}
    order = _numbered(states, [table.start_states[start] for start in STARTS])
    actions: list[dict[str, int]] = []
    gotos: list[dict[str, int]] = []
    for state in order:
        actions.append({})
        gotos.append({})
        for symbol, (action, argument) in sorted(states[state].items()):
            if symbol not in kind_of:
                gotos[-1][symbol] = order[argument]
            elif action is Shift:
                actions[-1][kind_of[symbol]] = order[argument]
            else:
                actions[-1][kind_of[symbol]] = ~rule_number[argument]
    return {
        "grammar": grammar_digest(grammar),
        "first": {start: order[table.start_states[start]] for start in STARTS},
        "last": {start: order[table.end_states[start]] for start in STARTS},
        "keywords": sorted(kind for kind in kind_of.values() if kind.isalpha() and kind.islower()),
        "signs": sorted(kind for kind in kind_of.values() if not kind.isidentifier() and kind != "$END"),
        "pattern": _token_pattern(lark.terminals),
        "rules": [_rule(rule) for rule in rules],
        "actions": actions,
        "gotos": gotos,
    }


def document_text(document: Document) -> str:
    """The document as JSON, a line for each rule and state: a change of the grammar shows as a few changed lines."""
    entries: list[str] = []
    for key, value in document.items():
        if isinstance(value, list) and value and not isinstance(value[0], str):
            rows = ",\n".join(f"  {_compact(row)}" for row in value)
            entries.append(f"{_compact(key)}: [\n{rows}\n]")
        else:
            entries.append(f"{_compact(key)}: {_compact(value)}")
    return "{\n" + ",\n".join(entries) + "\n}\n"


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _kind(terminal: TerminalDef) -> str:
    return terminal.pattern.value if isinstance(terminal.pattern, PatternStr) else terminal.name


def _rule_key(rule: Rule) -> tuple[str, int, list[str], tuple[bool, ...]]:
    return (
        str(rule.origin.name),
        rule.order,
        [symbol.name for symbol in rule.expansion],
        tuple(rule.options.empty_indices),
    )


def _numbered(states: States, starts: list[int]) -> dict[int, int]:
    """New numbers of the states: in the order in which a walk from the start meets them, symbols by name."""
    order: dict[int, int] = {}
    waiting = list(reversed(starts))
    while waiting:
        state = waiting.pop()
        if state not in order:
            order[state] = len(order)
            following = (argument for _, (_, argument) in sorted(states[state].items()) if isinstance(argument, int))
            waiting.extend(reversed(list(following)))
    return order


def _rule(rule: Rule) -> list[Any]:
    origin = str(rule.origin.name)
    joined = [int(not symbol.is_term and symbol.name.startswith("_")) for symbol in rule.expansion]
    empty = "".join("1" if absent else "0" for absent in rule.options.empty_indices) or "0" * len(joined)
    passes = len(joined) == 1 and bool(rule.options.expand1) and not rule.alias
    builder = None if passes or (origin.startswith("_") and not rule.alias) else rule.alias or origin
    return [origin, builder, passes, joined, [len(run) for run in empty.split("0")]]


def _token_pattern(terminals: Collection[TerminalDef]) -> str:
    """One alternation of all tokens. NAME stands first, being the most frequent: nothing else begins with a letter."""
    blanks = next(terminal for terminal in terminals if terminal.name == "SPACE").pattern.to_regexp()
    signs = sorted((_kind(t) for t in terminals if not _kind(t).isidentifier()), key=lambda sign: (-len(sign), sign))
    patterns = sorted(
        (t for t in terminals if not isinstance(t.pattern, PatternStr) and t.name != "SPACE"),
        key=lambda t: (t.name != "NAME", -t.priority, t.name),
    )
    groups = [f"(?P<{t.name}>{t.pattern.to_regexp()})" for t in patterns]
    groups.insert(1, f"(?P<SIGN>{'|'.join(map(re.escape, signs))})")
    return f"(?:{blanks})?(?:{'|'.join(groups)})"
