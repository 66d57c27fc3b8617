"""What files for Airflow 2.11 say otherwise than those for the newest version."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from pipec.backends.airflow.providers import TESTED, package_name
from pipec.backends.airflow.support import MARK, helper_names, support_for
from pipec.backends.airflow.versions import AIRFLOW_2_11, AIRFLOW_3_3, VERSIONS, version_named

from pipec.backend import load_backend
from tests.backends.airflow.compiling import compile_text
from tests.support.airflow2 import REQUIREMENTS

GOLDEN = Path(__file__).parent / "golden"


def pipeline(statements: str) -> str:
    return f"pipeline p {{\n{statements}\n}}"


WORK = 'task work = python("steps:f")'
RETRY = 'retry = { max: 1, on: ["ConnectionError", 75] }'

SAID = {
    "an asset": (
        f'schedule = asset("s3://lake/a")\n{WORK}',
        ["schedule=[Dataset(\"s3://lake/a\")]", "from airflow.datasets import Dataset\n"],
    ),
    "assets": (
        f'schedule = (asset("a") and asset("b")) or asset("c")\n{WORK}',
        ['schedule=(Dataset("a") & Dataset("b")) | Dataset("c")'],
    ),
    "a time or an asset": (
        f'schedule = cron("@daily") or asset("a")\n{WORK}',
        ["schedule=DatasetOrTimeSchedule(", 'datasets=Dataset("a")', 'CronTriggerTimetable("@daily", timezone="UTC")'],
    ),
    "the same time twice": (
        f'schedule = cron("@daily") or cron("@daily")\n{WORK}',
        ['schedule=CronTriggerTimetable("@daily", timezone="UTC")'],
    ),
    "what is produced": (
        'task work = python("steps:f") { produces = ["a"] }', ['@task(outlets=[Dataset("a")])']
    ),
    "no start of a schedule": (
        f'schedule = every(1h)\n{WORK}', ["start_date=datetime.datetime(2020, 1, 1, tzinfo=TIMEZONE)", "catchup=False"]
    ),
    "a start": (
        f'schedule = every(1h)\nstart = 2026-01-31\n{WORK}',
        ["start_date=datetime.datetime(2026, 1, 31, tzinfo=TIMEZONE)"],
    ),
    "backoff": (
        'task work = python("steps:f") { retry = { max: 3, delay: 10s, backoff: 2, max_delay: 1m } }',
        ["retry_exponential_backoff=True", "max_retry_delay=timedelta(minutes=1)"],
    ),
    "causes of retries": (
        f'task work = python("steps:f") {{ {RETRY} }}',
        ['@task(retries=1, retry_delay=timedelta(seconds=0))\n@retried_on("ConnectionError", 75)\ndef work():'],
    ),
    "causes of retries of a script": (
        'task work = shell("true") { timeout = 1m  retry = { max: 1, on: ["timeout"] } }',
        ['@retried_on("timeout")\ndef work():\n    run_program(["bash", "-c", "true"])'],
    ),
    "causes of retries of a query": (
        f'task work = sql("select 1", conn = "db") {{ {RETRY} }}', ['@retried_on("ConnectionError", 75)\ndef work():']
    ),
    "causes of retries in an image": (
        f'task work = image("busybox:1") {{ {RETRY} }}',
        ["RetriedPodOperator(", 'retried_on=["ConnectionError", 75]', "class PodOperator(KubernetesPodOperator):"],
    ),
    "causes of retries of a function in an image": (
        f'task work = python("steps:f") {{ image = "steps:1"  {RETRY} }}',
        ["RetriedPythonPodOperator(", 'retried_on=["ConnectionError", 75]'],
    ),
    "instances with causes": (
        f'for key in ["a", "b"] {{ task work(key) = python("steps:f") {{ {RETRY} }} }}',
        ['@retried_on("ConnectionError", 75)\ndef work(key):', 'work.override(task_id="work.a")(key="a")'],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", SAID)
def test_what_a_file_says(case: str) -> None:
    statements, expected = SAID[case]
    text = compile_text(pipeline(statements), version="2.11")
    assert [part for part in expected if part not in text] == []
    assert "airflow.sdk" not in text
    assert "retry_policy=" not in text


def test_what_is_started_by_hand_has_no_start() -> None:
    assert "start_date" not in compile_text(pipeline(WORK), version="2.11")


def test_the_golden_file(golden: Callable[[Path, str], None]) -> None:
    """The part above what is copied from pipec."""
    text = compile_text((GOLDEN / "training.pipe").read_text("utf-8"), "training.pipe", "2.11")
    golden(GOLDEN / "training.py.txt", text.partition(MARK)[0])


def test_the_providers_that_are_asked_for_are_those_that_were_tested() -> None:
    pins = REQUIREMENTS.read_text("utf-8").splitlines()
    missing = [package_name(name) for name, version in TESTED.items() if f"{package_name(name)}=={version}" not in pins]
    assert missing == []


def test_the_newest_is_the_default() -> None:
    text = pipeline(f'schedule = asset("a")\n{WORK}')
    assert compile_text(text) == compile_text(text, version="3.3") != compile_text(text, version="2.11")
    assert load_backend("airflow").versions == tuple(VERSIONS) == ("3.3", "2.11")
    assert version_named(None) is version_named("3.3") is AIRFLOW_3_3


def test_a_definition_of_the_version_takes_the_place_of_the_other() -> None:
    for name in ("run_url", "instance_states"):
        (newest,), (older,) = (
            [one.source for one in support_for({name}, version).late if one.name == name]
            for version in (AIRFLOW_3_3, AIRFLOW_2_11)
        )
        assert newest != older


def test_no_name_of_a_task_hides_one_of_the_version() -> None:
    assert {"Dataset", "DatasetOrTimeSchedule", "retried_on"} <= helper_names(AIRFLOW_2_11)
