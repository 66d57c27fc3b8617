"""Deadlines of generated files: Airflow's own executor code calls their callbacks as for a missed deadline."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import pytest

from tests.backends.airflow.compiling import compile_text
from tests.backends.local.alerts.servers import web_server
from tests.support.airflow import AirflowHome

pytestmark = pytest.mark.engine

TEXT = """pipeline wafer {
  deadline = 90m
  on deadline = [webhook(secret("hook")), python("tell:it")]
  task a = shell("true")
}"""

TELL = """
import json, pathlib

def it(**facts):
    pathlib.Path(__file__).with_name("told.json").write_text(json.dumps(facts))
"""

RUN = {
    "dag_id": "wafer",
    "dag_run_id": "scheduled__2026-01-01T00:00:00+00:00",
    "start_date": "2026-01-01T00:00:05Z",
    "end_date": None,
}
DEADLINE = {"id": "1", "deadline_time": "2026-01-01T01:30:00+00:00"}

OUTCOMES = {
    "it is still going on": (None, True),
    "it ended after its deadline": ("2026-01-01T01:30:01Z", True),
    "it failed in time": ("2026-01-01T01:29:59Z", False),
}


def miss(deadline: Any, folder: Path, end_date: str | None) -> None:
    """Call the callback of a deadline as the executor does: with what was serialized, in a file loaded anew."""
    import structlog
    from airflow.sdk.execution_time.callback_supervisor import execute_callback

    kwargs = json.loads(json.dumps(deadline.callback.kwargs))
    arguments = {**kwargs, "context": {"dag_run": {**RUN, "end_date": end_date}, "deadline": DEADLINE}}
    log = structlog.get_logger()
    path = Path("generated_dag.py")
    assert execute_callback(deadline.callback.path, arguments, path, folder, log) == (True, None)


@pytest.mark.parametrize("case", OUTCOMES)
def test_a_missed_deadline_is_told_of(airflow: AirflowHome, monkeypatch: pytest.MonkeyPatch, case: str) -> None:
    end_date, is_told = OUTCOMES[case]
    (dag,) = airflow.load(compile_text(TEXT), {"tell.py": TELL}).values()
    with web_server() as web:
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        monkeypatch.setenv("AIRFLOW_VAR_HOOK", web.url)
        monkeypatch.setenv("AIRFLOW__API__BASE_URL", "https://airflow.example.com")
        for deadline in dag.deadline:
            miss(deadline, airflow.dags, end_date)
    message = "wafer did not end within its deadline of 5400s"
    facts = {
        "event": "deadline",
        "pipeline": "wafer",
        "run_id": "scheduled__2026-01-01T00:00:00+00:00",
        "task": None,
        "message": message,
        "url": "https://airflow.example.com/dags/wafer/runs/scheduled__2026-01-01T00%3A00%3A00%2B00%3A00",
    }
    file = airflow.dags / "told.json"
    assert file.exists() == is_told
    assert len(web.posted) == is_told
    if is_told:
        assert json.loads(file.read_text("utf-8")) == facts
        body = web.posted[0].body
        assert body.pop("at")
        assert body == {**facts, "subject": "wafer missed its deadline", "started_at": "2026-01-01T00:00:05+00:00"}


def test_when_it_counts(airflow: AirflowHome) -> None:
    from airflow.sdk.definitions.callback import SyncCallback
    from airflow.sdk.definitions.deadline import DeadlineReference

    (dag,) = airflow.load(compile_text(TEXT)).values()
    for deadline in dag.deadline:
        assert deadline.reference == DeadlineReference.DAGRUN_QUEUED_AT
        assert deadline.interval.total_seconds() == 5400
        assert isinstance(deadline.callback, SyncCallback)


def test_a_deadline_that_nobody_is_told_of_is_in_the_log(
    airflow: AirflowHome, caplog: pytest.LogCaptureFixture
) -> None:
    (dag,) = airflow.load(compile_text('pipeline wafer { deadline = 90m  task a = shell("true") }')).values()
    [deadline] = dag.deadline
    with caplog.at_level(logging.WARNING):
        miss(deadline, airflow.dags, None)
    assert "wafer did not end within its deadline of 5400s" in caplog.messages
