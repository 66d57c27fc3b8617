"""Random files that the grammar accepts, drawn from its own rules."""

from __future__ import annotations

import random
from functools import cache

from lark import Lark
from lark.grammar import NonTerminal, Rule, Symbol

from pipec.syntax.tables import STARTS, grammar_text
from tests.fuzz.words import VALUES, blank, name

DEEP = 12
_NEVER = 1_000


@cache
def _grammar() -> tuple[dict[str, list[Rule]], dict[str, str], dict[str, int]]:
    """The rules by what they expand, the text of each keyword and sign, and how deep each rule goes at least."""
    lark = Lark(grammar_text(), parser="lalr", lexer="basic", start=list(STARTS), keep_all_tokens=True)
    rules: dict[str, list[Rule]] = {}
    for rule in lark.rules:
        rules.setdefault(rule.origin.name, []).append(rule)
    texts = {terminal.name: terminal.pattern.value for terminal in lark.terminals if terminal.pattern.type == "str"}
    depths = dict.fromkeys(rules, _NEVER)
    for _ in rules:
        for origin, choices in rules.items():
            depths[origin] = min(1 + _depth(rule, depths) for rule in choices)
    return rules, texts, depths


def _depth(rule: Rule, depths: dict[str, int]) -> int:
    return max((depths[symbol.name] for symbol in rule.expansion if isinstance(symbol, NonTerminal)), default=0)


def sentence(generator: random.Random, start: str = "file") -> str:
    """A text that the grammar accepts, or nearly: names and values are drawn as broken as people write them."""
    rules, texts, depths = _grammar()
    words: list[str] = []
    pending: list[tuple[Symbol, int]] = [(NonTerminal(start), 0)]
    while pending:
        symbol, depth = pending.pop()
        if not isinstance(symbol, NonTerminal):
            words.append(_terminal(symbol.name, texts, generator))
            words.append(blank(generator) or " ")
            continue
        choices = rules[symbol.name]
        if depth > DEEP or len(words) > 400:
            shallowest = min(_depth(rule, depths) for rule in choices)
            choices = [rule for rule in choices if _depth(rule, depths) == shallowest]
        expansion = generator.choice(choices).expansion
        pending += [(part, depth + 1) for part in reversed(expansion)]
    return "".join(words)


def _terminal(kind: str, texts: dict[str, str], generator: random.Random) -> str:
    if kind in texts:
        return texts[kind]
    if kind in VALUES:
        return generator.choice(VALUES[kind][:2] if generator.random() < 0.8 else VALUES[kind])
    return name(generator)
