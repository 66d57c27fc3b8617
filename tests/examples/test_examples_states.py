"""The examples with waits, approvals, maps and branches, run as a user runs them: what becomes of every task."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import pipec
from tests.examples.test_examples_plan import EXAMPLES

DAY = datetime(2026, 1, 31, 2, tzinfo=UTC)


@dataclass(frozen=True)
class Run:
    """A run of an example: all tasks succeed but those that `others` gives another state.

    `returns` is what the run gives back, None where it failed; `constants` are values as after `-D`. Every approval is
    given unless `answered` is false.
    """

    example: str
    parameters: dict[str, Any] = field(default_factory=dict)
    others: dict[str, str] = field(default_factory=dict)
    returns: dict[str, Any] | None = None
    constants: dict[str, str] = field(default_factory=dict)
    answered: bool = True

    def __str__(self) -> str:
        given = {**self.parameters, **self.constants}
        return "-".join([self.example, *(f"{name}={value}" for name, value in given.items())])


UPSTREAM = "upstream_failed"

RUNS = [
    Run("yield_model_retrain_daily", returns={"score": 0.9293, "version": "yield-20260131"}),
    Run(
        "yield_model_retrain_daily",
        {"baseline": 0.95},
        {"deploy": "skipped"},
        {"score": 0.9293, "version": None},
    ),
    Run(
        "yield_model_retrain_daily",
        {"lots": 150},
        {
            "validate": "failed",
            **dict.fromkeys(["features", "train", "validate_model", "better", "deploy"], UPSTREAM),
        },
    ),
    Run("multi_fab", returns={"rows": 36, "features": "feature_store.json"}),
    Run(
        "model_validation",
        {},
        {"roll_back": "skipped"},
        {"accuracy": 0.839, "drop": -0.0035, "serving": "candidate"},
    ),
    Run(
        "model_validation",
        {"shift": 0.5},
        {"keep": "skipped"},
        {"accuracy": 0.839, "drop": 0.0992, "serving": "champion"},
    ),
    Run(
        "model_validation",
        {},
        {
            "release": "failed",
            **dict.fromkeys(["rollout[5]", "rollout[50]", "rollout[100]"], UPSTREAM),
            **dict.fromkeys(["monitor", "degraded", "roll_back", "keep"], UPSTREAM),
        },
        constants={"patience": "1s"},
        answered=False,
    ),
    Run("stdf_quality", returns={"checked": 6, "quarantined": [f"batch-0{n}.csv" for n in (0, 1, 2, 4)]}),
    Run(
        "stdf_quality",
        {"spoilt": 0.0},
        {"quarantine": "skipped", "notify": "skipped"},
        {"checked": 6, "quarantined": []},
    ),
    Run(
        "stdf_quality",
        {"spoilt": 1.0, "batches": 1},
        {"statistics": "skipped"},
        {"checked": 1, "quarantined": ["batch-00.csv"]},
    ),
    Run("ml_training_pipeline", returns={"accuracy": 0.9333, "deployed": "model_2026-01-31.json"}),
    Run(
        "ml_training_pipeline",
        {"rows": 1000},
        {"validate": "failed", **dict.fromkeys(["preprocess", "train", "validate_model", "deploy"], UPSTREAM)},
    ),
    Run("ml_training_pipeline", {"noise": 6.0}, {"validate_model": "failed", "deploy": UPSTREAM}),
    Run(
        "adaptive_training",
        {},
        {"train_urgent": "skipped"},
        {"version": "model-200-nightly", "error": 0.5495},
    ),
    Run(
        "adaptive_training",
        {"error_ratio": 3.0},
        {"train_normal": "skipped"},
        {"version": "model-40-urgent", "error": 0.781},
    ),
    Run(
        "spot_training",
        {"data_gb": 9.9},
        dict.fromkeys(["medium", "train_medium", "train_large"], "skipped"),
        {"machine": "small", "error": 0.0509},
    ),
    Run(
        "spot_training",
        {"data_gb": 10.0},
        dict.fromkeys(["train_small", "train_large"], "skipped"),
        {"machine": "medium", "error": 0.0535},
    ),
    Run(
        "spot_training",
        {"data_gb": 100.0},
        dict.fromkeys(["train_small", "train_medium"], "skipped"),
        {"machine": "large", "error": 0.0114},
    ),
    Run(
        "cross_product_validation",
        returns={"worst": 0.0912, "adapted": ["memory", "analog", "sensor", "display"], "deployed": 8},
    ),
    Run(
        "cross_product_validation",
        {"spread": 0.2},
        {"transfer": "skipped"},
        {"worst": 0.0589, "adapted": [], "deployed": 8},
    ),
    Run("shadow_rollout", returns={"agreement": 0.8967, "version": "updated"}),
    Run(
        "shadow_rollout",
        {"mistakes": 60},
        {"shadow_passed": "failed", "deploy": UPSTREAM, "monitor": UPSTREAM},
    ),
    Run("medical_imaging", returns={"sensitivity": 0.96, "specificity": 1.0, "documents": "documents.md"}),
    Run(
        "medical_imaging",
        {"blur": 1.6},
        {
            "clinical": "failed",
            **dict.fromkeys(["explainability_report", "regulatory_documents", "deploy"], UPSTREAM),
        },
    ),
    Run(
        "credit_scoring",
        returns={"model": "scorecard", "accuracy": 0.841, "gap": 0.0274, "version": "scorecard-2026-01"},
    ),
    Run(
        "credit_scoring",
        {},
        {"officer": "skipped", "deploy": "skipped", "monitor": "skipped"},
        {"model": "scorecard", "accuracy": 0.841, "gap": 0.0274, "version": None},
        constants={"patience": "1s"},
        answered=False,
    ),
    Run(
        "credit_scoring",
        {"reweight": False},
        {
            **dict.fromkeys(['fair["scorecard"]', 'fair["logistic"]'], "failed"),
            **dict.fromkeys(["compliance", "officer", "deploy", "monitor"], UPSTREAM),
        },
    ),
]


def names_only(value: Any) -> Any:
    """Paths by their last part: they lie in another folder every time."""
    if isinstance(value, dict):
        return {key: names_only(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [names_only(inner) for inner in value]
    return Path(value).name if isinstance(value, str) and value.startswith("/") else value


@pytest.mark.engine
@pytest.mark.parametrize("run", RUNS, ids=str)
def test_states(run: Run, tmp_path: Path) -> None:
    loaded = pipec.load(EXAMPLES / run.example / "pipeline.pipe", run.constants)
    pipeline = loaded.pipeline()
    result = pipec.run(
        loaded,
        parameters={"workdir": str(tmp_path / "data"), **run.parameters},
        date=DAY,
        approve=["release", "officer"] if run.answered else [],
        store_folder=tmp_path / "store",
    )
    expected = {task.id: "success" for task in pipeline.tasks} | run.others
    assert {task: found.state for task, found in result.tasks.items()} == expected
    assert result.state == ("failed" if run.returns is None else "success")
    assert names_only(result.returns) == run.returns


def test_every_run_is_of_an_example_with_all_its_tasks() -> None:
    """A misspelt task in the table would be no task of the run."""
    for run in RUNS:
        tasks = {task.id for task in pipec.load(EXAMPLES / run.example / "pipeline.pipe").pipeline().tasks}
        assert run.others.keys() <= tasks


@pytest.mark.engine
def test_multi_fab_waits_for_every_fab(tmp_path: Path) -> None:
    """One fab is late: the others are read, nothing is merged."""
    inbox = tmp_path / "inbox"
    for fab, head in (("dresden", "wafer,temperature_c,pressure_torr"), ("villach", "wafer_id,temp_k,pressure_pa")):
        (inbox / fab).mkdir(parents=True)
        (inbox / fab / "0300.csv").write_text(f"{head}\nX1,350,2.4\n", "utf-8")
    loaded = pipec.load(EXAMPLES / "multi_fab" / "pipeline.pipe", {"patience": "1s", "look": "200ms"})
    result = pipec.run(
        loaded,
        parameters={"inbox": str(inbox), "workdir": str(tmp_path / "data")},
        store_folder=tmp_path / "store",
    )
    assert {task: found.state for task, found in result.tasks.items()} == {
        'arrived["dresden"]': "success",
        'arrived["villach"]': "success",
        'arrived["kulim"]': "failed",
        'read["dresden"]': "success",
        'read["villach"]': "success",
        'read["kulim"]': UPSTREAM,
        "merge": UPSTREAM,
        "normalise": UPSTREAM,
        "update_feature_store": UPSTREAM,
    }


@pytest.mark.engine
def test_a_wait_that_begins_early_sees_what_comes_later(tmp_path: Path) -> None:
    """The fabs that are there are read while the run waits for the last one, which then comes."""
    inbox = tmp_path / "inbox"
    for fab in ("dresden", "villach", "kulim"):
        (inbox / fab).mkdir(parents=True)
        if fab != "kulim":
            source = EXAMPLES / "multi_fab" / "inbox" / fab / "0200.csv"
            (inbox / fab / "0200.csv").write_text(source.read_text("utf-8"), "utf-8")

    def deliver() -> None:
        while not (tmp_path / "data" / "villach.csv").exists():
            if stopped.wait(0.05):
                return
        new = inbox / "kulim" / "new"
        new.write_text("WAFER,TEMP_C,PRESSURE_PA\nK1,350,320\n", "utf-8")
        new.rename(inbox / "kulim" / "0200.csv")

    stopped = threading.Event()
    late = threading.Thread(target=deliver)
    late.start()
    try:
        result = pipec.run(
            pipec.load(EXAMPLES / "multi_fab" / "pipeline.pipe", {"patience": "5m", "look": "200ms"}),
            parameters={"inbox": str(inbox), "workdir": str(tmp_path / "data")},
            store_folder=tmp_path / "store",
        )
    finally:
        stopped.set()
        late.join()
    assert result.state == "success"
    assert result.returns["rows"] == 25


# --- templates: three pipelines in one file ------------------------------------------------------


def run_template(pipeline: str, folder: Path, **parameters: Any) -> Any:
    return pipec.run(
        pipec.load(EXAMPLES / "templates" / "pipeline.pipe"),
        pipeline=pipeline,
        parameters={"registry": str(folder / "registry"), "workdir": str(folder / pipeline), **parameters},
        store_folder=folder / "store",
    )


@pytest.mark.engine
def test_templates_train_and_evaluate_by_name(tmp_path: Path) -> None:
    trained = run_template("recommendation_training", tmp_path)
    fraud = run_template("fraud_training", tmp_path)
    evaluated = run_template("recommendation_evaluation", tmp_path)
    assert [run.state for run in (trained, fraud, evaluated)] == ["success"] * 3
    assert trained.returns == {"version": "v1", "loss": 0.2053}
    assert fraud.returns == {"version": "v1", "loss": 0.262}
    assert evaluated.returns == {"accuracy": 0.9478}
    assert list(evaluated.tasks) == ["load", "evaluate", "evaluate/score", "evaluate/judge", "still_good"]
    published = {path.name: json.loads(path.read_text("utf-8")) for path in (tmp_path / "registry").iterdir()}
    assert {name: model["number"] for name, model in published.items()} == {"recommendation.json": 1, "fraud.json": 1}


@pytest.mark.engine
@pytest.mark.parametrize(
    ("train_first", "states", "error"),
    [
        (
            True,
            {"evaluate": "success", "evaluate/score": "success", "evaluate/judge": "success", "still_good": "failed"},
            "the recommendations are right in only 0.9478 of all cases",
        ),
        (
            False,
            {"evaluate": "failed", "evaluate/score": "failed", "evaluate/judge": UPSTREAM, "still_good": UPSTREAM},
            None,
        ),
    ],
)
def test_templates_find_what_is_not_good(
    train_first: bool, states: dict[str, str], error: str | None, tmp_path: Path
) -> None:
    if train_first:
        run_template("recommendation_training", tmp_path)
    result = run_template("recommendation_evaluation", tmp_path, min_accuracy=0.99)
    assert result.state == "failed"
    assert {task: found.state for task, found in result.tasks.items()} == {"load": "success", **states}
    assert result.tasks["still_good"].error == error
