"""A Kafka broker for tests: the mock that the real client has built in."""

from __future__ import annotations

from confluent_kafka import Consumer, Producer, TopicPartition


class Broker:
    """One topic, `orders`; a new group begins where its partitions begin."""

    def __init__(self) -> None:
        self.producer = Producer({"test.mock.num.brokers": 1, "log_level": 0})
        [broker] = self.producer.list_topics(timeout=10).brokers.values()
        self.servers = f"{broker.host}:{broker.port}"

    def send(self, content: bytes | None, key: bytes = b"k") -> None:
        """Put a message into the topic."""
        self.producer.produce("orders", content, key=key, partition=0)
        assert self.producer.flush(10) == 0

    def begin(self, group: str) -> None:
        """Say that the group has taken nothing, yet is known: so it begins with what is there already."""
        self._ask(group).commit(offsets=[TopicPartition("orders", 0, 0)], asynchronous=False)

    def committed(self, group: str) -> int:
        """How many messages the group has taken or passed over; negative where it is not known."""
        [position] = self._ask(group).committed([TopicPartition("orders", 0)], timeout=10)
        offset: int = position.offset
        return offset

    def _ask(self, group: str) -> Consumer:
        return Consumer({"bootstrap.servers": self.servers, "group.id": group, "log_level": 0})
