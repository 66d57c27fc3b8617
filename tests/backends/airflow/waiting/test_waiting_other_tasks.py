"""Waits for tasks of other pipelines and for assets: what they are called, and runs of both pipelines."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import pytest
from pipec.backends.airflow.embedded_ids import named_task
from pipec.backends.airflow.waiting.other_tasks import OtherTask, other_task

from pipec.api import Loaded, load
from tests.conformance.both import dag_file
from tests.support.airflow import AirflowHome

UTC = datetime.UTC

NAMED = {
    "other.load": ("other", ["load"]),
    'other.train["rf"]': ("other", ["train.rf"]),
    'other.train["a b", 2]': ("other", ["train.a-20b.2"]),
    'other.grid[0.1, true, "]\\"\\n"]': ("other", ["grid.0-2e1.true.-5d-22-0a"]),
    "other.load[2026-01-31]": ("other", ["load.2026-2d01-2d31"]),
    'other.cost["$${x}"]': ("other", ["cost.-24-7bx-7d"]),
}


@pytest.mark.parametrize("text", NAMED)
def test_a_text_names_a_dag_and_a_task(text: str) -> None:
    assert named_task(text) == NAMED[text]


@pytest.mark.parametrize("text", ["", "load", "other.", "other.load[", "other.load[]", "Other.load", "a.b.c", "a.b\n"])
def test_a_text_that_names_no_task(text: str) -> None:
    with pytest.raises(ValueError, match="is no task: write"):
        named_task(text)


OTHER = """pipeline other {
  schedule = cron("0 2 * * *", timezone = "Europe/Berlin")
  for size in [512Mi, 1Gi] {
    task train(size) = python("steps:train")
  }
  for key in [4, "4"] {
    task grid(key) = python("steps:train")
  }
  task part = inner
}
pipeline inner {
  task load = shell("true")
}"""

KNOWN = {
    "other.train": ("train.536870912", "train.1073741824"),
    "other.train[1Gi]": ("train.1073741824",),
    "other.grid[4]": ("grid.4",),
    'other.grid["4"]': ("grid.-224-22",),
    "other.part": ("part",),
    "other.nobody": ("nobody",),
}


@pytest.mark.parametrize("text", KNOWN)
def test_a_pipeline_of_the_same_file_is_looked_into(text: str) -> None:
    program = loaded(OTHER).program
    assert program is not None
    assert other_task(text, program, "UTC") == OtherTask("other", KNOWN[text], "Europe/Berlin")


def test_of_another_pipeline_nothing_is_known_but_the_text() -> None:
    program = loaded(OTHER).program
    assert program is not None
    found = other_task('elsewhere.train["rf"]', program, "Asia/Tokyo")
    assert found == OtherTask("elsewhere", ("train.rf",), "Asia/Tokyo")


def loaded(text: str) -> Loaded:
    """A .pipe text without faults."""
    found = load(Path("test.pipe"), text=text)
    assert found.program is not None, [fault.message for fault in found.diagnostics.found]
    return found


# --- runs ----------------------------------------------------------------------------------------

NIGHT = datetime.datetime(2026, 3, 1, 23, 30, tzinfo=UTC)
"""2026-03-02 in Berlin."""

WATCHED = """pipeline %(other)s {
  schedule = cron("30 23 * * *")
  for model in ["rf", "gbm"] {
    task train(model) = python("steps:train")
  }
  task names() -> list[str] = python("steps:names")
  map name in names {
    task score(name) = python("steps:score")
  }
  task last = shell("exit 1")
}
pipeline watching(model: str = "rf") {
  wait both = task("%(other)s.train") { poll = 60s  timeout = 1s  on_timeout = skip }
  wait one = task('%(other)s.train["gbm"]') { poll = 60s  timeout = 1s  on_timeout = skip }
  wait mapped = task("%(other)s.score") { poll = 60s  timeout = 1s  on_timeout = skip }
  wait failed = task("%(other)s.last") { poll = 60s  timeout = 1s  on_timeout = skip }
  wait computed = task("%(other)s.train[\\"${model}\\"]") { poll = 60s  timeout = 1s  on_timeout = skip }
  wait no_name = task("%(other)s-${model}") { poll = 60s  timeout = 1s  on_timeout = skip }
}"""

STEPS = """
def train(model):
    pass

def names():
    return ["a", "b"]

def score(name):
    if name == "b":
        raise ValueError(name)
"""

SEEN = {"both": "success", "one": "success", "mapped": "skipped", "failed": "skipped", "computed": "success"}
UNSEEN = dict.fromkeys(SEEN, "skipped")

DATED = {"logical_date": NIGHT}
UNDATED = {"logical_date": None, "run_after": NIGHT}

RUNS: dict[str, tuple[dict[str, Any], dict[str, Any], dict[str, str]]] = {
    "the same logical date": (DATED, DATED, SEEN),
    "another time of the day": (DATED, {"logical_date": NIGHT.replace(hour=0)}, SEEN),
    "the day after": (DATED, {"logical_date": NIGHT + datetime.timedelta(hours=1)}, UNSEEN),
    "the day before": (DATED, {"logical_date": NIGHT - datetime.timedelta(days=1)}, UNSEEN),
    "neither has a logical date": (UNDATED, UNDATED, SEEN),
    "the other has no logical date": (UNDATED, DATED, SEEN),
    "the other had none the day before": (UNDATED, {"logical_date": NIGHT + datetime.timedelta(days=1)}, UNSEEN),
}


@pytest.mark.engine
@pytest.mark.parametrize("case", RUNS)
def test_a_task_is_there_when_it_succeeded_in_a_run_of_the_same_date(airflow: AirflowHome, case: str) -> None:
    first, second, states = RUNS[case]
    other = f"other_{list(RUNS).index(case)}"
    program = loaded(WATCHED % {"other": other})
    before = airflow.run(dag_file(program, other), {"steps.py": STEPS}, **first)
    assert (before.states["train.gbm"], before.states["score[1]"]) == ("success", "failed")
    assert airflow.run(dag_file(program, "watching"), **second).states == {**states, "no_name": "failed"}


@pytest.mark.engine
def test_another_date_is_one_in_the_time_zone_of_the_other_pipeline(airflow: AirflowHome) -> None:
    text = """pipeline berlin {
      schedule = cron("30 0 * * *", timezone = "Europe/Berlin")
      task load = shell("true")
    }
    pipeline watching {
      wait it = task("berlin.load") { poll = 60s  timeout = 1s  on_timeout = skip }
    }"""
    program = loaded(text)
    airflow.run(dag_file(program, "berlin"), logical_date=NIGHT)
    found = {
        day: airflow.run(dag_file(program, "watching"), logical_date=datetime.datetime(2026, 3, day, tzinfo=UTC)).states
        for day in (1, 2)
    }
    assert found == {1: {"it": "skipped"}, 2: {"it": "success"}}


# --- assets --------------------------------------------------------------------------------------

ASSETS = """pipeline making_%(number)s {
  task make = shell("true") { produces = ["s3://lake/lots_%(number)s"] }
}
pipeline taking(suffix: str = "%(number)s") {
  wait known = asset("s3://lake/lots_%(number)s") { poll = 60s  timeout = 1s  on_timeout = skip }
  wait computed = asset("s3://lake/lots_${suffix}") { poll = 60s  timeout = 1s  on_timeout = skip }
  wait other = asset("s3://lake/lots_%(number)s_x") { poll = 60s  timeout = 1s  on_timeout = skip }
}"""


@pytest.mark.engine
@pytest.mark.parametrize(
    ("number", "hours", "state"), [(1, -1, "success"), (2, 1, "skipped")], ids=["since", "not since"]
)
def test_an_asset_is_there_when_it_was_updated_since_the_interval_began(
    airflow: AirflowHome, number: int, hours: int, state: str
) -> None:
    program = loaded(ASSETS % {"number": number})
    airflow.run(dag_file(program, f"making_{number}"))
    moment = datetime.datetime.now(UTC) + datetime.timedelta(hours=hours)
    run = airflow.run(dag_file(program, "taking"), logical_date=moment)
    assert run.states == {"known": state, "computed": state, "other": "skipped"}
