"""What holds of every comparison: the same is the same, form means nothing, a rename is one, sides can be swapped."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipec.comparison.comparing import compare
from pipec.comparison.document import document
from pipec.comparison.markdown import comparison_markdown
from pipec.comparison.model import Comparison
from pipec.comparison.text import comparison_text
from pipec.syntax.formatting import format_text
from tests.comparison.cases import (
    EXAMPLE_FILES,
    EXAMPLES,
    NOW,
    compared,
    mirrored,
    program_of,
    random_text,
    task_renames,
    without_order,
)

SEEDS = st.integers(0, 200)
NEW_NAME = "zebra"
ALONE = [
    path for path in EXAMPLE_FILES if not re.search(r"^(import|component) ", path.read_text("utf-8"), re.MULTILINE)
]
"""The examples that import nothing and are made to be run."""


def example_id(path: Path) -> str:
    return path.parent.relative_to(EXAMPLES).as_posix()


def messed(text: str) -> str:
    """The text with other line ends, spaces and a comment."""
    return "# a comment\n\n" + re.sub(r"(?<=\n) +", "\t ", text) + "\n\n# the end"


@pytest.mark.parametrize("path", EXAMPLE_FILES, ids=example_id)
def test_form_means_nothing(path: Path) -> None:
    text = path.read_text("utf-8")
    formatted = format_text(messed(text), path.name).text
    assert formatted is not None
    assert compared(text, formatted, path).is_empty


@pytest.mark.engine
@given(SEEDS)
def test_a_random_pipeline_is_like_itself(seed: int) -> None:
    assert compared(random_text(seed), messed(random_text(seed))).is_empty


# --- renames -------------------------------------------------------------------------------------


def check_one_rename(found: Comparison, old: str) -> None:
    (pipeline,) = found.pipelines
    (task,) = pipeline.tasks
    assert (task.kind, task.changes) == ("renamed", ())
    assert [re.sub(r"\[.*", "", id) for id in (*task.old, *task.new)] == [old] * len(task.old) + [NEW_NAME] * len(
        task.new
    )
    assert (pipeline.changes, pipeline.things, pipeline.edges) == ((), (), ())


@pytest.mark.engine
@pytest.mark.parametrize("path", ALONE, ids=example_id)
def test_a_renamed_task_of_an_example_is_one_rename(path: Path, tmp_path: Path) -> None:
    text = path.read_text("utf-8")
    renames = list(task_renames(text, tmp_path, NEW_NAME))
    assert renames
    for old, other in renames:
        check_one_rename(compared(text, other, path), old)


@pytest.mark.engine
def test_a_renamed_task_of_a_random_pipeline_is_one_rename(tmp_path: Path) -> None:
    renamed = 0
    for seed in range(12):
        text = random_text(seed)
        for old, other in task_renames(text, tmp_path, NEW_NAME):
            check_one_rename(compared(text, other), old)
            renamed += 1
    assert renamed > 60


# --- swapped -------------------------------------------------------------------------------------


def check_mirror(old: str, new: str, path: Path = Path("p.pipe")) -> None:
    programs = program_of(old, path), program_of(new, path)
    there, back = (document(compare(*pair, NOW)) for pair in (programs, programs[::-1]))
    assert without_order(mirrored(there)) == without_order(back)


@pytest.mark.engine
@given(SEEDS, SEEDS)
def test_swapping_the_sides_swaps_what_is_told(first: int, second: int) -> None:
    check_mirror(random_text(first), random_text(second))


@pytest.mark.engine
def test_swapping_two_examples() -> None:
    for old, new in pairwise(path.read_text("utf-8") for path in ALONE):
        check_mirror(old, new)


@pytest.mark.engine
@given(SEEDS, SEEDS)
def test_every_comparison_can_be_written(first: int, second: int) -> None:
    found = compared(random_text(first), random_text(second))
    for text in (comparison_text(found, color=False), comparison_markdown(found)):
        assert text.endswith("\n")
