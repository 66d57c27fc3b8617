"""Waiting for messages of a real client, at the mock broker that it has built in."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from pipec.backends.local.waits.contract import Condition, Met, WaitError
from pipec.backends.local.waits.messages import read_content

from tests.backends.local.waits.support import made
from tests.support.kafka import Broker as MockBroker

forms_a_group = pytest.mark.engine  # which takes seconds


class Broker(MockBroker):
    """A broker, and waits for its messages."""

    def wait(self, written: str = 'message("orders", group = "g")') -> Condition:
        condition = made(written, environment={"PIPEC_KAFKA_SERVERS": self.servers})
        assert isinstance(condition, Condition)
        return condition


@pytest.fixture
def broker() -> Iterator[Broker]:
    broker = Broker()
    broker.send(b'{"number": 7, "items": ["a"]}')
    yield broker
    broker.producer.flush(0)


def looked(condition: Condition) -> Met | None:
    """What was seen in half a minute of looks."""
    until = time.monotonic() + 30
    while time.monotonic() < until:
        met = condition.check()
        if met is not None:
            return met
    return None


def soon(broker: Broker, group: str, offset: int) -> bool:
    """Whether the group comes to have committed this offset."""
    until = time.monotonic() + 30
    while broker.committed(group) != offset and time.monotonic() < until:
        time.sleep(0.05)
    return broker.committed(group) == offset


@forms_a_group
def test_a_message_is_committed_only_when_it_was_taken(broker: Broker) -> None:
    broker.begin("g")
    condition = broker.wait()
    met = looked(condition)
    assert met is not None
    assert met.outputs == {"output": {"number": 7, "items": ["a"]}}
    assert broker.committed("g") == 0
    met.taken()
    assert soon(broker, "g", 1)


@forms_a_group
def test_a_message_that_nobody_took_stays(broker: Broker) -> None:
    broker.begin("g")
    condition = broker.wait()
    assert looked(condition) is not None
    before = set(threading.enumerate())
    condition.close()
    for thread in set(threading.enumerate()) - before:
        thread.join(30)
    assert broker.committed("g") == 0
    assert condition.check() is None


@forms_a_group
def test_messages_with_other_keys_are_passed_over(broker: Broker) -> None:
    broker.begin("g")
    broker.send(b"plain text", key=b"mine")
    met = looked(broker.wait('message("orders", group = "g", key = "mine")'))
    assert met is not None
    assert met.outputs == {"output": "plain text"}
    met.taken()
    assert soon(broker, "g", 2)


@forms_a_group
def test_a_group_that_is_new_begins_with_what_comes_now(broker: Broker) -> None:
    condition = broker.wait('message("orders")')
    over = threading.Event()

    def go_on_sending() -> None:
        while not over.wait(0.2):
            broker.send(b'"new"')

    sender = threading.Thread(target=go_on_sending)
    sender.start()
    met = looked(condition)
    over.set()
    sender.join()
    assert met is not None
    assert met.outputs == {"output": "new"}
    met.taken()
    until = time.monotonic() + 30
    while broker.committed("pipec.p.w") < 2 and time.monotonic() < until:
        time.sleep(0.05)
    assert broker.committed("pipec.p.w") >= 2


@pytest.mark.parametrize(
    ("content", "seen"),
    [
        (b"12.5", 12.5),
        (b"null", None),
        (None, None),
        (b"", ""),
        (b"NaN", "NaN"),
        (b"{broken", "{broken"),
        ("Grüße".encode(), "Grüße"),
        (b"[" * 20_000, "[" * 20_000),
    ],
)
def test_the_content_of_a_message(content: bytes | None, seen: Any) -> None:
    assert read_content(content) == {"output": seen}


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"\xff\xfe", "neither JSON nor UTF-8 text"), (b"x" * 50_000, "the limit is 49152")],
)
def test_content_that_cannot_be_a_value(content: bytes, said: str) -> None:
    with pytest.raises(WaitError, match=said) as caught:
        read_content(content)
    assert caught.value.failure.kind == "output"


@forms_a_group
def test_a_broker_that_cannot_be_reached_is_an_error_of_the_look() -> None:
    condition = made('message("orders", servers = "127.0.0.1:1")', inputs={"topic": "orders", "servers": "127.0.0.1:1"})
    condition._listen = 2.0
    with pytest.raises(ConnectionError, match=r"refused|down"):
        condition.check()
    condition.close()


def test_settings_that_librdkafka_does_not_know() -> None:
    environment = {"PIPEC_KAFKA_SERVERS": "127.0.0.1:1", "PIPEC_KAFKA_SASL_USERNAM": "me"}
    with pytest.raises(WaitError, match=r"settings of Kafka: .*sasl\.usernam"):
        made('message("orders")', environment=environment).check()


def test_what_a_wait_for_a_message_says() -> None:
    written = 'message("orders", servers = "h:1", key = "mine")'
    assert made(written).describe() == "waits for a message of orders with the key mine"
