"""Examples do the same here and from the specification for Kubeflow: states of all tasks, outputs, the verdict."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import pipec
from pipec.compilation import check_target
from tests.conformance.test_conformance_examples import EXAMPLES, RUNS
from tests.differential.kubeflow_comparison import compare, specification
from tests.support.kubeflow import Kubeflow

COMPILED = (
    "ate_correlation",
    "complete_ml_pipeline",
    "conditional_retraining",
    "distributed_training",
    "ensemble_training",
    "hyperparameter_tuning",
    "matrix_selection",
    "ml_training_pipeline",
    "multi_model",
    "spot_training",
    "tuning_pipeline",
    "wafer_test",
    "wafer_test_v2",
)
"""Examples that are for Kubeflow too. Those that are not run here need a cluster, or packages from an index."""


@pytest.mark.engine
@pytest.mark.parametrize("name", COMPILED)
def test_example_is_valid(name: str, kubeflow: Kubeflow) -> None:
    loaded = pipec.load(EXAMPLES / name / "pipeline.pipe")
    assert kubeflow.validate(specification(loaded, name)) == []


@pytest.mark.engine
@pytest.mark.parametrize(
    ("name", "parameters"),
    [(name, parameters) for name, parameters, _ in RUNS if name in COMPILED],
    ids=lambda value: str(value) if value else "",
)
def test_example_is_the_same_here_and_in_kubeflow(
    name: str, parameters: dict[str, Any], kubeflow: Kubeflow, tmp_path: Path
) -> None:
    loaded = pipec.load(EXAMPLES / name / "pipeline.pipe")
    assert loaded.program is not None
    given = dict(parameters)
    if any(parameter.name == "workdir" for parameter in loaded.program.pipelines[name].parameters):
        given["workdir"] = str(tmp_path / "data")
    assert compare(loaded, name, kubeflow, given, EXAMPLES / name, tmp_path / "store") == []


def test_an_approval_is_refused_with_the_way_out() -> None:
    loaded = pipec.load(EXAMPLES / "cross_product_validation" / "pipeline.pipe")
    found = check_target(loaded, "cross_product_validation", "kubeflow").found
    assert [(one.code, one.help) for one in found] == [
        ("P0501", "split the pipeline where a person decides, and start the second part when they did")
    ]
