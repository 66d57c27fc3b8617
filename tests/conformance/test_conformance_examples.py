"""Every example does the same here and in a real Airflow: states of all tasks, all outputs, the run's verdict."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import pipec
from tests.conformance.both import run_both
from tests.support.airflow import AirflowHome

EXAMPLES = Path(__file__).parents[2] / "examples"

RUNS: list[tuple[str, dict[str, Any], dict[str, str]]] = [
    ("etl", {}, {"extract": "success", "load": "success"}),
    ("wafer_test", {}, {"generate_report": "success"}),
    ("wafer_test_v2", {}, {"report": "success"}),
    ("complete_ml_pipeline", {"min_accuracy": 0.8}, {"register": "success", "alert": "skipped", "end": "success"}),
    ("complete_ml_pipeline", {"min_accuracy": 0.999}, {"register": "skipped", "alert": "success", "end": "success"}),
    ("conditional_retraining", {"shift": 0.6}, {"retrain": "success", "deploy": "success"}),
    ("conditional_retraining", {"shift": 0.0}, {"retrain": "skipped", "deploy": "success"}),
    ("matrix_selection", {}, {'train["tree"]': "success", "full_rollout": "success"}),
    ("hyperparameter_tuning", {}, {"train[0.3, 4, 20]": "success", "retrain": "success"}),
    ("ml_training_pipeline", {"day": "2026-01-31"}, {"validate_model": "success", "deploy": "success"}),
    ("yield_model_retrain_daily", {"day": "2026-01-31"}, {"better": "success", "deploy": "success"}),
    ("yield_model_retrain_daily", {"day": "2026-01-31", "baseline": 0.95}, {"better": "success", "deploy": "skipped"}),
    ("ensemble_training", {}, {"train": "success", "select": "success"}),
    ("multi_model", {}, {"train": "success", "evaluate": "success", "save": "success"}),
    ("ate_correlation", {}, {"analyse": "success", "stop_stations": "success", "open_tickets": "success"}),
    ("ate_correlation", {"stations": 6}, {"analyse": "success", "stop_stations": "skipped", "open_tickets": "skipped"}),
    ("multi_fab", {}, {'arrived["kulim"]': "success", "update_feature_store": "success"}),
    ("shadow_rollout", {}, {"labels": "success", "deploy": "success", "monitor": "success"}),
    ("stdf_quality", {}, {"statistics": "success", "quarantine": "success"}),
    ("stdf_quality", {"spoilt": 0.0}, {"statistics": "success", "quarantine": "skipped"}),
    ("stdf_quality", {"spoilt": 1.0, "batches": 1}, {"statistics": "skipped", "quarantine": "success"}),
]

OUTSIDE = {
    "adaptive_training",
    "credit_scoring",
    "cross_product_validation",
    "distributed_training",
    "event_training",
    "fraud_detection_training",
    "medical_imaging",
    "model_validation",
    "spot_training",
    "templates",
    "tuning_pipeline",
}
"""Those that need a cluster, a broker or a person: they run with stand-ins, in the tests of the examples."""


def test_every_example_is_run() -> None:
    folders = {folder.name for folder in EXAMPLES.iterdir() if folder.is_dir()}
    assert {name for name, _, _ in RUNS} == folders - OUTSIDE


@pytest.mark.engine
@pytest.mark.parametrize(("name", "parameters", "states"), RUNS, ids=lambda value: str(value) if value else "")
def test_example_is_the_same_here_and_in_airflow(
    name: str, parameters: dict[str, Any], states: dict[str, str], airflow: AirflowHome, tmp_path: Path
) -> None:
    folder = EXAMPLES / name
    loaded = pipec.load(folder / "pipeline.pipe")
    given = dict(parameters)
    assert loaded.program is not None
    if any(parameter.name == "workdir" for parameter in loaded.program.pipelines[name].parameters):
        given["workdir"] = str(tmp_path / "data")

    local, _ = run_both(loaded, name, folder, airflow, tmp_path / "store", given)

    assert local.state == "success"
    assert {task: local.tasks[task].state for task in states} == states
