"""Waits for messages in real Airflow, of a real client, at the mock broker that it has built in."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.backends.airflow.compiling import compile_text
from tests.support.airflow import AirflowHome
from tests.support.kafka import Broker

pytestmark = pytest.mark.engine

ORDERS = """pipeline ordering(servers: str = "") {
  wait order_placed = message("orders"%s) { poll = 500ms  timeout = %s  on_timeout = skip }
  task load(number = order_placed["number"]) -> json = python("steps:load")
}"""

STEPS = "def load(number):\n    return {'loaded': number}\n"


@pytest.fixture
def broker() -> Iterator[Broker]:
    """A broker with one message, which the group of the pipeline has not taken."""
    broker = Broker()
    broker.send(b'{"number": 7}')
    broker.begin("pipec.ordering.order_placed")
    yield broker
    broker.producer.flush(0)


@pytest.fixture(autouse=True)
def connection(broker: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    extra = {"bootstrap.servers": broker.servers, "session.timeout.ms": 10_000}
    monkeypatch.setenv("AIRFLOW_CONN_KAFKA_DEFAULT", json.dumps({"conn_type": "kafka", "extra": extra}))


def ordering(others: str = "", timeout: str = "30s") -> str:
    """The DAG file of a pipeline that waits for a message."""
    return compile_text(ORDERS % (others, timeout))


def test_each_run_takes_a_message_for_itself(airflow: AirflowHome, broker: Broker) -> None:
    broker.send(b'{"number": 8}')
    first, second = (airflow.run(ordering(), {"steps.py": STEPS}) for _ in range(2))
    assert first.values == {"order_placed": {"number": 7}, "load": {"loaded": 7}}
    assert second.values == {"order_placed": {"number": 8}, "load": {"loaded": 8}}
    assert broker.committed("pipec.ordering.order_placed") == 2


def test_messages_of_other_keys_are_passed_over(airflow: AirflowHome, broker: Broker) -> None:
    broker.begin("mine")
    broker.send(b'{"number": 9}', key="schlüssel {{ ds }}".encode())
    run = airflow.run(ordering(', group = "mine", key = "schlüssel {{ ds }}"'), {"steps.py": STEPS})
    assert run.values["order_placed"] == {"number": 9}
    assert broker.committed("mine") == 2


def test_where_no_message_comes_none_is_taken(airflow: AirflowHome, broker: Broker) -> None:
    run = airflow.run(ordering(', key = "nobody"', timeout="1s"), {"steps.py": STEPS})
    assert run.states == {"order_placed": "skipped", "load": "skipped"}
    assert broker.committed("pipec.ordering.order_placed") == 0


def test_a_message_that_is_no_value_fails_the_wait_and_stays(airflow: AirflowHome, broker: Broker) -> None:
    broker.begin("other")
    broker.send(b"\xff", key=b"bad")
    run = airflow.run(ordering(', group = "other", key = "bad"'), {"steps.py": STEPS})
    assert run.states == {"order_placed": "failed", "load": "upstream_failed"}
    assert "neither JSON nor UTF-8 text" in run.log
    assert broker.committed("other") == 0


def test_a_broker_that_cannot_be_reached_is_asked_again(airflow: AirflowHome) -> None:
    parameters = {"servers": "127.0.0.1:1"}
    run = airflow.run(ordering(", servers = servers", timeout="1s"), {"steps.py": STEPS}, parameters)
    assert run.states["order_placed"] == "skipped"
    assert "ConnectionError" in run.log


@pytest.mark.parametrize(
    ("connection", "said"),
    [
        ('{"conn_type": "kafka"}', "no Kafka server is known"),
        ('{"conn_type": "kafka", "extra": {"bootstrap.servers": "b", "no.such": 1}}', "settings of Kafka"),
    ],
)
def test_settings_that_can_never_do_fail_the_wait(
    airflow: AirflowHome, monkeypatch: pytest.MonkeyPatch, connection: str, said: str
) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_KAFKA_DEFAULT", connection)
    run = airflow.run(ordering(), {"steps.py": STEPS})
    assert run.states["order_placed"] == "failed"
    assert said in run.log
