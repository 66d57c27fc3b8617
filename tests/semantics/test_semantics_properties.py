"""What holds for every file: order of statements means nothing, names mean nothing, and no text makes `load` raise."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipec.api import Loaded
from pipec.ir.model import Program
from tests.semantics.samples import FILES, REGIONS, SAMPLES, WAFER_YIELD
from tests.semantics.support import check, task_line

TOKEN = re.compile(r'"""(?:.|\n)*?"""|"[^"\n]*"|\'[^\'\n]*\'|#[^\n]*|[A-Za-z_]\w*|\d[\w.-]*|\s+|->|\?\?|[<>=!]=|.')

STATEMENTS: tuple[str, ...] = (
    'task extract -> { rows: int, path: dataset } = python("m:f")',
    "const limit = floor * 2",
    "const floor = 5",
    'task load(rows = extract.rows, limit) -> int after gate_one = python("m:f") { retries = 2 }',
    "gate gate_one { require extract.rows > floor }",
    'for x in ["a", "b"] { task train(x, path = extract.path) -> float = python("m:f") }',
    "task best(all = train[*]) -> float = pick",
    'if best > 0.5 as good { task ship -> str = python("m:f") task tell after ship } else { task drop }',
    'task report(v = ship ?? "none") after drop = python("m:f")',
    "group g { task one task two after one }",
    "task after_group after g",
    'map item in names { task each(item) -> int = python("m:f") }',
    'task names -> list[str] = python("m:f")',
    'task total(all = each[*]) = python("m:f")',
    "finally { task clean }",
    "order names -> [one, best] -> after_group",
    "require top > 1",
    "defaults = { timeout: 1h }",
    'on failure = slack("#a")',
    "target airflow { x = 1 }",
    "return { v: ship }",
)


def _pipeline(statements: tuple[str, ...] | list[str]) -> str:
    body = "\n".join(statements)
    return (
        'component pick(all: list[float]) -> float = python("m:f")\n'
        f"pipeline p(top: int) -> {{ v: str? }} {{\n{body}\n}}\n"
    )


def _meaning(loaded: Loaded) -> dict[str, str]:
    """The tasks by id, each without the order of its upstream tasks."""
    assert loaded.program is not None, loaded.diagnostics.found
    (pipeline,) = loaded.program.pipelines.values()
    return {
        task.id: task_line(task.model_copy(update={"upstream": tuple(sorted(task.upstream))}))
        + f" {task.options.model_dump(exclude_defaults=True)} {task.branches} {task.group} {task.map}"
        for task in pipeline.tasks
    }


_IN_ORDER = _meaning(check(_pipeline(STATEMENTS)))


@settings(max_examples=40, deadline=None)
@given(st.permutations(STATEMENTS))
def test_the_order_of_statements_carries_no_meaning(statements: list[str]) -> None:
    assert _meaning(check(_pipeline(statements))) == _IN_ORDER


def _without_places(program: Program) -> str:
    """The IR as text, without where things were written and without digests."""
    text = program.model_dump_json(exclude={"digest": True})
    return re.sub(r'"(location|locations)":(\{(?:[^{}]|\{[^{}]*\})*\}|null)', "", text)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("extract", "zebra"),
        ("train", "aaa"),
        ("good_enough", "is_fine"),
        ("quality", "quality_2"),
        ("deploy", "ship_it"),
    ],
)
def test_renaming_a_task_changes_nothing_but_its_name(old: str, new: str) -> None:
    before = check(WAFER_YIELD, FILES).program
    text = re.sub(rf"(?<![.:\w]){old}(?![\w])", new, WAFER_YIELD).replace(f"steps:{new}", f"steps:{old}")
    after = check(text, FILES).program
    assert before is not None
    assert after is not None
    renamed = re.sub(rf"(?<![.:\w-]){new}(?![\w-])", old, _without_places(after))
    assert renamed.replace(f"decide_{new}", f"decide_{old}") == _without_places(before)


def test_adding_a_task_renames_no_other() -> None:
    loaded = check(REGIONS.replace("task mean(", "task fresh = shell('x')\n  task mean("))
    assert loaded.program is not None
    before = check(REGIONS).program
    assert before is not None
    ids = [task.id for task in loaded.program.pipelines["regions"].tasks]
    assert [id for id in ids if id != "fresh"] == [task.id for task in before.pipelines["regions"].tasks]


def test_the_samples_are_good() -> None:
    for text in SAMPLES.values():
        assert check(text, FILES).diagnostics.found == []


# --- robustness ----------------------------------------------------------------------------------


def _broken(text: str, seed: int, changes: int) -> str:
    """The text with some tokens dropped, doubled, swapped or replaced by other tokens of it."""
    generator = random.Random(seed)
    tokens = TOKEN.findall(text)
    solid = [token for token in tokens if not token.isspace()]
    for _ in range(changes):
        at = generator.randrange(len(tokens))
        match generator.randrange(5):
            case 0:
                del tokens[at]
            case 1:
                tokens.insert(at, tokens[at])
            case 2:
                other = generator.randrange(len(tokens))
                tokens[at], tokens[other] = tokens[other], tokens[at]
            case 3:
                tokens[at] = generator.choice(solid)
            case _:
                tokens.insert(at, f" {generator.choice(solid)} ")
    return "".join(tokens)


def _faults_of_diagnostics(loaded: Loaded) -> Iterator[str]:
    for diagnostic in loaded.diagnostics.found:
        if "\n" in diagnostic.message:
            yield f"more than one line: {diagnostic.message!r}"
        for span in (diagnostic.span, *(label.span for label in diagnostic.labels)):
            if not 0 <= span.start <= span.end <= len(span.source.text):
                yield f"outside its source: {diagnostic}"


@settings(max_examples=80, deadline=None)
@given(
    name=st.sampled_from(sorted(SAMPLES)),
    seed=st.integers(min_value=0, max_value=2**32),
    changes=st.integers(min_value=1, max_value=4),
)
def test_no_broken_file_makes_load_raise(name: str, seed: int, changes: int) -> None:
    loaded = check(_broken(SAMPLES[name], seed, changes), FILES)
    assert list(_faults_of_diagnostics(loaded)) == []
    assert (loaded.program is None) == loaded.diagnostics.has_errors


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(min_value=0, max_value=2**32))
def test_no_broken_import_makes_load_raise(seed: int) -> None:
    loaded = check(WAFER_YIELD, {"lib/training.pipe": _broken(SAMPLES["training"], seed, 2)})
    assert list(_faults_of_diagnostics(loaded)) == []
