"""The shipped tables are those of the grammar, and other tables are made where the grammar is another."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pipec.diagnostics.model import Diagnostics
from pipec.grammar_files import read_grammar_file
from pipec.syntax import tables as module
from pipec.syntax.generation import document_text, generate
from pipec.syntax.parser import parse
from pipec.syntax.source import Source
from pipec.syntax.tables import SHIPPED, grammar_text, tables
from tests.syntax.dump import dump, parsed

FILE = Path(__file__).parents[2] / "grammar" / SHIPPED


@pytest.fixture
def fresh_tables() -> Iterator[None]:
    """The tables are made anew in the test, and again after it."""
    tables.cache_clear()
    yield
    tables.cache_clear()


def test_the_shipped_tables_are_those_of_the_grammar(golden: Callable[[Path, str], None]) -> None:
    golden(FILE, document_text(generate(grammar_text())))


def test_the_text_holds_the_whole_document() -> None:
    document = generate(grammar_text())
    assert json.loads(document_text(document)) == document


@pytest.mark.usefixtures("fresh_tables")
def test_another_grammar_is_not_read_by_the_shipped_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    changed = grammar_text().replace('"pipeline" NAME', '"workflow" NAME')
    monkeypatch.setattr(module, "grammar_text", lambda: changed)
    diagnostics = Diagnostics()
    file = parse(Source("test.pipe", "workflow p { }"), diagnostics)
    assert diagnostics.found == []
    assert dump(file) == dump(parsed("workflow p { }"))
    assert "workflow" in tables().keywords


def test_a_rule_that_builds_a_node_is_a_method_of_the_builder() -> None:
    from pipec.syntax.builder import TreeBuilder

    builders = {rule.builder for rule in tables().rules if rule.builder is not None}
    assert {name for name in builders if not callable(getattr(TreeBuilder, name, None))} == set()


def test_every_state_can_go_on() -> None:
    loaded = tables()
    states = range(len(loaded.actions))
    assert len(loaded.actions) == len(loaded.gotos)
    last = set(loaded.last.values())
    assert [state for state in states if not loaded.actions[state] and state not in last] == []
    assert {target for gotos in loaded.gotos for target in gotos.values()} <= set(states)


def test_the_tables_are_plain_text() -> None:
    assert read_grammar_file(SHIPPED).isascii()
