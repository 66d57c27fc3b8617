"""A person and a scheduler for runs by `dag.test()`, which has neither: they do what Airflow's own code would."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any


@contextlib.contextmanager
def answers(given: Mapping[str, str]) -> Iterator[list[dict[str, Any]]]:
    """Answer these tasks, such as `ask` or `ask[1]` in a map, once they are asked for.

    The requests are listed as they stand in the database.
    """
    seen: list[dict[str, Any]] = []
    with _meanwhile(lambda: _answer(given, seen)):
        yield seen


@contextlib.contextmanager
def time_passes() -> Iterator[None]:
    """Look for requests that nobody answered in time, as the scheduler does."""
    from airflow.jobs import job
    from airflow.jobs.scheduler_job_runner import SchedulerJobRunner

    airflow_job: Any = job
    with _meanwhile(SchedulerJobRunner(airflow_job.Job()).check_awaiting_input_timeouts):
        yield


@contextlib.contextmanager
def _meanwhile(act: Callable[[], None]) -> Iterator[None]:
    import airflow.models.hitl  # noqa: F401
    from sqlalchemy.orm import configure_mappers

    configure_mappers()  # here, since two threads that do it at once wait for each other
    is_over = threading.Event()

    def run() -> None:
        while not is_over.is_set():
            act()
            time.sleep(0.2)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()


def _answer(given: Mapping[str, str], seen: list[dict[str, Any]]) -> None:
    """What the route of the REST API for answers does."""
    from airflow.models.hitl import HITLDetail
    from airflow.models.trigger import handle_event_submit
    from airflow.triggers import base
    from airflow.utils.session import create_session
    from airflow.utils.state import TaskInstanceState

    triggers: Any = base
    with create_session() as session:
        for request in session.query(HITLDetail):
            task = request.task_instance
            name = task.task_id if task.map_index < 0 else f"{task.task_id}[{task.map_index}]"
            if task.state != TaskInstanceState.AWAITING_INPUT or name not in given:
                continue
            if request.responded_at is None:  # else `dag.test` has written over what the answer changed: once more
                seen.append(
                    {
                        "subject": request.subject,
                        "options": request.options,
                        "defaults": request.defaults,
                        "users": [user["id"] for user in request.assigned_users],
                    }
                )
                request.responded_at = _now()
                request.responded_by = {"id": "ml-lead", "name": "ml-lead"}
                request.chosen_options = [given[name]]
            event = triggers.TriggerEvent(request.as_resume_event_payload())
            handle_event_submit(event, task_instance=task, session=session)


def _now() -> Any:
    from airflow.sdk.timezone import utcnow

    return utcnow()
