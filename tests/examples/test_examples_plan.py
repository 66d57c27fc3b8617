"""The examples check clean for every target, and their plans say what was promised of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipec.analysis.capabilities import check_capabilities
from pipec.analysis.plan import Plan, plan
from pipec.api import Loaded, load
from pipec.backend import load_backend

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
NAMES = sorted(file.parent.name for file in EXAMPLES.glob("*/pipeline.pipe"))


def example(name: str) -> Loaded:
    return load(EXAMPLES / name / "pipeline.pipe")


def plan_of(name: str) -> Plan:
    program = example(name).program
    assert program is not None
    return plan(program.pipelines[name])


def test_every_folder_is_an_example() -> None:
    folders = {entry.name for entry in EXAMPLES.iterdir() if entry.is_dir() and not entry.name.startswith((".", "_"))}
    assert folders == set(NAMES)
    assert NAMES == ["complete_ml_pipeline", "conditional_retraining", "etl", "wafer_test", "wafer_test_v2"]


@pytest.mark.parametrize("target", ["airflow", "ir", "local"])
@pytest.mark.parametrize("name", NAMES)
def test_checks_clean(name: str, target: str) -> None:
    loaded = example(name)
    assert loaded.diagnostics.found == []
    assert loaded.program is not None
    assert loaded.program.own == (name,)
    check_capabilities(loaded.program.pipelines[name], load_backend(target), loaded.span_of, loaded.diagnostics)
    assert loaded.diagnostics.found == []


@pytest.mark.parametrize("name", NAMES)
def test_no_edge_is_redundant(name: str) -> None:
    assert plan_of(name).redundant_edges == ()


@pytest.mark.parametrize(
    ("name", "tasks"),
    [
        ("etl", "extract transform load"),
        (
            "wafer_test",
            "parse_stdf validate_data engineer_features detect_outliers predict_yield device_binning generate_report",
        ),
        ("wafer_test_v2", "parse validate features train_rf train_xgb train_lgbm ensemble report"),
        ("conditional_retraining", "detect_drift drifted retrain deploy"),
        (
            "complete_ml_pipeline",
            "start collect validate preprocess train evaluate good_enough register alert end",
        ),
    ],
)
def test_tasks(name: str, tasks: str) -> None:
    assert sorted(task.id for task in plan_of(name).tasks) == sorted(tasks.split())


def test_wafer_test_has_a_parallel_group_and_a_critical_path_of_six() -> None:
    found = plan_of("wafer_test")
    assert found.parallel_groups == (("detect_outliers", "predict_yield"),)
    assert found.critical_path == (
        "parse_stdf",
        "validate_data",
        "engineer_features",
        "predict_yield",
        "device_binning",
        "generate_report",
    )


def test_wafer_test_v2_takes_160_of_260_seconds() -> None:
    found = plan_of("wafer_test_v2")
    assert (found.total_work, found.critical_path_length) == (260.0, 160.0)
    assert found.parallel_groups == (("train_rf", "train_xgb", "train_lgbm"),)


@pytest.mark.parametrize(
    ("task", "retries"),
    [
        ("parse", 3),
        ("validate", 2),
        ("features", 2),
        ("train_rf", 1),
        ("train_xgb", 1),
        ("train_lgbm", 1),
        ("ensemble", 2),
        ("report", 1),
    ],
)
def test_wafer_test_v2_retries(task: str, retries: int) -> None:
    program = example("wafer_test_v2").program
    assert program is not None
    retry = program.pipelines["wafer_test_v2"].task(task).options.retry
    assert retry is not None
    assert retry.max == retries
