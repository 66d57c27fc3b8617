"""The task code of the examples with waits, approvals and branches, called directly: what it finds, and in what way."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path

import pytest

from tests.examples.test_examples_task_code import EXAMPLES, steps


def test_nightly_training_finds_what_moves_the_yield(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nightly = steps("yield_model_retrain_daily", "nightly_steps", monkeypatch)
    history = nightly.extract(lots=800, seed=1, workdir=str(tmp_path))["history"]
    split = nightly.features(nightly.validate(history)["clean"])
    constant, *weights = json.loads(Path(nightly.train(split["training"])).read_text("utf-8"))
    assert constant == pytest.approx(0.9, abs=0.005)
    assert weights == pytest.approx(nightly.WEIGHTS, abs=0.005)


def test_fabs_measure_the_same_in_their_own_units(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fabs = steps("multi_fab", "fab_steps", monkeypatch)
    rows = {
        "dresden": "wafer,temperature_c,pressure_torr\nW,350,2.4\n",
        "villach": "wafer_id,temp_k,pressure_pa\nW,623.15,319.973\n",
        "kulim": "WAFER,TEMP_C,PRESSURE_PA\nW,350,319.973\n",
    }
    read = {}
    for fab, text in rows.items():
        (tmp_path / fab).mkdir()
        (tmp_path / fab / "hour.csv").write_text(text, "utf-8")
        read[fab] = fabs.read(fab, str(tmp_path), str(tmp_path / "out"))
    written = {fab: Path(one["table"]).read_text("utf-8").splitlines()[1] for fab, one in read.items()}
    assert written == {fab: f"{fab},W,350.0,2.4" for fab in rows}


def test_fabs_are_normalised_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fabs = steps("multi_fab", "fab_steps", monkeypatch)
    table = tmp_path / "merged.csv"
    table.write_text(
        "fab,wafer,temperature_c,pressure_torr\na,1,10,2\na,2,20,4\nb,3,100,7\nb,4,300,7\n", encoding="utf-8"
    )
    normalised = Path(fabs.normalise(str(table))).read_text("utf-8").splitlines()[1:]
    assert normalised == ["a,1,-1.0,-1.0", "a,2,1.0,1.0", "b,3,-1.0,0.0", "b,4,1.0,0.0"]


def test_the_candidate_lies_between_good_and_bad(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rollout = steps("model_validation", "rollout_steps", monkeypatch)
    found = rollout.candidate(seed=3, workdir=str(tmp_path))
    assert json.loads(Path(found["model"]).read_text("utf-8"))["threshold"] == pytest.approx(1.0, abs=0.2)
    assert rollout.offline_metrics(**found)["accuracy"] == pytest.approx(0.84, abs=0.02)


@pytest.mark.parametrize(
    ("fault", "missing", "out_of_range", "duplicates"),
    [("missing", 0.05, 0.0, 0.0), ("range", 0.0, 0.025, 0.0), ("twice", 0.0, 0.0, 0.0476)],
)
def test_quality_sees_every_fault(
    fault: str,
    missing: float,
    out_of_range: float,
    duplicates: float,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    quality = steps("stdf_quality", "quality_steps", monkeypatch)
    monkeypatch.setattr(quality, "SPOIL", (fault,))
    [path] = quality.ingest(batches=1, spoilt=1.0, seed=7, workdir=str(tmp_path))
    found = quality.statistics(path)
    assert found == {"missing": missing, "out_of_range": out_of_range, "duplicates": duplicates}
    assert quality.judge([path], [], *([value] for value in found.values())) == {"good": [], "bad": [path]}


def test_quarantine_is_the_same_a_second_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    quality = steps("stdf_quality", "quality_steps", monkeypatch)
    paths = quality.ingest(batches=2, spoilt=0.0, seed=7, workdir=str(tmp_path))
    for _ in range(2):
        assert quality.quarantine(paths, str(tmp_path)) == {"moved": ["batch-00.csv", "batch-01.csv"]}
    assert sorted(path.name for path in (tmp_path / "quarantine").iterdir()) == ["batch-00.csv", "batch-01.csv"]


def test_the_container_learns_what_frauds_have_in_common(monkeypatch: pytest.MonkeyPatch) -> None:
    container = steps("fraud_detection_training", "fraud_training", monkeypatch)
    rows = [[float(x), 1.0, float(x > 5)] for x in range(11)]
    constant, weight, other = container.train(rows, rounds=400)
    scores = [constant + weight * x + other for x, _, _ in rows]
    assert scores == sorted(scores)
    assert scores[4] < 0 < scores[7]


@pytest.mark.parametrize(("priority", "rounds", "left_over"), [("high", 8, 0.8**8), ("low", 60, 0.8**60)])
def test_an_urgent_request_stops_early(
    priority: str, rounds: int, left_over: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = steps("event_training", "event_steps", monkeypatch)
    table = tmp_path / "table.csv"
    table.write_text("recipe,yield\nfast,0.5\n", "utf-8")
    trained = event.train(str(table), priority, str(tmp_path))
    assert trained["rounds"] == rounds
    assert trained["error"] == round(0.5 * left_over, 4)


def test_a_request_for_another_table_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    event = steps("event_training", "event_steps", monkeypatch)
    (tmp_path / "table.csv").write_text("lot,yield\n", "utf-8")
    with pytest.raises(ValueError, match=r"has the columns \['lot', 'yield'\], not recipe and yield"):
        event.accept(str(tmp_path / "table.csv"), "high")


def test_a_longer_training_errs_less(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    adaptive = steps("adaptive_training", "adaptive_steps", monkeypatch)
    data = adaptive.assess(error_ratio=1.0, urgent_above=2.0, seed=12, workdir=str(tmp_path))["data"]
    errors = [adaptive.fit(data, epochs, str(tmp_path))["error"] for epochs in (0, 40, 200, 1_000)]
    assert errors == sorted(errors, reverse=True)
    assert errors[-1] == pytest.approx(0.3, abs=0.05)  # the noise, which nobody can forecast


def test_a_spot_training_goes_on_where_its_machine_was_taken_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    spot = steps("spot_training", "spot_steps", monkeypatch)
    data = spot.measure(data_gb=10.0, seed=15, workdir=str(tmp_path / "a"))["data"]
    spot.fit(data, rows=250, workdir=str(tmp_path / "b"))  # the last checkpoint was written at row 200
    resumed = spot.fit(data, rows=500, workdir=str(tmp_path / "b"))
    assert capsys.readouterr().out == "goes on from row 200\n"
    assert resumed["error"] == spot.fit(data, rows=500, workdir=str(tmp_path / "c"))["error"]


def test_a_model_that_is_published_again_keeps_its_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    template = steps("templates", "template_steps", monkeypatch)
    models = []
    for name in ("first", "second"):
        data = template.load("fraud", 90, str(tmp_path / name))
        models.append(template.fit(data["training"], rounds=5)["model"])
    versions = [template.publish("fraud", model, str(tmp_path))["version"] for model in (models[0], *models)]
    assert versions == ["v1", "v1", "v2"]


def test_a_transfer_helps_the_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    transfer = steps("cross_product_validation", "transfer_steps", monkeypatch)
    prepared = transfer.prepare(["low", "high"], spread=3.0, seed=1, workdir=str(tmp_path))
    for line in ("low", "high"):
        before = transfer.validate(line, **prepared)["mae"]
        assert transfer.transfer(line, **prepared)["mae"] < min(before, 0.1)


@pytest.mark.parametrize(("labels", "enough"), [(0, False), (9, False), (10, True), (100, True)])
def test_a_tenth_of_the_labels_is_enough(
    labels: int, enough: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shadow = steps("shadow_rollout", "shadow_steps", monkeypatch)
    queue = tmp_path / "labels.json"
    queue.write_text(json.dumps([{"event": number, "label": 1.0} for number in range(labels)]), "utf-8")
    assert shadow.enough_labels(str(queue), rows=100) is enough


def test_people_are_asked_what_the_model_is_least_sure_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shadow = steps("shadow_rollout", "shadow_steps", monkeypatch)
    batch = tmp_path / "batch.json"
    batch.write_text(json.dumps([[5.0, 0, 0, 1.0], [0.1, 0, 0, 1.0], [-2.0, 0, 0, -1.0]]), "utf-8")
    queued = shadow.queue_labels(str(batch), labelled=2 / 3, mistakes=0, seed=1, workdir=str(tmp_path))
    answers = json.loads(Path(queued["queue"]).read_text("utf-8"))
    assert answers == [{"event": 1, "label": 1.0}, {"event": 2, "label": -1.0}]


@pytest.mark.parametrize("network", ["resnet", "densenet", "efficientnet"])
def test_every_network_sees_a_spot_wherever_it_is(network: str, monkeypatch: pytest.MonkeyPatch) -> None:
    imaging = steps("medical_imaging", "imaging_steps", monkeypatch)
    empty = [0.0] * imaging.PIXELS
    for place in range(imaging.PIXELS - imaging.SPOT + 1):
        spot = [3.0 if place <= pixel < place + imaging.SPOT else 0.0 for pixel in range(imaging.PIXELS)]
        assert imaging.LOOKS[network](spot) > imaging.LOOKS[network](empty) + 1


def test_new_weights_make_group_and_outcome_independent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    credit = steps("credit_scoring", "credit_steps", monkeypatch)
    history = credit.ingestion(applications=900, bias=0.5, seed=1, workdir=str(tmp_path))["history"]
    training = credit.features(history)["training"]
    shares = []
    for reweight in (False, True):
        rows = json.loads(Path(credit.reweighting(training, reweight)["weighted"]).read_text("utf-8"))
        repaid, weight = defaultdict[str, float](float), defaultdict[str, float](float)
        for row in rows:
            weight[row["group"]] += row["weight"]
            repaid[row["group"]] += row["weight"] * row["repaid"]
        shares.append({group: repaid[group] / weight[group] for group in ("a", "b")})
    assert shares[0]["a"] - shares[0]["b"] > 0.2
    assert shares[1]["a"] == pytest.approx(shares[1]["b"])


def test_module_names_are_used_once() -> None:
    """Tasks of two examples may be imported by one process: modules of the same name would be one."""
    names = [path.stem for path in EXAMPLES.glob("*/*.py")]
    assert sorted(names) == sorted(set(names))
