"""The manual is true: its examples are checked, its tables are those of the code."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from pipec.api import Loaded, load
from pipec.backend import load_backend
from pipec.engine.evaluate import Scope, evaluate
from pipec.engine.trigger_rules import decide
from pipec.ir.model import Input, TriggerRule
from pipec.runtime.values import to_json, to_text
from pipec.semantics.operators import FUNCTIONS
from tests.grammar import generated
from tests.grammar.manual import MANUAL, Block, blocks, examples, manual_text, with_generated

TEXT = manual_text()
BLOCKS = blocks(TEXT)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the files that examples import."""
    folder = tmp_path_factory.mktemp("manual")
    for block in BLOCKS:
        if block.file is not None:
            path = folder / block.file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.program, "utf-8")
    return folder


def codes(loaded: Loaded) -> set[str]:
    return {diagnostic.code for diagnostic in loaded.diagnostics.found}


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: f"line {block.line}")
def test_an_example_is_as_the_manual_says(block: Block, folder: Path) -> None:
    loaded = load(folder / "manual.pipe", text=block.program)
    assert codes(loaded) == ({block.error} if block.error else set())


@pytest.mark.parametrize("block", [block for block in BLOCKS if "target airflow" in block.text])
def test_target_options_are_known(block: Block, folder: Path) -> None:
    options = load_backend("airflow").options
    program = load(folder / "manual.pipe", text=block.program).program
    assert program is not None
    for pipeline in program.pipelines.values():
        assert pipeline.targets.get("airflow", {}).keys() <= options.pipeline.keys()
        for task in pipeline.tasks:
            assert task.targets.get("airflow", {}).keys() <= options.task.keys()


def test_blocks_say_no_more_than_is_understood() -> None:
    words = {word.partition("=")[0] for block in BLOCKS for word in block.info}
    assert words == {"fragment", "error", "file"}
    others = re.findall(r"^```(text|yaml)$", TEXT, re.MULTILINE)
    assert len(BLOCKS) + len(others) == TEXT.count("```") // 2


def test_a_block_that_is_wrong_is_found(folder: Path) -> None:
    wrong = "```pipe fragment\ntask train = shell('true') { timeuot = 1h }\n```\n"
    assert codes(load(folder / "manual.pipe", text=blocks(wrong)[0].program)) == {"P0301"}


def test_generated_tables(golden: Callable[[Path, str], None]) -> None:
    golden(MANUAL, with_generated(manual_text(), generated.tables()))


# --- examples of expressions ---------------------------------------------------------------------


def the_input(expression: str, folder: Path) -> Input:
    """An expression as the input of a task."""
    text = f'pipeline one {{ task take(value = {expression}) = python("steps:take") }}'
    loaded = load(folder / "one.pipe", text=text)
    assert loaded.program is not None, loaded.diagnostics.found
    return loaded.program.pipelines["one"].tasks[0].inputs[0]


@pytest.mark.parametrize("row", examples(TEXT, "operators"), ids=lambda row: row["expression"])
def test_an_expression(row: dict[str, str], folder: Path) -> None:
    taken = the_input(row["expression"], folder)
    value = to_json(evaluate(taken.value, Scope()))
    assert (str(taken.type), json.dumps(value)) == (row["type"], row["value"])


@pytest.mark.parametrize("row", examples(TEXT, "functions"), ids=lambda row: row["example"])
def test_a_function(row: dict[str, str], folder: Path) -> None:
    taken = the_input(row["example"], folder)
    assert row["example"].startswith(f"{row['function']}(")
    assert json.dumps(to_json(evaluate(taken.value, Scope()))) == row["value"]
    if "type" not in row["gives"] and row["gives"] != "what it took":
        assert str(taken.type) == row["gives"]


def test_every_function_stands_in_the_manual() -> None:
    assert {row["function"] for row in examples(TEXT, "functions")} == set(FUNCTIONS)


@pytest.mark.parametrize("row", examples(TEXT, "values"), ids=lambda row: row["written"])
def test_the_forms_of_a_value(row: dict[str, str], folder: Path) -> None:
    taken = the_input(row["written"], folder)
    value = evaluate(taken.value, Scope())
    assert str(taken.type) == row["type"]
    assert json.dumps(to_json(value), ensure_ascii=False) == row["JSON"]
    assert type(value).__name__ == row["Python"]
    assert to_text(value) == row["text"]


# --- trigger rules -------------------------------------------------------------------------------


def test_every_rule_is_described_in_order() -> None:
    described = re.findall(r"^\| `(\w+)` \| [^|]+ \|$", TEXT.partition("| runs when |")[2], re.MULTILINE)
    assert tuple(described[:12]) == generated.RULES


@pytest.mark.parametrize("rule", generated.RULES)
def test_the_table_of_rules_leaves_no_mixture_out(rule: TriggerRule) -> None:
    """Its columns say "failed" for `failed` and `upstream_failed`: where these differ, the rule must have two rows."""
    rows = [line for line in generated.trigger_rules().splitlines() if line.startswith(f"| `{rule}`")]
    told_apart = any(
        decide(rule, mixture) != decide(rule, ["failed" if state == "upstream_failed" else state for state in mixture])
        for mixture in generated.all_mixtures()
    )
    assert len(rows) == (2 if told_apart else 1)


BRANCH_RULES = {
    rule: places
    for rules, places in re.findall(
        r"^\| (.+) \| (.+) \|$", TEXT.partition("| rule | inside a branch |")[2].partition("```")[0], re.MULTILINE
    )
    for rule in re.findall(r"`(\w+)`", rules)
}


@pytest.mark.parametrize("rule", generated.RULES)
@pytest.mark.parametrize("upstream", ["inside", "outside", "inside, outside"])
def test_rules_inside_a_branch(rule: TriggerRule, upstream: str, folder: Path) -> None:
    text = f"""
        pipeline one(flag: bool) {{
          task outside
          if flag {{ task inside  task joined after {upstream} {{ trigger_rule = {rule} }} }}
        }}
    """
    allowed = {
        "allowed": True,
        "allowed if all upstream tasks stand in the same branch": upstream == "inside",
        "never allowed": False,
    }[BRANCH_RULES[rule]]
    assert codes(load(folder / "one.pipe", text=text)) == (set() if allowed else {"P0407"})


# --- links ---------------------------------------------------------------------------------------


def test_links_lead_to_headings() -> None:
    prose = re.sub(r"^```.*?^```$", "", TEXT, flags=re.MULTILINE | re.DOTALL)
    headings = {
        title.lower().replace(",", "").replace(" ", "-") for title in re.findall("^## (.+)$", prose, re.MULTILINE)
    }
    linked = set(re.findall(r"\]\(#([^)]+)\)", TEXT + generated.options()))
    assert linked == headings - {"contents"}
