"""The task code of the examples, called directly: what each task gives to the next."""

from __future__ import annotations

import importlib
import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from types import ModuleType

import pytest

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


def steps(example: str, module: str, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The module of an example's tasks, imported as a task would import it."""
    monkeypatch.syspath_prepend(str(EXAMPLES / example))
    return importlib.import_module(module)


def test_etl_scripts_fill_the_warehouse_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ETL_FOLDER", str(tmp_path))
    for script in ("fetch_data.py", "preprocess.py", "load.py", "load.py"):
        subprocess.run([sys.executable, script], cwd=EXAMPLES / "etl", check=True, capture_output=True)
    with closing(sqlite3.connect(tmp_path / "warehouse.sqlite")) as connection:
        sensors = connection.execute("SELECT sensor, count(*) FROM temperature GROUP BY sensor").fetchall()
    assert sensors == [("etcher", 24), ("implanter", 24), ("oven", 24), ("polisher", 24)]


def test_wafer_test_bins_every_usable_device(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wafer = steps("wafer_test", "wafer_steps", monkeypatch)
    parsed = wafer.parse_stdf(devices=400, seed=7, workdir=str(tmp_path))
    valid = wafer.validate_data(parsed["measurements"])
    features = wafer.engineer_features(valid["clean"])
    outliers = wafer.detect_outliers(features)
    predicted = wafer.predict_yield(features)
    binned = wafer.device_binning(outliers["outliers"], predicted["predictions"], predicted["expected_yield"])
    report = wafer.generate_report(**binned, workdir=str(tmp_path))

    assert parsed["rows"] == 400
    assert (valid["kept"], valid["dropped"]) == (379, 21)
    assert outliers["count"] == 19
    assert binned == {"bins": {"bin_1": 360, "bin_2": 1, "bin_3": 18}, "measured_yield": 0.9499, "surprise": -0.0027}
    assert predicted["expected_yield"] == 0.9526
    assert "yield: 95.0%, -0.3 points from the prediction" in Path(report).read_text(encoding="utf-8")


def test_wafer_test_reads_a_device_without_measurements(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wafer = steps("wafer_test", "wafer_steps", monkeypatch)
    table = tmp_path / "measurements.csv"
    table.write_text(
        "device,column,row,idd_ma,vth_v,fmax_mhz\n"
        "0,0,0,12.0,0.45,1200\n"  # usable
        "1,1,0,,0.45,1200\n"  # missing
        "2,2,0,-1,0.45,1200\n"  # impossible
        "3,3,0,inf,0.45,1200\n",
        encoding="utf-8",
    )
    valid = wafer.validate_data(str(table))
    assert (valid["kept"], valid["dropped"]) == (1, 3)


def test_wafer_test_v2_ensemble(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ensemble = steps("wafer_test_v2", "ensemble_steps", monkeypatch)
    valid = ensemble.validate(ensemble.parse(wafers=400, seed=10, workdir=str(tmp_path)))
    features = ensemble.features(valid["clean"])
    trained = {name: ensemble.train(features, name) for name in ("rf", "xgb", "lgbm")}
    together = ensemble.ensemble(features, [model["model"] for model in trained.values()])
    scores = {name: model["score"] for name, model in trained.items()}
    report = ensemble.report(scores, together["score"], str(tmp_path))

    assert valid["rows"] == 386
    assert scores == {"rf": 0.8039, "xgb": 0.898, "lgbm": 0.8908}
    assert together == {"score": 0.8978}
    assert Path(report).read_text(encoding="utf-8").splitlines()[2].startswith("- xgb: 89.8%")


@pytest.mark.parametrize(("shift", "psi", "drifted"), [(0.0, 0.0044, False), (0.2, 0.0453, False), (0.6, 0.3484, True)])
def test_conditional_retraining_detects_drift(
    shift: float, psi: float, drifted: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drift = steps("conditional_retraining", "drift_steps", monkeypatch)
    found = drift.detect_drift(shift=shift, max_psi=0.25, workdir=str(tmp_path))
    assert (found["psi"], found["drift_detected"]) == (psi, drifted)


def test_conditional_retraining_deploys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drift = steps("conditional_retraining", "drift_steps", monkeypatch)
    live = drift.detect_drift(shift=0.6, max_psi=0.25, workdir=str(tmp_path))["live"]
    retrained = drift.retrain(live)
    fitted = json.loads(Path(retrained["model"]).read_text(encoding="utf-8"))
    assert fitted["mean"] == pytest.approx(0.6, abs=0.05)
    assert drift.deploy(retrained["version"], True, str(tmp_path)) == {"version": "v2.1"}
    production = json.loads((tmp_path / "production.json").read_text(encoding="utf-8"))
    assert production == {"version": "v2.1", "drift_detected": True}


@pytest.mark.engine  # scikit-learn alone takes seconds to import
def test_complete_ml_pipeline_trains_a_real_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    training = steps("complete_ml_pipeline", "training_steps", monkeypatch)
    workdir = training.start(str(tmp_path / "run"))
    collected = training.collect(workdir)
    split = training.preprocess(collected["data"], test_size=0.25, seed=42)
    model = training.train(split["training"], seed=42)
    scores = training.evaluate(model, split["holdout"])

    assert (collected["rows"], collected["nulls"], collected["minority_share"]) == (569, 0, 0.3726)
    assert 0.95 < scores["accuracy"] < 0.999  # either side of the quality branch can be taken
    assert json.loads(Path(scores["report"]).read_text(encoding="utf-8"))["accuracy"] == scores["accuracy"]
    versions = [training.register(path, 0.9, workdir)["version"] for path in (model, model, "another.joblib")]
    assert versions == ["v1", "v1", "v2"]


def test_complete_ml_pipeline_alerts(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    training = steps("complete_ml_pipeline", "training_steps", monkeypatch)
    training.alert(accuracy=0.986, min_accuracy=0.999)
    assert capsys.readouterr().out == "not registered: accuracy 0.986 is below 0.999\n"


def test_matrix_selection_learns_what_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    learners = steps("matrix_selection", "learners", monkeypatch)
    rows = [(x / 10, (x * 7 % 11) / 10) for x in range(80)]
    line = [3 * a - 2 * b + 1 for a, b in rows]
    steps_up = [1.0 if a > 4 else 0.0 for a, _ in rows]
    assert learners.predict(learners.fit("linear", rows, line), (1.0, 1.0)) == pytest.approx(2.0)
    assert [learners.predict(learners.fit("tree", rows, steps_up), (a, 0.5)) for a in (3.9, 4.3)] == [0.0, 1.0]
    assert learners.predict(learners.fit("knn", rows, steps_up), (7.5, 0.5)) == 1.0


def test_matrix_selection_counts_holes_and_doubles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    matrix = steps("matrix_selection", "matrix_steps", monkeypatch)
    built = [matrix.build(name, lots=240, lost=0.04, seed=9, workdir=str(tmp_path)) for name in matrix.COLUMNS]
    assert all(0.02 < one["nulls"] < 0.08 and 0 < one["duplicates"] < 0.05 for one in built)
    model = matrix.train([one["table"] for one in built], "tree", str(tmp_path))
    split = matrix.ab_setup(model, lots=240, workdir=str(tmp_path))
    served = matrix.canary(split["split"], model, [one["table"] for one in built])
    assert 10 < split["treated"] < 40
    assert served["error_ratio"] < 1


@pytest.mark.parametrize(
    ("scores", "labels", "auc"),
    [([1, 2, 3, 4], [0, 0, 1, 1], 1.0), ([4, 3, 2, 1], [0, 0, 1, 1], 0.0), ([1, 1, 2], [0, 1, 1], 0.75)],
)
def test_hyperparameter_tuning_counts_pairs(
    scores: list[float], labels: list[float], auc: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert steps("hyperparameter_tuning", "tuning_steps", monkeypatch).auc(scores, labels) == auc


def test_hyperparameter_tuning_learns_with_depth(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What makes a device fail is two measurements together, which trees of one level cannot see."""
    tuning = steps("hyperparameter_tuning", "tuning_steps", monkeypatch)
    data = tuning.prepare(devices=300, seed=14, workdir=str(tmp_path))
    shallow = tuning.train(**data, learning_rate=0.3, depth=1, estimators=10)
    deep = tuning.train(**data, learning_rate=0.3, depth=3, estimators=10)
    chosen = tuning.best([shallow["auc"], deep["auc"]], [shallow["configuration"], deep["configuration"]])
    assert shallow["auc"] < deep["auc"]
    assert chosen == {"auc": deep["auc"], "learning_rate": 0.3, "depth": 3, "estimators": 10}


def test_ate_correlation_ranks_the_worst_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ate = steps("ate_correlation", "ate_steps", monkeypatch)
    table = ate.join(["A", "B", "C", "D"], [0.99, 0.95, 0.5, 0.4], [0.0] * 4, str(tmp_path))
    assert table["rows"] == 4
    assert ate.rank(table["table"]) == {"high": ["D", "C"], "medium": ["B"], "low": ["A"]}
