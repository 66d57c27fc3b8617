"""Runs in Airflow 2.11: the same as here, as in Airflow 3, and what waits, alerts and operators do there."""

from __future__ import annotations

import datetime
import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

import pipec
from tests.backends.airflow.compiling import compile_text
from tests.backends.airflow.test_airflow_runs import RETRIES, said_by
from tests.backends.airflow.test_airflow_runs import STEPS as RETRIED_STEPS
from tests.backends.airflow.waiting import test_waiting_runs as waits
from tests.backends.local.alerts.servers import MailServer, mail_server
from tests.conformance import test_conformance_maps as maps
from tests.conformance import value_pipelines as values
from tests.conformance.both import dag_file, run_both
from tests.conformance.random_pipelines import TASK_CODE, random_pipeline
from tests.conformance.test_conformance_values import GIVEN
from tests.support.airflow2 import Airflow2Home

pytestmark = pytest.mark.engine

EXAMPLES = Path(__file__).parents[4] / "examples"
UTC = datetime.UTC


def same_in_both(
    text: str, steps: dict[str, str], airflow2: Airflow2Home, folder: Path, parameters: dict[str, Any], date: Any = None
) -> Any:
    """The result here of the last pipeline of a text, which is the same in Airflow."""
    for name, content in steps.items():
        (folder / name).write_text(content, "utf-8")
    loaded = pipec.load(folder / "p.pipe", text=text)
    assert loaded.program is not None
    name = loaded.program.own[-1]
    local, _ = run_both(loaded, name, steps, airflow2, folder / "store", parameters, date)
    return local


# --- the same as here ----------------------------------------------------------------------------


@pytest.mark.parametrize(("text", "parameters", "states"), maps.CASES)
def test_maps_parts_and_races(
    text: str, parameters: dict[str, Any], states: dict[str, str], airflow2: Airflow2Home, tmp_path: Path
) -> None:
    text = text.replace("trigger_rule = one_failed", "trigger_rule = none_skipped")  # in a map: not in 2.11
    local = same_in_both(text, {"steps.py": maps.STEPS}, airflow2, tmp_path, parameters)
    assert {task: local.tasks[task].state for task in states} == states


@pytest.mark.parametrize("seed", [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 13])
def test_random_pipelines(seed: int, airflow2: Airflow2Home, tmp_path: Path) -> None:
    same_in_both(random_pipeline(seed, "p"), {"random_steps.py": TASK_CODE}, airflow2, tmp_path, {})


@pytest.mark.parametrize("name", ["complete_ml_pipeline", "matrix_selection", "multi_fab", "stdf_quality"])
def test_examples(name: str, airflow2: Airflow2Home, tmp_path: Path) -> None:
    loaded = pipec.load(EXAMPLES / name / "pipeline.pipe")
    has_folder = any(parameter.name == "workdir" for parameter in loaded.pipeline().parameters)
    given = {"workdir": str(tmp_path / "data")} if has_folder else {}
    local, _ = run_both(loaded, name, EXAMPLES / name, airflow2, tmp_path / "store", given)
    assert local.state == "success"


VALUES = {
    "expressions": (values.EXPRESSIONS, {}),
    "outputs": (values.OUTPUTS, {}),
    "parameters": (values.PARAMETERS, GIVEN),
    "the run": (values.FACTS.replace("TIMEZONE", "America/New_York"), {}),
    "faults": (values.fault_pipeline(), {}),
}


@pytest.mark.parametrize("case", VALUES)
def test_values(case: str, airflow2: Airflow2Home, tmp_path: Path) -> None:
    text, parameters = VALUES[case]
    date = datetime.datetime(2026, 11, 1, 3, 59, tzinfo=UTC)
    same_in_both(text, {"value_steps.py": values.STEPS}, airflow2, tmp_path, parameters, date)


WAITS = ["a file further down", "no file, which may be", "a time to come", "a predicate that raises", "an object"]


@pytest.mark.parametrize("case", [*WAITS, "a predicate, in the end"])
def test_waits(case: str, airflow2: Airflow2Home, tmp_path: Path) -> None:
    condition, options, state = waits.BOTH[case]
    folder = tmp_path / "incoming"
    folder.mkdir()
    waits.stand_in(folder)
    text = f"""pipeline waiting(folder: str) {{
      wait it = {condition} {{ {options} }}
      task after_it after it = shell("true")
    }}"""
    local = same_in_both(text, {"steps.py": waits.STEPS}, airflow2, tmp_path, {"folder": str(folder)})
    assert local.tasks["it"].state == state


# --- retries -------------------------------------------------------------------------------------


def test_retries_and_timeouts(airflow2: Airflow2Home, tmp_path: Path) -> None:
    """Each task says in its name how it ends: its state and its number of attempts."""
    text = compile_text(RETRIES.replace("FOLDER", str(tmp_path)), version="2.11")
    came_of = airflow2.run(text, {"steps.py": RETRIED_STEPS}, {"folder": str(tmp_path)})
    got = {name: (came_of.states[name], came_of.attempts[name]) for name in came_of.states}
    assert got == {name: said_by(name) for name in came_of.states}
    assert came_of.values["success_3"] == 3


POD_FAILS = """
def execute(self, context):
    raise FAILURE

KubernetesPodOperator.execute = execute
"""


@pytest.mark.parametrize("task", ['image("busybox:1")', 'python("steps:f")'])
@pytest.mark.parametrize(
    ("failure", "attempts"), [("ExitCodeError(75)", 2), ("ExitCodeError(1)", 1), ("AirflowTaskTimeout()", 2)]
)
def test_retries_of_pods(task: str, failure: str, attempts: int, airflow2: Airflow2Home) -> None:
    options = 'image = "steps:1"  ' if task.startswith("python") else ""
    text = f'pipeline p {{ task work = {task} {{ {options}retry = {{ max: 1, on: [75, "timeout"] }} }} }}'
    generated = compile_text(text, version="2.11") + POD_FAILS.replace("FAILURE", failure)
    run = airflow2.run(generated)
    assert (run.states, run.attempts) == ({"work": "failed"}, {"work": attempts})


def test_to_leave_without_an_error_is_a_success(airflow2: Airflow2Home) -> None:
    """What the table says of python tasks."""
    run = airflow2.run(
        compile_text('pipeline p { task work -> int = python("steps:f") }', version="2.11"),
        {"steps.py": "import sys\ndef f(): sys.exit()\n"},
    )
    assert (run.states, run.values) == ({"work": "success"}, {})


# --- what is around a run ------------------------------------------------------------------------

OTHERS = """pipeline other {
  schedule = cron("30 0 * * *", timezone = "Europe/Berlin")
  task load = shell("true") { produces = ["s3://lake/v2"] }
  task bad = shell("false")
}
pipeline watching {
  wait seen = task("other.load") { poll = 60s  timeout = 1s  on_timeout = skip }
  wait bad = task("other.bad") { poll = 60s  timeout = 1s  on_timeout = skip }
  wait updated = asset("s3://lake/v2") { poll = 60s  timeout = 1s  on_timeout = skip }
}"""


def test_other_pipelines_and_datasets_are_waited_for(airflow2: Airflow2Home, tmp_path: Path) -> None:
    """The other runs at 0:30 on 2 March in Berlin."""
    loaded = pipec.load(tmp_path / "others.pipe", text=OTHERS)
    night = datetime.datetime(2026, 3, 1, 23, 30, tzinfo=UTC)
    airflow2.run(dag_file(loaded, "other", "2.11"), logical_date=night)
    found = {
        date: airflow2.run(dag_file(loaded, "watching", "2.11"), logical_date=date).states
        for date in (datetime.datetime(2026, 3, day, tzinfo=UTC) for day in (1, 2))
    }
    soon = datetime.datetime.now(UTC) + datetime.timedelta(hours=1)
    later = airflow2.run(dag_file(loaded, "watching", "2.11"), logical_date=soon).states
    assert [found[date]["seen"] for date in sorted(found)] == ["skipped", "success"]
    assert {states["bad"] for states in found.values()} == {"skipped"}
    assert ({states["updated"] for states in found.values()}, later["updated"]) == ({"success"}, "skipped")


ALERTS = """pipeline p {
  on failure, success = python("steps:tell")
  task first = python("steps:work") { on success = python("steps:tell") }
  task second after first = python("steps:fail") { retries = 1  on failure, retry = python("steps:tell") }
  task third after second = python("steps:work")
  task zero after second = python("steps:work") { trigger_rule = all_done }
}"""
ALERT_STEPS = """
import json, pathlib

def work(): pass
def fail(): raise ValueError("as planned")

def tell(**facts):
    with open(pathlib.Path(__file__).with_name("told.jsonl"), "a") as file:
        file.write(json.dumps(facts) + "\\n")
"""


def test_alerts(airflow2: Airflow2Home) -> None:
    airflow2.run(compile_text(ALERTS, version="2.11"), {"steps.py": ALERT_STEPS})
    told = [json.loads(line) for line in (airflow2.dags / "told.jsonl").read_text("utf-8").splitlines()]
    assert [(facts["event"], facts["task"], facts["message"]) for facts in told] == [
        ("success", "first", "task first succeeded"),
        ("retry", "second", "task second failed and is tried again: ValueError: as planned"),
        ("failure", "second", "task second failed: ValueError: as planned"),
        ("failure", None, "p failed: second"),
    ]
    assert {facts["url"].partition("manual__")[0] for facts in told} == {
        "http://localhost:8080/dags/p/grid?dag_run_id="
    }


def test_mail(airflow2: Airflow2Home, monkeypatch: pytest.MonkeyPatch) -> None:
    text = """pipeline p { task work = python("steps:fail") { on failure = email("ml@example.com") } }"""
    with mail_server(MailServer()) as mail:
        extra = {"from_email": "airflow@example.com", "disable_ssl": True, "disable_tls": True}
        connection = {"conn_type": "smtp", "host": "127.0.0.1", "port": mail.port, "extra": extra}
        monkeypatch.setenv("AIRFLOW_CONN_SMTP_DEFAULT", json.dumps(connection))
        airflow2.run(compile_text(text, version="2.11"), {"steps.py": ALERT_STEPS})
    (envelope,) = mail.envelopes
    assert envelope.rcpt_tos == ["ml@example.com"]


MASKED = """
import os
from airflow.utils.log.secrets_masker import redact

def masked(): return redact(os.environ["TOKEN"])
"""


def test_queries_and_secrets(airflow2: Airflow2Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "warehouse.db"
    monkeypatch.setenv("AIRFLOW_CONN_WAREHOUSE", json.dumps({"conn_type": "sqlite", "host": str(file)}))
    monkeypatch.setenv("AIRFLOW_VAR_TOKEN", "geheimnis")
    with sqlite3.connect(file) as connection:
        connection.execute("create table lots (name text, wafers int)")
    text = """pipeline p {
      task add = sql("insert into lots values ('a', 25)", conn = "warehouse")
      task count(least = 1) -> int after add
        = sql("select count(*) from lots where wafers > :least", conn = "warehouse")
      task told -> int = shell('echo ${#TOKEN} > "$PIPEC_OUTPUTS/output"') { env = { TOKEN: secret("token") } }
      task masked -> str = python("steps:masked") { env = { TOKEN: secret("token") } }
    }"""
    run = airflow2.run(compile_text(text, version="2.11"), {"steps.py": MASKED})
    assert set(run.states.values()) == {"success"}, run.log
    assert run.values == {"count": 1, "told": 9, "masked": "***"}
