"""The tests that the examples hold pass, and say something."""

from __future__ import annotations

from pathlib import Path

import pytest

import pipec
from pipec.testing import run_tests

EXAMPLES = Path(__file__).parents[2] / "examples"
WITH_TESTS = (
    "complete_ml_pipeline",
    "conditional_retraining",
    "credit_scoring",
    "model_validation",
    "multi_model",
    "shadow_rollout",
)


@pytest.mark.parametrize("name", sorted(file.parent.name for file in EXAMPLES.glob("*/pipeline.pipe")))
def test_what_an_example_expects_holds(name: str) -> None:
    program = pipec.load(EXAMPLES / name / "pipeline.pipe").program
    assert program is not None
    assert bool(program.tests) == (name in WITH_TESTS)
    for result in run_tests(program):
        assert [one.message for one in (*result.failures, *result.warnings)] == []
        assert result.case.expectations
