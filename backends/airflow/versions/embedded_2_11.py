"""What files for Airflow 2.11 hold a copy of in place of definitions of the same names. This is never imported."""

from __future__ import annotations

import contextlib
import datetime
import functools
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from airflow.configuration import conf
from airflow.models import DagRun
from airflow.models.dataset import DatasetEvent, DatasetModel  # type: ignore[import-not-found]
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException, AirflowTaskTerminated, TaskDeferred
from airflow.utils.session import create_session

from ..embedded import failure_causes
from ..embedded_alerts import task_name
from ..embedded_maps import is_same_item
from ..embedded_pods import PodOperator, PythonPodOperator
from ..embedded_waits import given_text


def run_url(ti: Any) -> str:
    """The page of the run in Airflow's user interface."""
    return str(ti.log_url.partition("&task_id=")[0])


def run_page(dag_id: str, run_id: str) -> str:
    """The page of a run in Airflow's user interface; empty where Airflow is not told its own address."""
    base = str(conf.get("webserver", "base_url", fallback="")).rstrip("/")
    return f"{base}/dags/{dag_id}/grid?dag_run_id={quote(run_id)}" if base else ""


# --- retries -------------------------------------------------------------------------------------


def retried_on(*causes: str | int) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Further attempts of a task's function only after these failures.

    They are named by exception classes (dotted or bare; subclasses count), exit codes, and "timeout".
    """

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def tried(*arguments: Any, **named: Any) -> Any:
            with only_retried_on(causes):
                return function(*arguments, **named)

        return tried

    return decorate


@contextlib.contextmanager
def only_retried_on(causes: Sequence[str | int]) -> Iterator[None]:
    """Fail the task for good after other failures than these."""
    try:
        yield
    except (AirflowFailException, AirflowSkipException, AirflowTaskTerminated, TaskDeferred):
        raise
    except BaseException as error:
        if failure_causes(error).isdisjoint(causes):
            raise AirflowFailException(f"{error!r}: only {', '.join(map(str, causes))} is tried again") from error
        raise


class RetriedPodOperator(PodOperator):
    """Further attempts only after the failures `retried_on`."""

    def __init__(self, *, retried_on: Sequence[str | int], **options: Any) -> None:
        super().__init__(**options)
        self.retried_on = retried_on

    def execute(self, context: Any) -> Any:
        """Run the pod to its end; the outputs."""
        with only_retried_on(self.retried_on):
            return super().execute(context)

    def trigger_reentry(self, context: Any, event: dict[str, Any]) -> Any:
        """Go on where the pod of a deferred task has ended; the outputs."""
        with only_retried_on(self.retried_on):
            return super().trigger_reentry(context, event)


class RetriedPythonPodOperator(RetriedPodOperator, PythonPodOperator):
    """Calls a Python function in a container, again only after the failures `retried_on`."""


# --- other tasks ---------------------------------------------------------------------------------


def instance_states(task: Any, ti: Any, other: str) -> set[str]:
    """The states in this run of another task's instances; of one in the same mapped task group that for the item."""
    index = ti.map_index if is_same_item(task, other) else None
    found = DagRun.fetch_task_instances(ti.dag_id, ti.run_id, [other])
    return {str(one.state) for one in found if index is None or one.map_index == index}


def run_message(context: Any, event: str, pipeline: str, task: str) -> str:
    """What became of a run, and which task failed last, where one did; the context has any task of the run."""
    if event == "success":
        return f"{pipeline} succeeded"
    reason = str(context.get("reason") or "")
    failed = context["dag_run"].get_task_instances(state="failed") if reason == "task_failure" else []
    last = max(failed, key=lambda one: one.end_date, default=None)
    return f"{pipeline} failed: {task_name(last, None) if last else reason.replace('_', ' ')}"


def task_succeeded(ti: Any, dag_id: str, task_ids: Sequence[str], date: datetime.date, timezone: str) -> bool:
    """Whether a task of another DAG succeeded in a run of this date in its time zone.

    `task_ids` are its instances, where it has several. They succeeded when none failed, and one did.
    """
    begin = datetime.datetime.combine(date, datetime.time(), ZoneInfo(timezone))
    end = datetime.datetime.combine(date + timedelta(days=1), datetime.time(), ZoneInfo(timezone))
    with create_session() as session:
        runs = session.query(DagRun.run_id).filter(
            DagRun.dag_id == dag_id, DagRun.execution_date >= begin, DagRun.execution_date < end
        )
        for (run_id,) in runs.all():
            found = DagRun.fetch_task_instances(dag_id, run_id, list(task_ids), session=session)
            states = {str(one.state) for one in found}
            if "success" in states and states <= {"success", "skipped", "removed"}:
                return True
    return False


def asset_was_updated(uri: str, since: datetime.datetime) -> bool:
    """Whether the dataset was updated at or after a time."""
    with create_session() as session:
        updates = session.query(DatasetEvent.id).join(DatasetModel, DatasetModel.id == DatasetEvent.dataset_id)
        wanted = updates.filter(DatasetModel.uri == given_text("uri", uri), DatasetEvent.timestamp >= since)
        return wanted.first() is not None
