"""The larger examples, run as a user runs them: the states of all tasks, and what the run gives back."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import pipec
from pipec.api import Loaded
from pipec.ir.model import ShellScript, Task

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


def run_example(name: str, folder: Path, **parameters: Any) -> Any:
    loaded = pipec.load(EXAMPLES / name / "pipeline.pipe")
    given = {"workdir": str(folder / "data"), **parameters}
    return pipec.run(loaded, parameters=given, store_folder=folder / "store")


def states(result: Any) -> dict[str, str]:
    return {task: found.state for task, found in result.tasks.items()}


def instance_states(result: Any, task: str) -> list[str]:
    """Those of a mapped task, in the order of its items; none where it was skipped as a whole."""
    return [instance.state for instance in result.tasks[task].instances or ()]


def value_file(folder: Path, name: str) -> Any:
    return json.loads((folder / "data" / name).read_text("utf-8"))


# --- matrix_selection ----------------------------------------------------------------------------


@pytest.mark.engine
def test_matrix_selection_rolls_the_best_algorithm_out(tmp_path: Path) -> None:
    result = run_example("matrix_selection", tmp_path)
    assert set(states(result).values()) == {"success"}
    assert len(states(result)) == 12
    assert result.returns == {"algorithm": "knn", "score": 0.7262, "traffic": 100}
    assert value_file(tmp_path, "production.json")["algorithm"] == "knn"


@pytest.mark.engine
def test_matrix_selection_trains_nothing_on_bad_data(tmp_path: Path) -> None:
    result = run_example("matrix_selection", tmp_path, lost=0.3)
    assert result.state == "failed"
    assert {task for task, state in states(result).items() if state == "success"} == {
        'build["electrical"]',
        'build["thermal"]',
        'build["spatial"]',
    }
    assert result.tasks["validation"].state == "failed"
    assert result.tasks["validation"].attempts == 1
    assert result.tasks["validation"].error.startswith("a feature set has more than 10 % nulls")
    assert Counter(states(result).values())["upstream_failed"] == 8


# --- hyperparameter_tuning -----------------------------------------------------------------------


@pytest.mark.engine
def test_hyperparameter_tuning_tries_36_configurations(tmp_path: Path) -> None:
    result = run_example("hyperparameter_tuning", tmp_path)
    trained = {task: found.outputs for task, found in result.tasks.items() if task.startswith("train[")}
    assert set(states(result).values()) == {"success"}
    assert len(trained) == 36
    assert len({json.dumps(outputs["configuration"]) for outputs in trained.values()}) == 36
    assert max(outputs["auc"] for outputs in trained.values()) == result.returns["auc"]
    assert result.returns == {"auc": 0.842, "learning_rate": 0.3, "depth": 3, "estimators": 20}
    assert result.tasks["retrain"].outputs["rows"] == 300


# --- tuning_pipeline -----------------------------------------------------------------------------


@pytest.mark.engine
def test_tuning_pipeline_finds_the_best_forest_once(tmp_path: Path) -> None:
    result = run_example("tuning_pipeline", tmp_path)
    assert set(states(result).values()) == {"success"}
    assert {name: type(value) for name, value in result.tasks["search"].outputs.items()} == {
        "trees": int,
        "depth": int,
        "score": float,
    }
    scores = value_file(tmp_path, "scores.json")
    assert result.tasks["evaluate"].outputs == {"scores": str(tmp_path / "data" / "scores.json"), **scores}
    assert scores["accuracy"] > 0.9
    again = run_example("tuning_pipeline", tmp_path)
    assert {found.cached_from for found in again.tasks.values()} == {result.run_id}


# --- ensemble_training ---------------------------------------------------------------------------


@pytest.mark.engine
def test_ensemble_training_trains_what_is_enabled(tmp_path: Path) -> None:
    result = run_example("ensemble_training", tmp_path)
    assert set(states(result).values()) == {"success"}
    assert result.tasks["enabled_models"].outputs == {"output": ["mean", "line", "steps", "neighbours"]}
    assert [one.outputs["score"] for one in result.tasks["train"].instances] == [-0.0293, 0.4644, 0.6243, 0.7773]
    assert result.returns == {"best": "neighbours", "score": 0.7773}


@pytest.mark.engine
@pytest.mark.parametrize(
    ("registry", "trained", "best"),
    [
        ("[line]\nenabled = true\n[guess]\nenabled = true\n", ["success", "success"], "line"),
        ("[line]\nenabled = true\n[wavelets]\nenabled = true\n", ["success", "failed"], None),
        ("[line]\nenabled = false\n", [], None),
    ],
)
def test_ensemble_training_follows_its_registry(
    registry: str, trained: list[str], best: str | None, tmp_path: Path
) -> None:
    (tmp_path / "models.toml").write_text(registry, "utf-8")
    result = run_example("ensemble_training", tmp_path, registry=str(tmp_path / "models.toml"))
    expected = "failed" if "failed" in trained else "success" if trained else "skipped"
    assert result.tasks["train"].state == expected
    assert instance_states(result, "train") == trained
    assert result.tasks["select"].state == ("upstream_failed" if expected == "failed" else expected)
    assert result.state == ("failed" if expected == "failed" else "success")
    assert (result.returns or {"best": None})["best"] == best


# --- multi_model ---------------------------------------------------------------------------------


@pytest.mark.engine
@pytest.mark.parametrize(
    ("model_types", "accuracies"),
    [
        (["random_forest", "xgboost", "lightgbm"], [0.9815, 0.9444, 0.9444]),
        (["lightgbm", "xgboost"], [0.9444, 0.9444]),
    ],
)
def test_multi_model_saves_the_best(model_types: list[str], accuracies: list[float], tmp_path: Path) -> None:
    result = run_example("multi_model", tmp_path, model_types=model_types, test_size=0.3)
    assert result.state == "success"
    assert instance_states(result, "train") == instance_states(result, "evaluate") == ["success"] * len(model_types)
    found = [one.outputs["accuracy"] for one in result.tasks["evaluate"].instances]
    assert found == pytest.approx(accuracies, abs=0.06)  # up to the release of scikit-learn
    best = model_types[found.index(max(found))]
    assert result.returns == {"best": best, "accuracy": max(found)}
    assert value_file(tmp_path, "best.json") == {"model_type": best, "accuracy": max(found)}


@pytest.mark.engine
def test_multi_model_needs_a_model(tmp_path: Path) -> None:
    result = run_example("multi_model", tmp_path, model_types=[])
    assert result.state == "failed"
    assert result.tasks["check_parameters"].error == "there is no model to train"
    assert result.tasks["select"].state == "upstream_failed"


# --- ate_correlation -----------------------------------------------------------------------------


@pytest.mark.engine
def test_ate_correlation_looks_at_25_stations(tmp_path: Path) -> None:
    result = run_example("ate_correlation", tmp_path)
    assert result.state == "success"
    assert set(states(result).values()) == {"success"}
    assert instance_states(result, "analyse") == ["success"] * 25
    high, medium = ["ATE-07", "ATE-09"], ["ATE-11", "ATE-20"]
    assert result.returns == {"analysed": 25, "high": high, "medium": medium}
    assert value_file(tmp_path, "stopped.json") == high
    assert [ticket["station"] for ticket in value_file(tmp_path, "tickets.json")] == medium


@pytest.mark.engine
def test_ate_correlation_alerts_nobody_when_all_is_well(tmp_path: Path) -> None:
    """The first six stations of the floor are good."""
    result = run_example("ate_correlation", tmp_path, stations=6)
    assert result.state == "success"
    assert instance_states(result, "analyse") == ["success"] * 6
    assert {task for task, state in states(result).items() if state == "skipped"} == {"stop_stations", "open_tickets"}
    assert result.returns == {"analysed": 6, "high": [], "medium": []}


# --- wafer_test_v2: how long it takes ------------------------------------------------------------

SCALE = 0.03
"""Seconds a stated second lasts. A run of 160 s has then 240 ms for what the runner itself does, which is many times
what it needs for eight tasks.
"""


def asleep(task: Task) -> Task:
    """The task as one that only takes its time, at the same place of the graph."""
    estimate = task.options.estimate
    assert estimate is not None
    return task.model_copy(
        update={
            "implementation": ShellScript(text=f"sleep {estimate.likely * SCALE:.3f}"),
            "inputs": (),
            "outputs": (),
            "requirements": (),
        }
    )


def sleeping(loaded: Loaded) -> Loaded:
    """The pipeline with all its tasks asleep; it returns nothing."""
    assert loaded.program is not None
    ((name, pipeline),) = loaded.program.pipelines.items()
    tasks = tuple(map(asleep, pipeline.tasks))
    changed = pipeline.model_copy(update={"tasks": tasks, "returns": None, "return_type": None})
    return replace(loaded, program=loaded.program.model_copy(update={"pipelines": {name: changed}}))


@pytest.mark.engine
@pytest.mark.parametrize(
    ("slots", "stated_seconds"),
    [
        # parse 30, validate 20, features 20, the three trainings at once 50, ensemble 30, report 10
        (3, 30 + 20 + 20 + 50 + 30 + 10),
        # the third training starts when the first two have ended
        (2, 30 + 20 + 20 + 50 + 50 + 30 + 10),
    ],
)
def test_wafer_test_v2_takes_as_long_as_its_plan(slots: int, stated_seconds: float, tmp_path: Path) -> None:
    loaded = sleeping(pipec.load(EXAMPLES / "wafer_test_v2" / "pipeline.pipe"))
    result = pipec.run(loaded, max_parallel=slots, store_folder=tmp_path)
    assert set(states(result).values()) == {"success"}
    expected = stated_seconds * SCALE
    assert expected <= result.duration_s <= 1.05 * expected
