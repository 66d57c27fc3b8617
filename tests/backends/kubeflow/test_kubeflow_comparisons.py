"""Decisions that are conditions of Kubeflow: what is written, and that it holds exactly where the language says so."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

import pipec
from pipec.engine.evaluate import Scope, evaluate
from pipec.ir.model import Decision
from tests.support.kubeflow_cluster_values import holds

SOURCE = """
pipeline p(f: float, g: float, i: int, j: int, b: bool, s: str, m: "x" | "it's", o: int?, d: date, z: size) {{
  image = "steps:1"
  if {condition} as chosen {{
    task t = python("steps:t")
  }}
}}
"""


def value(name: str) -> str:
    return f"inputs.parameter_values['pipelinechannel--{name}']"


WRITTEN = {
    "f > 0.5": f"{value('f')} > 0.5",
    "0.5 < f": f"{value('f')} > 0.5",
    "f > g": f"{value('f')} > {value('g')}",
    "f >= 1": f"{value('f')} >= 1.0",
    "i == 3": f"int({value('i')}) == 3",
    "i <= j": f"int({value('i')}) <= int({value('j')})",
    "i > 0.5": f"double(int({value('i')})) > 0.5",
    "i > f": f"double(int({value('i')})) > {value('f')}",
    "z > 2Mi": f"int({value('z')}) > 2097152",
    "b": f"{value('b')} == true",
    "not b": f"!({value('b')} == true)",
    "b == false": f"{value('b')} == false",
    's == "x"': f"{value('s')} == 'x'",
    'm != "it\'s"': f"{value('m')} != 'it\\u0027s'",
    's == "{{$}} \\\\ $(x)\\n"': f"{value('s')} == '\\u007b\\u007b\\u0024}}}} \\u005c \\u0024(x)\\u000a'",
    "s == m": f"{value('s')} == {value('m')}",
    "b and i > 3": f"{value('b')} == true && int({value('i')}) > 3",
    "b or i > 3 and f < 1.0": f"{value('b')} == true || (int({value('i')}) > 3 && {value('f')} < 1.0)",
    "not (b or i > 3)": f"!({value('b')} == true || int({value('i')}) > 3)",
}
"""What conditions become that compare values."""

COMPUTED = [
    "f * 2 > 1.0",
    "len(s) > 3",
    "o == 3",
    "d == 2026-01-01",
    "s < m",
    'i in [1, 2] or m == "x"',
    "(b ? 1 : 2) == i",
    "f > 1e300",
]
"""Conditions that a task has to find out."""


def compiled(condition: str) -> tuple[str, pipec.api.Loaded]:
    loaded = pipec.load("p.pipe", text=SOURCE.format(condition=condition))
    (file,) = pipec.compile(loaded, "kubeflow")
    tasks = next(yaml.safe_load_all(file.text))["root"]["dag"]["tasks"]
    assert ("chosen" in tasks) is (condition in COMPUTED)
    return tasks["chosen-if"]["triggerPolicy"]["condition"], loaded


@pytest.mark.parametrize("condition", WRITTEN)
def test_what_is_written(condition: str) -> None:
    assert compiled(condition)[0] == WRITTEN[condition]


@pytest.mark.parametrize("condition", COMPUTED)
def test_what_is_computed_by_a_task(condition: str) -> None:
    assert compiled(condition)[0] == f"{value('chosen-taken')} == true"


TEXTS = st.sampled_from(["x", "it's", "{{$}} \\ $(x)\n", "", "X", "é"])
VALUES = st.fixed_dictionaries(
    {
        "f": st.sampled_from([0.0, -0.0, 0.5, 1.0, 1.5, 3.0]) | st.floats(allow_nan=False, allow_infinity=False),
        "g": st.sampled_from([0.0, 0.5, 1.0]) | st.floats(allow_nan=False, allow_infinity=False),
        "i": st.integers(-5, 5) | st.integers(-(2**53), 2**53),
        "j": st.integers(-5, 5),
        "z": st.integers(2097150, 2097155),
        "b": st.booleans(),
        "s": TEXTS,
        "m": st.sampled_from(["x", "it's"]),
    }
)


@pytest.mark.parametrize("condition", WRITTEN)
def test_it_holds_where_the_language_says_so(condition: str) -> None:
    text, loaded = compiled(condition)
    (decision,) = (task for task in loaded.pipeline("p").tasks if isinstance(task.implementation, Decision))
    assert isinstance(decision.implementation, Decision)
    expression = decision.implementation.condition

    @settings(deadline=None, max_examples=40)
    @given(VALUES)
    def check(values: dict[str, Any]) -> None:
        carried = {
            f"pipelinechannel--{name}": float(one) if isinstance(one, int) and not isinstance(one, bool) else one
            for name, one in values.items()
        }
        assert holds(text, carried, {}) is evaluate(expression, Scope(values))

    check()
