"""The grammar itself: free of conflicts, and its keywords are the documented ones."""

from __future__ import annotations

from lark import Lark

from pipec.syntax.tables import STARTS, grammar_text, tables
from pipec.syntax.tokens import RESERVED


def test_the_grammar_is_lalr_and_its_tokens_do_not_collide() -> None:
    Lark(grammar_text(), parser="lalr", lexer="basic", start=list(STARTS), strict=True)


def test_reserved_words_are_keywords_of_the_grammar() -> None:
    assert tables().keywords > RESERVED


def test_the_tables_are_made_once() -> None:
    assert tables() is tables()
