"""Waits in real Airflow: for paths, times, predicates and objects, and where the same can be had by `pipec run`."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipec.api import load
from tests.backends.airflow.compiling import compile_text
from tests.conformance.both import run_both
from tests.support.airflow import AirflowHome

pytestmark = pytest.mark.engine

STEPS = """
import pathlib

LOOKS = pathlib.Path(__file__).with_name("looks.txt")

def third_time(word):
    with LOOKS.open("a") as looks:
        looks.write(word)
    return LOOKS.read_text() == word * 3

def raises():
    raise LookupError("no such lot")

def skips():
    from airflow.sdk.exceptions import AirflowSkipException

    raise AirflowSkipException("never mind")

def says(text):
    return text
"""

IN_TIME = "poll = 1s  timeout = 60s"
OUT_OF_TIME = "poll = 60s  timeout = 1s"
SKIPPED = OUT_OF_TIME + "  on_timeout = skip"

BOTH: dict[str, tuple[str, str, str]] = {
    "a file": ('file("${folder}/*.csv")', IN_TIME, "success"),
    "a file further down": ('file("${folder}/**/deep.txt")', IN_TIME, "success"),
    "a folder": ('file("${folder}/a")', IN_TIME, "success"),
    "no file": ('file("${folder}/*.parquet")', OUT_OF_TIME, "failed"),
    "no file, which may be": ('file("${folder}/*.parquet")', SKIPPED, "skipped"),
    "a dangling link": ('file("${folder}/dangling")', SKIPPED, "skipped"),
    "a hidden file": ('file("${folder}/*.hidden")', SKIPPED, "skipped"),
    "no text": ('file("${empty}")', SKIPPED, "failed"),
    "a time that was": ("until(run.timestamp - 1h)", IN_TIME, "success"),
    "a time to come": ("until(run.timestamp + 2s)", IN_TIME, "success"),
    "a time too late": ("until(run.timestamp + 1h)", OUT_OF_TIME, "failed"),
    "a time too late, which may be": ("until(run.timestamp + 1h)", SKIPPED, "skipped"),
    "a predicate, in the end": ('python("steps:third_time", word = "x")', "poll = 500ms", "success"),
    "a predicate that never is": ('python("steps:says", text = false)', SKIPPED, "skipped"),
    "a predicate that raises": ('python("steps:raises")', IN_TIME + "  on_timeout = skip", "failed"),
    "a predicate that raises what Airflow knows": (
        'python("steps:skips")', IN_TIME + "  on_timeout = skip", "failed"
    ),
    "a predicate that says no truth value": (
        'python("steps:says", text = "true")', IN_TIME + "  on_timeout = skip", "failed"
    ),
    "an object": ('object("file://${folder}/*.csv")', IN_TIME, "success"),
    "an object that is not there": ('object("memory://nowhere/x")', SKIPPED, "skipped"),
    "an object of a store that nobody knows": ('object("nowhere://b/k")', SKIPPED, "failed"),
}  # fmt: skip


MAPPED = """pipeline inner(folder: str) {
  wait inside = file("${folder}/a") { poll = 1s  timeout = 60s }
}
pipeline waiting(folder: str) {
  task names() -> list[str] = python("steps:names")
  map name in names {
    wait each = file("${folder}/${name}") { poll = 1s  timeout = 1s  on_timeout = skip }
    task use(name) -> str after each = python("steps:use")
    wait told = python("steps:says", text = use == "lot.csv") { poll = 1s  timeout = 1s }
  }
  task part(folder) = inner
}"""


def stand_in(folder: Path) -> None:
    """What the waits of the table look at."""
    (folder / "a" / "b").mkdir(parents=True)
    for name in ("lot.csv", "a/b/deep.txt", ".hidden"):
        (folder / name).write_text("")
    (folder / "dangling").symlink_to(folder / "nowhere")


@pytest.mark.parametrize("case", BOTH)
def test_airflow_and_a_local_run_come_to_the_same(airflow: AirflowHome, tmp_path: Path, case: str) -> None:
    condition, options, state = BOTH[case]
    folder, source = tmp_path / "incoming", tmp_path / "source"
    for one in (folder, source):
        one.mkdir()
    stand_in(folder)
    (source / "steps.py").write_text(STEPS)
    text = f"""pipeline waiting(folder: str, empty: str = "") {{
      wait it = {condition} {{ {options} }}
      task after_it after it = shell("true")
      task anyway after it = shell("true") {{ trigger_rule = all_done }}
    }}"""
    loaded = load(source / "waiting.pipe", text=text)
    local, _ = run_both(loaded, "waiting", {"steps.py": STEPS}, airflow, tmp_path / "store", {"folder": str(folder)})
    assert local.tasks["it"].state == state


def test_waits_in_maps_and_in_pipelines_run_as_tasks(airflow: AirflowHome, tmp_path: Path) -> None:
    folder, source = tmp_path / "incoming", tmp_path / "source"
    for one in (folder, source):
        one.mkdir()
    stand_in(folder)
    steps = STEPS + 'def names():\n    return ["lot.csv", "none", "a"]\ndef use(name):\n    return name\n'
    (source / "steps.py").write_text(steps)
    loaded = load(source / "waiting.pipe", text=MAPPED)
    parameters = {"folder": str(folder)}
    _, remote = run_both(loaded, "waiting", {"steps.py": steps}, airflow, tmp_path / "store", parameters)
    assert [remote.states[f"each[{index}]"] for index in range(3)] == ["success", "skipped", "success"]
    assert [remote.states[f"told[{index}]"] for index in range(3)] == ["success", "skipped", "failed"]
    assert remote.states["part"] == "success"


def test_a_look_that_cannot_be_made_is_made_again(airflow: AirflowHome, tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    text = f"""pipeline waiting {{
      wait it = file("{tmp_path}/loop/*.csv") {{ {SKIPPED} }}
    }}"""
    run = airflow.run(compile_text(text))
    assert run.states == {"it": "skipped"}
    assert "Too many levels of symbolic links" in run.log


def test_a_relative_path_begins_beside_the_dag_file(airflow: AirflowHome) -> None:
    text = """pipeline waiting { wait it = file("lots/*.csv") { poll = 1s  timeout = 1s } }"""
    run = airflow.run(compile_text(text), {"lots.csv": ""})
    assert run.states == {"it": "failed"}
    text = """pipeline waiting { wait it = file("*ts.csv") { poll = 1s  timeout = 1s } }"""
    assert airflow.run(compile_text(text), {"lots.csv": ""}).states == {"it": "success"}


def test_a_wait_that_looks_seldom_gives_its_worker_back(airflow: AirflowHome, tmp_path: Path) -> None:
    """It does from 30 s on; here from 2 s on, and sits out the last second of its time."""
    text = """pipeline seldom(folder: str) {
      wait there = python("steps:third_time", word = "x") { poll = 2s }
      wait never = file("${folder}/*.parquet") { poll = 2s  timeout = 3s  on_timeout = skip }
      wait often = file("${folder}/*.parquet") { poll = 1s  timeout = 3s  on_timeout = skip }
      wait briefly = file("${folder}/*.parquet") { poll = 2s  timeout = 1s  on_timeout = skip }
    }"""
    source = compile_text(text)
    assert "rescheduled_from = timedelta(seconds=30)" in source
    source = source.replace("rescheduled_from = timedelta(seconds=30)", "rescheduled_from = timedelta(seconds=2)")
    run = airflow.run(source, {"steps.py": STEPS}, {"folder": str(tmp_path)})
    assert run.states == {"there": "success", "never": "skipped", "often": "skipped", "briefly": "skipped"}
    assert rescheduled("seldom") == {"there", "never"}


def rescheduled(dag_id: str) -> set[str]:
    """The tasks that gave their worker back between two looks."""
    from airflow.models.taskinstance import TaskInstance
    from airflow.models.taskreschedule import TaskReschedule
    from airflow.utils.session import create_session

    with create_session() as session:
        found = session.query(TaskInstance.task_id).join(TaskReschedule, TaskReschedule.ti_id == TaskInstance.id)
        return {name for (name,) in found.filter(TaskInstance.dag_id == dag_id)}
