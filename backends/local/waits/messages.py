"""Waiting for a message of a Kafka topic: taken by a consumer group, and committed only when it was taken."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from pipec.runtime.looks import assign_where_group_is, message_content
from pipec.runtime.values import OutputError

from .contract import Condition, Met, WaitError

SERVERS = "PIPEC_KAFKA_SERVERS"
"""The variable with the servers of waits that name none."""

_LOG = logging.getLogger("pipec.waits")

_QUIET = logging.Logger("librdkafka")
_QUIET.addHandler(logging.NullHandler())
"""Takes what librdkafka would print: what matters of it comes as errors."""

_SLICE = 0.2
"""Seconds of listening after which one looks whether anybody still waits."""

_PATIENCE = 10.0
"""Seconds for a broker to answer."""


@dataclass(frozen=True, slots=True)
class Topic:
    """What is listened to: messages with this key, of any key where it is None, that no consumer of `group` took.

    A group that never took any begins with the messages of `since` (Unix time).
    """

    name: str
    servers: str
    group: str
    key: str | None
    since: float


class MessageCondition(Condition):
    """Met when a message came. One look listens for `listen` seconds."""

    def __init__(self, topic: Topic, listen: float, environment: Mapping[str, str]) -> None:
        self._topic = topic
        self._listen = listen
        self._settings = _settings(topic, environment)
        self._consumer: Any = None
        self._consumer_in_use = threading.Lock()
        self._closed = threading.Event()
        self._trouble: str | None = None

    def describe(self) -> str:
        with_key = f" with the key {self._topic.key}" if self._topic.key is not None else ""
        return f"waits for a message of {self._topic.name}{with_key}"

    def check(self) -> Met | None:
        with self._consumer_in_use:
            if self._closed.is_set():
                return None
            self._consumer = self._consumer or self._join()
            try:
                message = self._next_message()
            except Exception:
                self._leave()  # the next look joins anew: this one may be half in the group
                raise
        if message is None:
            return None
        return Met(read_content(message.value()), lambda: self._take(message))

    def close(self) -> None:
        """Leave the group without a commit: a message that was found goes to the next who asks."""
        self._closed.set()
        threading.Thread(target=self._leave_when_free, daemon=True).start()

    def _next_message(self) -> Any:
        """The next message with the key; None where none came while it listened. Raises ConnectionError."""
        until = time.monotonic() + self._listen
        self._trouble = None
        while not self._closed.is_set():
            message = self._consumer.poll(_SLICE)
            if message is not None and message.error() is not None:
                raise ConnectionError(message.error().str())
            if message is not None and (self._topic.key is None or message.key() == self._topic.key.encode()):
                return message
            if time.monotonic() >= until:
                break
        if self._trouble is not None:
            raise ConnectionError(self._trouble)
        return None

    # --- the group -----------------------------------------------------------------------------------

    def _join(self) -> Any:
        kafka = _kafka()
        try:
            consumer = kafka.Consumer({**self._settings, "error_cb": self._hear_of_trouble}, logger=_QUIET)
        except kafka.KafkaException as error:
            raise WaitError(f"settings of Kafka: {_reason(error)}") from error
        consumer.subscribe([self._topic.name], on_assign=self._begin)
        return consumer

    def _begin(self, consumer: Any, partitions: list[Any]) -> None:
        """Where the group took nothing yet: the first message of `since`, else whatever comes from now on."""
        assign_where_group_is(consumer, partitions, self._topic.since, _PATIENCE)

    def _hear_of_trouble(self, error: Any) -> None:
        """librdkafka goes on trying: it matters only where nothing comes."""
        self._trouble = error.str()

    def _take(self, message: Any) -> None:
        # No daemon: the end of the program waits for the commit.
        threading.Thread(target=self._commit, args=(message,)).start()

    def _commit(self, message: Any) -> None:
        kafka = _kafka()
        with self._consumer_in_use:
            try:
                after = kafka.TopicPartition(message.topic(), message.partition(), message.offset() + 1)
                self._consumer.commit(offsets=[after], asynchronous=False)
            except kafka.KafkaException as error:
                _LOG.warning("a message of %s will come again: %s", self._topic.name, _reason(error))
            self._leave()

    def _leave_when_free(self) -> None:
        with self._consumer_in_use:
            self._leave()

    def _leave(self) -> None:
        consumer, self._consumer = self._consumer, None
        if consumer is not None:
            consumer.close()


def _settings(topic: Topic, environment: Mapping[str, str]) -> dict[str, Any]:
    """Those of librdkafka: `PIPEC_KAFKA_SASL_USERNAME` sets `sasl.username`; how messages are taken is fixed."""
    prefix = "PIPEC_KAFKA_"
    given = {
        name.removeprefix(prefix).lower().replace("_", "."): value
        for name, value in environment.items()
        if name.startswith(prefix) and name != SERVERS
    }
    return given | {
        "bootstrap.servers": topic.servers,
        "group.id": topic.group,
        "enable.auto.commit": False,
        "auto.offset.reset": "earliest",  # only where a committed message is no longer kept
        "partition.assignment.strategy": "range",
        "socket.timeout.ms": int(_PATIENCE * 1000),
    }


def _kafka() -> ModuleType:
    try:
        import confluent_kafka
    except ImportError as error:
        raise WaitError('waiting for messages needs confluent-kafka: install "pipec[kafka]"', "error") from error
    module: ModuleType = confluent_kafka
    return module


def _reason(error: Exception) -> str:
    """What an exception of Kafka says: it carries an object that knows."""
    return str(error.args[0].str())


def read_content(content: bytes | None) -> dict[str, Any]:
    """The outputs of a wait for a message. Raises WaitError where its content is no text or too large."""
    try:
        return {"output": message_content(content)}
    except OutputError as error:
        raise WaitError(str(error), "output") from error
