"""Values and expressions mean the same here and in a real Airflow: every type, every fault, every kind of retry."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from pipec.backends.local.result import RunResult

import pipec
from tests.conformance.both import run_both
from tests.conformance.value_pipelines import (
    EXPRESSIONS,
    FACTS,
    FAULTS,
    OUTPUTS,
    PARAMETERS,
    RETRIES,
    STEPS,
    fault_pipeline,
)
from tests.support.airflow import AirflowHome, AirflowRun


def run_text(
    text: str,
    airflow: AirflowHome,
    folder: Path,
    parameters: dict[str, Any] | None = None,
    date: datetime | None = None,
) -> tuple[RunResult, AirflowRun]:
    """Both runs of the one pipeline of a file, which have the same states, outputs and numbers of attempts."""
    (folder / "value_steps.py").write_text(STEPS, "utf-8")
    loaded = pipec.load(folder / "values.pipe", text=text)
    files = {"value_steps.py": STEPS}
    return run_both(loaded, "values", files, airflow, folder / "store", parameters or {}, date)


@pytest.mark.engine
def test_expressions(airflow: AirflowHome, tmp_path: Path) -> None:
    local, _ = run_text(EXPRESSIONS, airflow, tmp_path)
    assert {result.state for result in local.tasks.values()} == {"success"}
    assert local.tasks["durations"].outputs == {
        "output": "timedelta 9000.0, timedelta 8999.0, float 2.0, timedelta 1800.0, timedelta 4500.0, date 2026-02-28"
    }


GIVEN: dict[str, Any] = {
    "flag": False,
    "count": -3,
    "share": 1,
    "text": "{{ 1 + 1 }} 'né' \"q\" $HOME\n",
    "day": "2024-02-29",
    "moment": "2026-03-29T01:30:00.250000+01:00",
    "patience": 0.25,
    "limit": 5,
    "source": "s3://other/x",
    "stage": "prod",
    "names": [],
    "shares": {"x": 1, "y ü": 2.5},
    "days": ["2026-12-31"],
    "document": [1, {"a": None}],
    "note": "given",
    "later": "2026-01-01",
}


@pytest.mark.engine
@pytest.mark.parametrize(
    "given", [{"moment": "2026-01-31T02:00:00+00:00", "note": None}, GIVEN], ids=["default", "given"]
)
def test_parameters_of_every_type(given: dict[str, Any], airflow: AirflowHome, tmp_path: Path) -> None:
    local, _ = run_text(PARAMETERS, airflow, tmp_path, given, datetime.fromisoformat("2026-01-31T12:00:00+00:00"))
    assert {result.state for result in local.tasks.values()} == {"success"}


@pytest.mark.engine
def test_outputs_of_every_type(airflow: AirflowHome, tmp_path: Path) -> None:
    local, _ = run_text(OUTPUTS, airflow, tmp_path)
    expected = {name: "failed" if name.startswith("bad_") else "success" for name in local.tasks}
    assert {name: result.state for name, result in local.tasks.items()} == expected


@pytest.mark.engine
def test_faults_are_never_retried(airflow: AirflowHome, tmp_path: Path) -> None:
    local, _ = run_text(fault_pipeline(), airflow, tmp_path)
    found = {name: (local.tasks[name].state, local.tasks[name].attempts) for name in FAULTS}
    assert found == dict.fromkeys(FAULTS, ("failed", 1))


@pytest.mark.engine
def test_retries(airflow: AirflowHome, tmp_path: Path) -> None:
    local, _ = run_text(RETRIES, airflow, tmp_path)
    attempts = {name: int(name.rpartition("_")[2]) for name in local.tasks if name.rpartition("_")[2].isdigit()}
    assert {name: local.tasks[name].attempts for name in attempts} == attempts


@pytest.mark.engine
@pytest.mark.parametrize(
    ("timezone", "moment", "day"),
    [
        ("Asia/Tokyo", "2026-03-28T15:30:00+00:00", "2026-03-29"),
        ("America/New_York", "2026-11-01T03:59:00+00:00", "2026-10-31"),
        ("America/New_York", "2026-11-01T05:30:00+00:00", "2026-11-01"),
    ],
)
def test_facts_of_the_run(timezone: str, moment: str, day: str, airflow: AirflowHome, tmp_path: Path) -> None:
    text = FACTS.replace("TIMEZONE", timezone)
    local, _ = run_text(text, airflow, tmp_path, date=datetime.fromisoformat(moment))
    assert local.tasks["day_text"].outputs == {"output": day}
    assert {result.state for result in local.tasks.values()} == {"success"}
