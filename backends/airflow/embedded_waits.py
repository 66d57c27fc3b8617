"""What generated DAG files with waits or approvals hold a copy of besides `pipec.runtime`. This is never imported.

`@task.sensor` and `PythonSensor` import what Airflow 3.3 itself says is deprecated, so that each file with one would
warn when it is loaded. `soft_fail` skips where something else than time went wrong, and a sensor notices the end of its
time at the first look after it. That is why waits have a class of their own, which adds these two to Airflow's.
"""

from __future__ import annotations

import datetime
import importlib
import inspect
import os
import re
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from airflow.providers.standard.operators.hitl import HITLOperator
from airflow.sdk import BaseHook, BaseSensorOperator, PokeReturnValue
from airflow.sdk.exceptions import (
    AirflowFailException,
    AirflowNotFoundException,
    AirflowRescheduleException,
    AirflowSensorTimeout,
    AirflowSkipException,
)
from airflow.sdk.execution_time import task_runner
from airflow.sdk.execution_time.comms import GetDagRun, GetPreviousDagRun
from airflow.sdk.execution_time.context import InletEventsAccessor
from airflow.sdk.io import get_fs, has_fs

from pipec.runtime.looks import PatternError, assign_where_group_is, message_content, object_matches, path_matches
from pipec.runtime.values import OutputError

from .embedded_ids import named_task

FOR_EVER = timedelta(days=36_500)
"""Airflow's own sensors give up after a week where nothing is said."""


class Wait(BaseSensorOperator):
    """Looks again and again until what it waits for is there.

    `look` is called with those keys of the context that are its parameters. At its timeout it looks once more, and
    then fails or, with `on_timeout="skip"`, is skipped. With `silent_fail` a look that raises is one that saw nothing.

    Between looks it gives its worker back, unless it looks often: where a task is due again before the scheduler has
    noticed that its last look is over, Airflow 3.3 takes that one's end for the end of the next, and fails the task.
    """

    rescheduled_from = timedelta(seconds=30)

    def __init__(
        self,
        *,
        look: Callable[..., Any],
        poke_interval: timedelta,
        timeout: timedelta,
        on_timeout: str = "fail",
        **arguments: Any,
    ) -> None:
        mode = "reschedule" if min(poke_interval, timeout) >= self.rescheduled_from else "poke"
        super().__init__(mode=mode, poke_interval=poke_interval, timeout=timeout, **arguments)
        self.look = look
        self.on_timeout = on_timeout

    def execute(self, context: Any) -> Any:
        try:
            return super().execute(context)
        except AirflowRescheduleException as later:
            left = later.reschedule_date - datetime.datetime.now(datetime.UTC)
            if left >= self.rescheduled_from - timedelta(seconds=1):
                raise
            time.sleep(max(left.total_seconds(), 0.0))  # the rest of its time
            return self.execute(context)
        except AirflowSensorTimeout as error:
            if self.on_timeout == "skip":
                raise AirflowSkipException(str(error)) from None
            raise

    def _get_next_poke_interval(self, started_at: Any, run_duration: Callable[[], float], poke_count: int) -> float:
        interval: float = super()._get_next_poke_interval(started_at, run_duration, poke_count)
        return min(interval, max(self.timeout - run_duration(), 0.0))

    def poke(self, context: Any) -> Any:
        try:
            return self.look(**{name: context[name] for name in inspect.signature(self.look).parameters})
        except (AirflowRescheduleException, AirflowSensorTimeout, AirflowSkipException) as error:
            raise AirflowFailException(f"raised {error!r}") from error  # no look has a say in when a wait ends


class WaitForMessage(Wait):
    """Takes a message. It is gone from the topic for others of the group once the success of the task is kept."""

    def __init__(self, *, on_success_callback: Any = (), **arguments: Any) -> None:
        callbacks = [on_success_callback] if callable(on_success_callback) else list(on_success_callback or ())
        super().__init__(on_success_callback=[self.take, *callbacks], **arguments)
        self.received: Any = None

    def poke(self, context: Any) -> Any:
        self.received = super().poke(context)
        return self.received

    @staticmethod
    def take(context: Any) -> None:
        """Tell the broker that the message which was received has been taken."""
        context["task"].received.take()


class Approval(HITLOperator):
    """Asks a person. What is rejected is skipped, and tasks that depend on it run or not by their own rules.

    After `response_timeout` it fails, or counts as `on_timeout`: "approve" or "reject".
    """

    def __init__(self, *, on_timeout: str = "fail", **arguments: Any) -> None:
        defaults = {"approve": "Approve", "reject": "Reject"}.get(on_timeout)
        super().__init__(options=["Approve", "Reject"], defaults=defaults, **arguments)

    def execute_complete(self, context: Any, event: dict[str, Any]) -> Any:
        answer = super().execute_complete(context, event)
        if answer["chosen_options"] != ["Approve"]:
            raise AirflowSkipException("rejected")
        return answer


def given_text(name: str, text: str) -> str:
    """The text that a wait was given. One that is empty, or that no system call takes, can never be waited for."""
    if not text or "\0" in text:
        raise AirflowFailException(f"{name} is {text!r}: it needs a text that is not empty")
    return text


def file_is_there(pattern: str) -> bool:
    """Whether a path matches; a relative one begins in the folder of this file."""
    folder = Path(os.path.dirname(os.path.abspath(__file__)))
    return path_matches(given_text("glob", pattern), folder)


def object_is_there(uri: str) -> bool:
    """Whether an object is there, or where the URI has wildcards, whether one matches.

    Airflow's providers know the stores, by their connection in `s3://connection@bucket/key`; fsspec knows the others.
    """
    scheme, separator, _ = given_text("uri", uri).partition("://")
    if not separator:
        raise AirflowFailException(f"{uri} is no URI of an object: write s3://bucket/key, or wait for file(…)")
    try:
        store, key = store_of(uri)
    except (ImportError, ValueError) as error:
        raise AirflowFailException(f"waiting for {uri}: {error}") from error
    try:
        return object_matches(store, key, scheme.rpartition("::")[2])
    except PatternError as error:
        raise AirflowFailException(f"{uri} is no pattern: {error}") from error


def store_of(uri: str) -> tuple[Any, str]:
    """The file system of fsspec that has an object, and the object's path in it."""
    scheme, _, path = uri.partition("://")
    if not has_fs(scheme):
        store, key = importlib.import_module("fsspec.core").url_to_fs(uri, use_listings_cache=False)
        return store, key
    bucket, slash, key = path.partition("/")
    connection, _, bucket = bucket.rpartition("@")
    store = get_fs(scheme, connection or None)
    return store, store._strip_protocol(f"{scheme}://{bucket}{slash}{key}")


def asset_was_updated(uri: str, since: datetime.datetime) -> bool:
    """Whether the asset was updated at or after a time."""
    return len(InletEventsAccessor(asset_uri=given_text("uri", uri)).after(since.isoformat()).limit(1)) > 0


def task_named(text: str) -> tuple[str, list[str]]:
    """The id of the DAG and that of the task, alone in a list, that a text names."""
    try:
        return named_task(text)
    except ValueError as error:
        raise AirflowFailException(str(error)) from error


def task_succeeded(ti: Any, dag_id: str, task_ids: Sequence[str], date: datetime.date, timezone: str) -> bool:
    """Whether a task of another DAG succeeded in a run of this date in its time zone.

    `task_ids` are its instances, where it has several. They succeeded when none failed, and one did.
    """

    def count(run_id: str, states: list[str] | None = None) -> int:
        return int(ti.get_ti_count(dag_id=dag_id, task_ids=list(task_ids), run_ids=[run_id], states=states))

    for run_id in runs_of_date(ti, dag_id, task_ids, date, ZoneInfo(timezone)):
        succeeded = count(run_id, ["success"])
        if succeeded and succeeded + count(run_id, ["skipped", "removed"]) == count(run_id):
            return True
    return False


def runs_of_date(ti: Any, dag_id: str, task_ids: Sequence[str], date: datetime.date, zone: ZoneInfo) -> Iterator[str]:
    """The ids of the runs of a DAG whose date is this one: first those with a logical date, the latest first."""
    before = datetime.datetime.combine(date + timedelta(days=1), datetime.time(), zone)
    while (run := ask_airflow(GetPreviousDagRun(dag_id=dag_id, logical_date=before)).dag_run) is not None:
        if run.logical_date.astimezone(zone).date() != date:
            break
        yield run.run_id
        before = run.logical_date
    for run_id in ti.get_task_states(dag_id=dag_id, task_ids=list(task_ids)):
        if date_in_id(run_id, zone) not in (date, None):
            continue
        run = ask_airflow(GetDagRun(dag_id=dag_id, run_id=run_id))
        if run.logical_date is None and run.run_after.astimezone(zone).date() == date:
            yield run_id


def date_in_id(run_id: str, zone: ZoneInfo) -> datetime.date | None:
    """The date in an id as Airflow makes them; None in other ids."""
    moment = re.match(r"[a-z_]+__(\d{4}-\d\d-\d\dT[\d:.]+[+-]\d\d:\d\d)(_|$)", run_id)
    return datetime.datetime.fromisoformat(moment[1]).astimezone(zone).date() if moment else None


def ask_airflow(message: Any) -> Any:
    """What Airflow answers to a task that asks."""
    return task_runner.SUPERVISOR_COMMS.send(message)


class ReceivedMessage(PokeReturnValue):
    """A message of a Kafka topic; its content is what the task returns."""

    def __init__(self, consumer: Any, message: Any) -> None:
        try:
            super().__init__(is_done=True, xcom_value=message_content(message.value()))
        except OutputError as error:
            raise AirflowFailException(str(error)) from error
        self.consumer = consumer
        self.message = message

    def take(self) -> None:
        """Commit it, and leave the group."""
        self.consumer.commit(self.message, asynchronous=False)
        self.consumer.close()


def next_message(
    topic: str, *, group: str, since: datetime.datetime, servers: str | None = None, key: str | None = None
) -> ReceivedMessage | bool:
    """The next message of a topic that nobody of the group has taken; with a key, the next of that key.

    A group that never took one begins with the messages of `since`. False where there is none now.
    """
    from confluent_kafka import Consumer, KafkaError, KafkaException  # late: only the worker needs it

    patience = 10.0  # seconds for a broker to answer
    trouble: list[Any] = []
    left: set[int] = set()

    def begin(consumer: Any, partitions: list[Any]) -> None:
        left.update(one.partition for one in partitions)
        assign_where_group_is(consumer, partitions, since.timestamp(), patience)

    settings = {
        **kafka_settings(servers),
        "group.id": given_text("group", group),
        "enable.auto.commit": False,
        "enable.partition.eof": True,
        "auto.offset.reset": "earliest",  # only where a committed message is no longer kept
        "error_cb": trouble.append,
    }
    try:
        consumer = Consumer(settings)
    except KafkaException as error:
        raise AirflowFailException(f"settings of Kafka: {error.args[0].str()}") from error
    received: ReceivedMessage | None = None
    try:
        consumer.subscribe([given_text("topic", topic)], on_assign=begin)
        heard = time.monotonic()
        while received is None and time.monotonic() < heard + patience:
            message = consumer.poll(1.0)
            if message is None:
                continue
            heard, fault = time.monotonic(), message.error()
            if fault is None:
                if key is None or message.key() == key.encode():
                    received = ReceivedMessage(consumer, message)
            elif fault.code() != KafkaError._PARTITION_EOF:
                raise ConnectionError(fault.str())
            else:
                left.discard(message.partition())
                if not left:
                    return False
    finally:
        if received is None:
            consumer.close()
    if received is None and trouble:
        raise ConnectionError(trouble[-1].str())
    return received or False


def kafka_settings(servers: str | None) -> dict[str, Any]:
    """Those of the connection `kafka_default`, as Airflow's own hooks for Kafka take them, and the servers if given."""
    try:
        settings = dict(BaseHook.get_connection("kafka_default").extra_dejson)
    except AirflowNotFoundException:
        settings = {}
    if servers:
        settings["bootstrap.servers"] = servers
    if not settings.get("bootstrap.servers"):
        raise AirflowFailException(
            "no Kafka server is known: set bootstrap.servers in the extra of the connection kafka_default, "
            'or write message("topic", servers = "host:9092")'
        )
    return settings
