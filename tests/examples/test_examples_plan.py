"""The examples check clean for every target, and their plans say what was promised of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipec.analysis.plan import Plan, plan
from pipec.api import Loaded, check, load
from pipec.ir.model import Pipeline

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
CONTAINERS = ("distributed_training", "fraud_detection_training")
"""Those with a container, which is not run here."""
CACHED = ("tuning_pipeline",)
"""Those whose results are kept for other runs, which Airflow does not do."""
SEVERAL = {"templates": ("recommendation_training", "fraud_training", "recommendation_evaluation")}
"""The pipelines of those that hold more than the one with the name of the folder."""
NAMES = sorted(file.parent.name for file in EXAMPLES.glob("*/pipeline.pipe"))


def example(name: str) -> Loaded:
    return load(EXAMPLES / name / "pipeline.pipe")


def pipelines_of(name: str) -> list[Pipeline]:
    program = example(name).program
    assert program is not None
    return [program.pipelines[key] for key in program.own]


def plan_of(name: str) -> Plan:
    [pipeline] = pipelines_of(name)
    return plan(pipeline)


def test_every_folder_is_an_example() -> None:
    folders = {entry.name for entry in EXAMPLES.iterdir() if entry.is_dir() and not entry.name.startswith((".", "_"))}
    assert folders == set(NAMES)
    assert NAMES == [
        "adaptive_training",
        "ate_correlation",
        "complete_ml_pipeline",
        "conditional_retraining",
        "credit_scoring",
        "cross_product_validation",
        "distributed_training",
        "ensemble_training",
        "etl",
        "event_training",
        "fraud_detection_training",
        "hyperparameter_tuning",
        "matrix_selection",
        "medical_imaging",
        "ml_training_pipeline",
        "model_validation",
        "multi_fab",
        "multi_model",
        "shadow_rollout",
        "spot_training",
        "stdf_quality",
        "templates",
        "tuning_pipeline",
        "wafer_test",
        "wafer_test_v2",
        "yield_model_retrain_daily",
    ]


def target_check(name: str, target: str) -> list[str]:
    """What a target has against the pipelines of an example, which is otherwise without fault."""
    loaded = example(name)
    assert loaded.diagnostics.found == []
    assert loaded.program is not None
    assert loaded.program.own == SEVERAL.get(name, (name,))
    return [found.message for found in check(loaded, [target])]


@pytest.mark.parametrize("target", ["airflow", "ir", "local"])
@pytest.mark.parametrize("name", NAMES)
def test_checks_clean(name: str, target: str) -> None:
    found = target_check(name, target)
    if target == "local" and name in CONTAINERS:
        assert {message.partition(":")[0] for message in found} <= {
            f"`local` cannot express {feature}" for feature in ("container image tasks", "secrets", "volumes")
        }
        assert any(message.startswith("`local` cannot express container image tasks") for message in found)
    elif target == "airflow" and name in CACHED:
        features = ("caching", "cpu, memory and gpu of a task without a container image")
        assert {message.partition(":")[0] for message in found} == {
            f"`airflow` cannot express {feature}" for feature in features
        }
    else:
        assert found == []


@pytest.mark.parametrize("name", NAMES)
def test_no_edge_is_redundant(name: str) -> None:
    assert [plan(pipeline).redundant_edges for pipeline in pipelines_of(name) if plan(pipeline).redundant_edges] == []


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
        ("ensemble_training", "enabled_models prepare train select"),
        ("multi_model", "check_parameters split train evaluate select save"),
        (
            "ate_correlation",
            "collect analyse join rank any_high stop_stations any_medium open_tickets digest",
        ),
        ("yield_model_retrain_daily", "extract validate features train validate_model better deploy"),
        (
            "model_validation",
            "candidate offline_metrics simulation champion_challenger release rollout[5] rollout[50] rollout[100] "
            "monitor degraded roll_back keep",
        ),
        ("stdf_quality", "ingest check_schema statistics judge any_bad quarantine notify"),
        ("ml_training_pipeline", "extract validate preprocess train validate_model deploy"),
        (
            "fraud_detection_training",
            "validate_availability fetch_features data_quality train evaluate good_enough deploy_to_staging alert "
            "cleanup",
        ),
        ("event_training", "request accept train publish"),
        ("adaptive_training", "assess urgency train_urgent train_normal register"),
        ("distributed_training", "check_parameters train"),
        (
            "spot_training",
            "check_parameters measure little train_small medium train_medium train_large publish",
        ),
        (
            "shadow_rollout",
            "features queue_labels labels incremental_update shadow_test shadow_passed deploy monitor",
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


def test_matrix_selection_has_three_sets_of_features_and_three_algorithms() -> None:
    assert plan_of("matrix_selection").levels == (
        ('build["electrical"]', 'build["thermal"]', 'build["spatial"]'),
        ("validation",),
        ('train["linear"]', 'train["knn"]', 'train["tree"]'),
        ("cross_validate",),
        ("select",),
        ("ab_setup",),
        ("canary",),
        ("full_rollout",),
    )


def test_hyperparameter_tuning_has_a_grid_of_36() -> None:
    found = plan_of("hyperparameter_tuning")
    assert found.width == 36
    assert [len(level) for level in found.levels] == [1, 36, 1, 1]
    assert found.levels[1][0] == "train[0.05, 1, 5]"
    assert found.levels[1][-1] == "train[0.3, 4, 20]"


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
