"""Which decisions have their tasks in groups, and where values of both sides are joined."""

from __future__ import annotations

import importlib
from typing import Any

import pytest

from pipec.analysis.run_conditions import run_conditions
from pipec.api import load

HEAD = """
  task measure -> { auc: float } = python("steps:measure")
  task other -> int = python("steps:other")
"""

GROUPED = {
    "one side": ("if measure.auc > 1 as d { task a = python('s:f') }", {"a": "d+"}),
    "both sides": (
        "if measure.auc > 1 as d { task a = python('s:f') } else { task b = python('s:f') }",
        {"a": "d+", "b": "d-"},
    ),
    "a task behind a branch": (
        "if measure.auc > 1 as d { task a = python('s:f') }\n"
        "task b after a = python('s:f') { trigger_rule = all_success }",
        {"a": "d+", "b": "d+"},
    ),
    "a decision in a branch": (
        "if measure.auc > 1 as d { if measure.auc > 2 as e { task a = python('s:f') } }",
        {"e": "d+", "a": "d+ e+"},
    ),
    "a map in a branch": (
        "if measure.auc > 1 as d { map x in [1, 2] { task a(x) = python('s:f') } }",
        {"map_a": "d+"},
    ),
    "a branch in a map": (
        "map x in [1, 2] { task b(x) -> int = python('s:f') if b > 1 as d { task a(x) = python('s:f') } }",
        {"a": "d+"},
    ),
    "a join of both": (
        "if measure.auc > 1 as d { task a -> int = python('s:f') } else { task b -> int = python('s:f') }\n"
        "task c(x = a ?? b ?? 0) = python('s:f')",
        {"a": "d+", "b": "d-"},
    ),
    "a join that only waits": (
        "if measure.auc > 1 as d { task a = python('s:f') } else { task b = python('s:f') }\n"
        "task c after a, b = python('s:f') { trigger_rule = none_failed }",
        {"a": "d+", "b": "d-"},
    ),
    "two joins of the same": (
        "if measure.auc > 1 as d { task a -> int = python('s:f') } else { task b -> int = python('s:f') }\n"
        "task c(x = a ?? b ?? 0) = python('s:f')\n task e(y = 1 + (a ?? b ?? 0)) = python('s:f')",
        {"a": "d+", "b": "d-"},
    ),
    "else if": (
        "if measure.auc > 2 as d { task a -> int = python('s:f') } else if measure.auc > 1 "
        "{ task b -> int = python('s:f') } else { task c -> int = python('s:f') }\n"
        "task e(x = a ?? b ?? c ?? 0) = python('s:f')",
        {"a": "d+", "decide_b": "d-", "b": "d- decide_b+", "c": "d- decide_b-"},
    ),
}

ON_TASKS = {
    "a branch that waits for more than its decision": "if measure.auc > 1 { task a(x = other) = python('s:f') }",
    "a branch that waits for more in a map": (
        "if measure.auc > 1 { map x in [1, 2] { task a(x, y = other) = python('s:f') } }"
    ),
    "a join of one side": (
        "if measure.auc > 1 { task a = python('s:f') }\ntask b after a = python('s:f') { trigger_rule = none_failed }"
    ),
    "a value that may be missing": (
        "if measure.auc > 1 { task a -> int = python('s:f') } else { task b -> int = python('s:f') }\n"
        "task c(x = a ?? 0) after b = python('s:f') { trigger_rule = none_failed }"
    ),
    "values that may be null": (
        "if measure.auc > 1 { task a -> int? = python('s:f') } else { task b -> int? = python('s:f') }\n"
        "task c(x = a ?? b ?? 0) = python('s:f')"
    ),
    "values of two types": (
        "if measure.auc > 1 { task a -> int = python('s:f') } else { task b -> float = python('s:f') }\n"
        "task c(x = a ?? b ?? 0.0) = python('s:f')"
    ),
    "a join that something in a branch is not before": (
        "if measure.auc > 1 { task a -> int = python('s:f')\n task slow = python('s:f') }"
        " else { task b -> int = python('s:f') }\n task c(x = a ?? b ?? 0) = python('s:f')"
    ),
    "a task behind two branches": (
        "if measure.auc > 1 { task a = python('s:f') }\n if other > 1 { task b = python('s:f') }\n"
        "task c after a, b = python('s:f')"
    ),
    "a task that goes on after any of two": (
        "if measure.auc > 1 { task a = python('s:f') }\n if measure.auc > 2 { task b = python('s:f') }\n"
        "task c after a, b = python('s:f') { trigger_rule = one_success }"
    ),
    "what the pipeline returns": "if measure.auc > 1 { task a -> int = python('s:f') }\n return a",
}


@pytest.mark.parametrize("case", GROUPED)
def test_tasks_stand_in_groups(case: str) -> None:
    text, expected = GROUPED[case]
    chains = _branches(text).chains
    shown = {item: " ".join(f"{name}{'+' if taken else '-'}" for name, taken in chains[item]) for item in chains}
    assert shown == expected


@pytest.mark.parametrize("case", ON_TASKS)
def test_conditions_stand_on_tasks(case: str) -> None:
    assert _branches(ON_TASKS[case]).chains == {}


def test_one_value_is_joined_once() -> None:
    found = _branches(GROUPED["two joins of the same"][0])
    (name,) = found.joined
    read = found.pipeline.task("c").inputs[0].value
    assert (read.task, str(read.type)) == (name, "int")


def test_what_a_task_comes_after_are_not_the_decisions_that_it_joins() -> None:
    found = _branches(GROUPED["a join of both"][0])
    assert found.pipeline.task("c").upstream == ("d", "a", "b")
    assert list(found.awaited(found.pipeline.task("c"))) == ["a", "b"]


def _branches(text: str) -> Any:
    written = text.replace("'", '"')
    loaded = load("test.pipe", text=f"pipeline p {{\n{HEAD}\n{written}\n}}\n")
    assert loaded.program is not None, [one.message for one in loaded.diagnostics.found]
    pipeline = loaded.program.pipelines["p"]
    find = importlib.import_module("pipec.backends.kubeflow.branches").branches
    return find(pipeline, run_conditions(pipeline))
