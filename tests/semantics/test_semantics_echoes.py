"""A fault is told once: neither syntax faults nor faulty tasks are told again as something else."""

from __future__ import annotations

import pytest

from pipec.api import check, load
from tests.semantics.support import found

SAMPLE = """\
component fit(data: dataset, size: int) -> { model: model } = python("m:fit")

pipeline p(day: date = run.date) -> { model: model } {
  task load(day) -> { data: dataset, rows: int } = python("m:load") {
    require rows > 0
  }
  task train(data = load.data, size = 3) = fit
  task note(rows = load.rows) = python("m:note")
  for kind in ["a", "b"] {
    task score(kind) -> float = python("m:score")
  }
  task mean(scores = score[*]) = python("m:mean")
  return { model: train.model }
}
"""

# What is replaced by what, and all that is said: code and line.
ONCE = [
    # what a syntax fault leaves in doubt is not told again
    ("-> { data: dataset, rows: int }", "-> { data: , rows: int }", [("P0003", 4)]),
    ("-> { data: dataset, rows: int }", "-> { data: dataset, : int }", [("P0003", 4)]),
    ("task load(day)", "task (day)", [("P0003", 4)]),
    ("day: date", ": date", [("P0003", 3)]),
    ("component fit(data", "component fit(: data", [("P0004", 1)]),
    ("component fit(", "component (", [("P0003", 1)]),
    ("size = 3", "size = ", [("P0003", 7)]),
    ("= fit\n", "=\n", [("P0003", 7)]),
    ("for kind in", "for in", [("P0003", 9)]),
    ("  return { model: train.model }", "  return", [("P0003", 13)]),
    ("-> { model: model } {", "-> { model model } {", [("P0003", 3)]),
    # a name or task that is no good is not told again
    ("= fit\n", "= fitt\n", [("P0307", 7)]),
    ("data: dataset, rows", "data: dateset, rows", [("P0208", 4)]),
    ("rows: int }", "rows: itn }", [("P0208", 4)]),
    ("day: date", "day: dta", [("P0208", 3)]),
    ('["a", "b"]', '["a", c]', [("P0101", 9)]),
    # other faults of the file are found all the same
    ("size = 3) = fit", "size = ) = fit\n  task odd = shel('x')", [("P0003", 7), ("P0307", 8)]),
    ("require rows > 0", "require rows > ", [("P0003", 5)]),
]


@pytest.mark.parametrize(("old", "new", "expected"), ONCE, ids=[f"{old} to {new}" for old, new, _ in ONCE])
def test_a_fault_is_told_once(old: str, new: str, expected: list[tuple[str, int]]) -> None:
    assert SAMPLE.count(old) == 1
    assert [(code, line) for code, line, _ in found(SAMPLE.replace(old, new))] == expected


def test_the_file_itself_has_no_fault() -> None:
    assert found(SAMPLE) == []


RULES = """\
pipeline p(flag: bool) {
  if flag {
    task a -> int = python("m:a")
  }
  task b(x = a ?? 0) -> int = python("m:b")%s
  task c(x = b) = python("m:c")
}
"""


@pytest.mark.parametrize("option", ["trigger_rule = one_sucess", "triger_rule = one_success", "trigger_rule = 3"])
def test_a_misspelt_trigger_rule_says_nothing_of_what_may_be_null(option: str) -> None:
    assert [line for _, line, _ in found(RULES % f" {{ {option} }}")] == [5]


TARGETS = """\
component slow = python("m:f") { timeout = 1x }
pipeline p {
  defaults = { %s }
  task sound = python("m:f") { cache = true }
  task faulty = python("m:f") { cache = true  retries = "many" }
  task by_component = slow { cache = true }
  if nothing {
    task inside = python("m:f") { cache = true }
  }
}
"""


def refused(text: str) -> list[int]:
    """The lines of what the target refuses, in a file that has errors."""
    loaded = load("main.pipe", text=text)
    assert loaded.program is None
    return [
        one.span.source.position(one.span.start)[0] for one in check(loaded, ["airflow"]) if one.code.startswith("P05")
    ]


def test_targets_are_asked_about_what_errors_have_no_part_in() -> None:
    assert refused(TARGETS % "timeout: 1h") == [4]
    assert refused(TARGETS % "timeout: 1x") == []


def test_tasks_in_a_circle_are_looked_at_by_targets() -> None:
    circle = "pipeline p {\n task a after b = python('m:f')\n task b after a = python('m:f')\n"
    assert refused(circle + " task c = python('m:f') { cache = true }\n}") == [4]
