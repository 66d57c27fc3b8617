"""Names that are near to others, and those that are certain to be meant."""

from __future__ import annotations

import pytest

from pipec.diagnostics.fixes import apply_fixes
from pipec.diagnostics.model import Diagnostic
from pipec.diagnostics.suggest import correction, hint
from pipec.syntax.source import Source

CORRECTED = [
    ("retires", ["retries", "retry_delay"], "retries"),
    ("timout", ["timeout"], "timeout"),
    ("extractt", ["extract"], "extract"),
    ("prioraty", ["priority"], "priority"),
    ("maxParallel", ["max_parallel"], "max_parallel"),
    ("load_tabel", ["load_table", "load_view"], "load_table"),
]
UNCERTAIN = [
    ("train_x", ["train_y"]),  # another name, not a misspelt one
    ("load1", ["load2"]),
    ("tsk", ["task"]),
    ("clean", ["clear", "cleans"]),  # two that it could be
    ("resources_used", ["resource"]),
    ("anything", []),
]


def corrected(text: str, name: str, known: list[str]) -> str:
    """The text after the correction of a name that is the whole of it, or stands in quotes in it."""
    source = Source("p.pipe", text)
    fix = correction(source.span(0, len(text)), name, known)
    return apply_fixes(text, [Diagnostic("P0301", "error", "", source.span(0, 1), fix=fix)])


@pytest.mark.parametrize(("name", "known", "meant"), CORRECTED)
def test_slips_are_corrected(name: str, known: list[str], meant: str) -> None:
    assert corrected(name, name, known) == meant
    assert corrected(f'"{name}"', name, known) == f'"{meant}"'


@pytest.mark.parametrize(("name", "known"), UNCERTAIN)
def test_nothing_is_guessed(name: str, known: list[str]) -> None:
    assert corrected(name, name, known) == name


def test_a_name_that_is_not_what_stands_there_is_not_replaced() -> None:
    assert corrected("load[timout]", "timout", ["timeout"]) == "load[timout]"


def test_a_hint_names_the_nearest_or_says_what_else_there_is() -> None:
    assert hint("retires", ["retries", "timeout"]) == "there is `retries`"
    assert hint("x", ["retries"], "options: retries") == "options: retries"
    assert hint("x", ["retries"]) is None
