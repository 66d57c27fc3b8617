"""The examples that need what this machine lacks: containers, for which what they run stands in, and a Kafka server."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition

import pipec
from tests.examples.standing_in import without_containers
from tests.examples.test_examples_plan import CONTAINERS, EXAMPLES

UPSTREAM = "upstream_failed"


# --- containers ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CONTAINERS)
def test_containers_are_refused_here(name: str, tmp_path: Path) -> None:
    with pytest.raises(pipec.CompileError, match=r"^`local` cannot express "):
        pipec.run(pipec.load(EXAMPLES / name / "pipeline.pipe"), store_folder=tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.engine
@pytest.mark.parametrize(
    ("parameters", "others", "returns"),
    [
        ({}, {"alert": "skipped"}, {"auc": 0.9823, "staged": "fraud-20260131"}),
        ({"disguise": 1.5}, {"deploy_to_staging": "skipped"}, {"auc": 0.7723, "staged": None}),
        (
            {"payments": 0},
            {
                "validate_availability": "failed",
                **dict.fromkeys(["fetch_features", "data_quality", "train", "evaluate"], UPSTREAM),
                **dict.fromkeys(["good_enough", "deploy_to_staging", "alert"], UPSTREAM),
            },
            None,
        ),
        (
            {"payments": 300},
            {
                "data_quality": "failed",
                **dict.fromkeys(["train", "evaluate", "good_enough", "deploy_to_staging", "alert"], UPSTREAM),
            },
            None,
        ),
    ],
    ids=["good", "too well disguised", "no data", "too few frauds"],
)
def test_fraud_detection_training(
    parameters: dict[str, Any], others: dict[str, str], returns: dict[str, Any] | None, tmp_path: Path
) -> None:
    loaded = without_containers("fraud_detection_training")
    given = {"day": "2026-01-31", "workdir": str(tmp_path / "data"), **parameters}
    result = pipec.run(loaded, parameters=given, store_folder=tmp_path / "store")
    expected = {task.id: "success" for task in loaded.pipeline().tasks} | others
    assert {task: found.state for task, found in result.tasks.items()} == expected
    assert result.state == ("failed" if returns is None else "success")
    assert result.returns == returns
    assert not (tmp_path / "data" / "personal").exists()


@pytest.mark.engine
@pytest.mark.parametrize(("accuracy", "state"), [(0.93, "success"), (0.9, "failed")])
def test_distributed_training_starts_a_process_a_gpu(
    accuracy: float, state: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In place of mpirun stands a program that writes down how it was called."""
    program = tmp_path / "bin" / "mpirun"
    program.parent.mkdir()
    program.write_text(
        f"#!{sys.executable}\n"
        "import json, os, pathlib, sys\n"
        "pathlib.Path(os.environ['WEIGHTS']).write_text(json.dumps(sys.argv[1:]))\n"
        "outputs = pathlib.Path(os.environ['PIPEC_OUTPUTS'])\n"
        "(outputs / 'model').write_text(os.environ['WEIGHTS'])\n"
        f"(outputs / 'accuracy').write_text('{accuracy}')\n",
        encoding="utf-8",
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent), prepend=":")
    weights = tmp_path / "weights.json"
    given = {"data": str(tmp_path), "weights": str(weights), "epochs": 3}
    result = pipec.run(without_containers("distributed_training"), parameters=given, store_folder=tmp_path / "store")
    assert result.tasks["train"].state == result.state == state
    assert result.tasks["train"].attempts == 1
    assert result.returns == ({"model": str(weights), "accuracy": accuracy} if state == "success" else None)
    called = json.loads(weights.read_text("utf-8"))
    assert called[:2] == ["-np", "8"]
    assert called[called.index("python") :] == ["python", "train.py", "--epochs", "3", "--batch", "256"]


# --- messages ------------------------------------------------------------------------------------


class Broker:
    """The mock broker that the client has built in, with one request on the topic."""

    def __init__(self, request: bytes, group: str) -> None:
        self._producer = Producer({"test.mock.num.brokers": 1, "log_level": 0})
        [broker] = self._producer.list_topics(timeout=10).brokers.values()
        self.servers = f"{broker.host}:{broker.port}"
        self._producer.produce("training-requests", request, partition=0)
        assert self._producer.flush(10) == 0
        consumer = Consumer({"bootstrap.servers": self.servers, "group.id": group, "log_level": 0})
        consumer.commit(offsets=[TopicPartition("training-requests", 0, 0)], asynchronous=False)


TABLE = "recipe,yield\nfast,0.8\nfast,0.9\nslow,0.95\n"


REFUSED = {"accept": "failed", "train": UPSTREAM, "publish": UPSTREAM}


@pytest.mark.engine
@pytest.mark.parametrize(
    ("content", "others", "rounds", "error"),
    [
        ({"priority": "high"}, {}, 8, None),
        ({"priority": "low"}, {}, 60, None),
        ({"priority": "at once"}, REFUSED, None, "output priority"),
        ({}, REFUSED, None, "input priority"),
    ],
    ids=["high", "low", "unknown priority", "no priority"],
)
def test_event_training_does_what_the_message_says(
    content: dict[str, str],
    others: dict[str, str],
    rounds: int | None,
    error: str | None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    table = tmp_path / "table.csv"
    table.write_text(TABLE, encoding="utf-8")
    request = json.dumps({"data_path": str(table), **content})
    broker = Broker(request.encode(), "pipec.event_training.request")
    monkeypatch.setenv("PIPEC_KAFKA_SERVERS", broker.servers)
    loaded = pipec.load(EXAMPLES / "event_training" / "pipeline.pipe")
    given = {"workdir": str(tmp_path / "data")}
    result = pipec.run(loaded, parameters=given, store_folder=tmp_path / "store")
    expected = {task.id: "success" for task in loaded.pipeline().tasks} | others
    assert {task: found.state for task, found in result.tasks.items()} == expected
    accepted = result.tasks["accept"]
    assert accepted.attempts == 1  # neither fault is tried again
    assert error is None or accepted.error.startswith(error)
    assert (result.tasks["train"].outputs or {}).get("rounds") == rounds
