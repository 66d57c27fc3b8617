"""The default set is quiet on good code: the examples, the manual; no rule raises on anything that loads."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipec.analysis.lints import DEFAULT, OPTIONAL, lint, with_selected
from pipec.analysis.lints.registry import RULES
from pipec.api import load
from pipec.diagnostics.catalogue import codes
from pipec.diagnostics.model import Diagnostics
from pipec.semantics.written_lints import CODES as WRITTEN
from tests.analysis.lints.linting import ALL, lints_of
from tests.differential.file_generator import random_program
from tests.grammar.manual import Block, blocks, manual_text

EXAMPLES = sorted((Path(__file__).parents[3] / "examples").rglob("*.pipe"))
BLOCKS = blocks(manual_text())


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the files that examples of the manual import."""
    folder = tmp_path_factory.mktemp("manual")
    for block in BLOCKS:
        if block.file is not None:
            (folder / block.file).parent.mkdir(parents=True, exist_ok=True)
            (folder / block.file).write_text(block.program, "utf-8")
    return folder


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: "/".join(path.parts[-2:]))
def test_the_examples_are_clean(path: Path) -> None:
    assert [f"{one.code} {one.message}" for one in lints_of(load(path), DEFAULT)] == []


@pytest.mark.parametrize("block", [one for one in BLOCKS if one.error is None], ids=lambda block: f"line {block.line}")
def test_the_manual_is_clean(block: Block, folder: Path) -> None:
    """Of a fragment what it says itself counts, not the pipeline that the tests put around it."""
    found = lints_of(load(folder / "manual.pipe", text=block.program), DEFAULT)
    around = block.program.find(block.text)
    inside = [one for one in found if around <= one.span.start < around + len(block.text)]
    assert [f"{one.code} {one.message}" for one in inside] == []


@given(st.integers(0, 10**9))
def test_no_rule_raises_on_random_programs(seed: int) -> None:
    loaded = load("main.pipe", text=random_program(Random(seed)))
    if loaded.program is None:  # one that can never run, and which nobody lints
        return
    for one in lints_of(loaded):
        assert one.code in ALL | WRITTEN
        assert one.span.start <= one.span.end <= len(one.span.source.text)
        assert one.message.strip() == one.message


def test_every_rule_is_explained_and_each_code_is_one_rule() -> None:
    named = [rule.code for rule in RULES] + sorted(WRITTEN)
    assert sorted(named) == sorted(set(named))
    assert [code for code in named if code not in codes()] == []
    assert [code for code in codes() if code.startswith("L1") and code not in named] == []


def test_optional_rules_run_where_they_are_named_in_full() -> None:
    assert with_selected([]) == DEFAULT
    assert with_selected(["L", "L1", "L13"]) == DEFAULT
    assert with_selected(["L1", "L133"]) == DEFAULT | {"L133"}
    assert DEFAULT.isdisjoint(OPTIONAL)


def test_what_is_chosen_is_what_runs() -> None:
    text = "pipeline p { schedule = cron(\"@daily\")  task a = shell('x') { estimate = 1s } }"
    loaded = load("main.pipe", text=text)
    assert loaded.program is not None
    for chosen in (frozenset[str](), DEFAULT, with_selected(["L121"]), ALL):
        diagnostics = Diagnostics()
        lint(loaded.program, loaded.span_of, diagnostics, chosen)
        assert {one.code for one in diagnostics.found} == {"L121", "L132", "L133"} & chosen
