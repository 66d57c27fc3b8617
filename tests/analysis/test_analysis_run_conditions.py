"""When tasks run as long as nothing fails, and what an engine that waits for success alone cannot do."""

from __future__ import annotations

from pathlib import Path

import pytest

import pipec
from pipec.analysis.run_conditions import ALWAYS, Condition, both, either, implies, run_conditions
from pipec.analysis.waiting_for_success import demands_on_waiting
from pipec.ir.model import Pipeline


def pipeline(body: str) -> Pipeline:
    text = f'pipeline p(level: int = 1) {{\n  task a -> int = python("m:a")\n{body}\n}}\n'
    loaded = pipec.load(Path("p.pipe"), text=text)
    assert loaded.program is not None, [one.message for one in loaded.diagnostics.found]
    return loaded.program.pipelines["p"]


def shown(condition: Condition) -> str:
    """`d e | !f`: d and e taken, or f not taken."""
    clauses = (" ".join(name if side else f"!{name}" for name, side in sorted(clause)) for clause in condition)
    return " | ".join(sorted(clause or "always" for clause in clauses))


BRANCHES = """
  if a > 1 as d {
    task b -> int = python("m:b")
    if b > 2 as e { task c = python("m:c") } else { task f = python("m:f") }
  } else {
    task g = python("m:g")
  }
"""


@pytest.mark.parametrize(
    ("task", "expected"),
    [
        ("a", "always"),
        ("d", "always"),
        ("b", "d"),
        ("e", "d"),
        ("c", "d e"),
        ("f", "d !e"),
        ("g", "!d"),
    ],
)
def test_branches(task: str, expected: str) -> None:
    assert shown(run_conditions(pipeline(BRANCHES)).tasks[task]) == expected


@pytest.mark.parametrize(
    ("after", "rule", "expected"),
    [
        ("b, g", "none_failed_min_one_success", "always"),
        ("c, f, g", "one_success", "always"),
        ("c, g", "one_success", "!d | d e"),
        ("c", "one_success", "d e"),
        ("b", "all_success", "d"),
        ("b, c", "all_success", "d e"),
        ("c, f", "none_failed", "always"),
        ("c, f", "none_failed_min_one_success", "d"),
    ],
)
def test_joins(after: str, rule: str, expected: str) -> None:
    found = run_conditions(
        pipeline(f'{BRANCHES}\n  task j after {after} = python("m:j") {{ trigger_rule = {rule} }}')
    ).tasks["j"]
    assert shown(found) == expected


def test_lists_that_are_written_with_items_are_never_empty() -> None:
    """What follows a map has to ask whether there were items, where there may be none."""
    body = (
        'map x in {} {{ task b(x) = python("m:b") }}\n task c after b = python("m:c") {{ trigger_rule = all_success }}'
    )
    for items, expected in {"[1, 2]": "always", "[level]": "always", "[]": "map_b", "[level] + []": "map_b"}.items():
        found = run_conditions(pipeline(body.format(items)))
        assert (shown(found.behind["map_b"]), shown(found.tasks["c"])) == (expected, expected), items


def test_maps() -> None:
    found = run_conditions(
        pipeline(
            """
  if a > 1 as d {
    task list -> list[int] = python("m:list")
    map item in list {
      task one(item) -> int = python("m:one")
      if one > item as e { task two = python("m:two") }
      map inner in [item, one] { task three(inner, one) = python("m:three") }
    }
    task all after one
  }
"""
        )
    )
    assert {name: shown(condition) for name, condition in found.maps.items()} == {"map_one": "d", "map_three": "d"}
    assert {name: shown(found.tasks[name]) for name in ("one", "e", "two", "three")} == {
        "one": "always",
        "e": "always",
        "two": "e",
        "three": "always",
    }
    assert shown(found.tasks["all"]) == "d map_one"


def test_a_wait_that_may_be_skipped() -> None:
    found = run_conditions(
        pipeline(
            '  wait w = python("m:w") { timeout = 1m  on_timeout = skip }\n  task b after w\n'
            "  task c after w, a { trigger_rule = none_failed }"
        )
    ).tasks
    assert [shown(found[name]) for name in ("w", "b", "c")] == ["always", "w", "always"]


def test_conditions_are_small() -> None:
    yes, no = frozenset({frozenset({("d", True)})}), frozenset({frozenset({("d", False)})})
    other = frozenset({frozenset({("e", True)})})
    assert either([yes, no]) == ALWAYS
    assert both(yes, no) == frozenset()
    assert either([yes, both(yes, other)]) == yes
    assert implies(both(yes, other), yes)
    assert not implies(yes, both(yes, other))


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ('  task b = python("m:b")\n  task c after a, b { trigger_rule = one_success }', [("rule.after_failure", "c")]),
        (f"{BRANCHES}\n  task j after b, g {{ trigger_rule = one_success }}", []),
        ('  finally { task z(seen = a ?? 0) = python("m:z") }', [("finally.reads", "z")]),
        ("  finally { task y\n task z after y }", [("finally.reads", "z")]),
        ('  finally { task z = python("m:z") }', []),
        ('  map i in [a] { task b(i) = python("m:b") }\n  task c after b', []),
        (
            '  map i in [a] { if i > 1 { task b(i) = python("m:b") } }\n  task c after b',
            [("map.skipped", "c")],
        ),
        (
            '  map i in [a] { if i > 1 { task b(i) = python("m:b") } }\n'
            "  task c after b { trigger_rule = none_failed }",
            [],
        ),
        (
            '  map i in [a] { task b(i) = python("m:b")\n map k in [i] { task c(k) after b = python("m:c") } }',
            [],
        ),
    ],
)
def test_what_is_asked_besides(body: str, expected: list[tuple[str, str]]) -> None:
    assert [(one.feature, one.task) for one in demands_on_waiting(pipeline(body))] == expected
