"""Tasks for each item of a list that is known only in the run, and a pipeline as a task of another one."""

from __future__ import annotations

import pytest

from tests.production.scenario import Scenario
from tests.production.session import Production, most_at_once

pytestmark = pytest.mark.engine

SCORES = Scenario(
    """\
pipeline scores(lots: list[str]) {
  task find(lots) -> list[str] = python("scores_steps:find")
  map lot in find {
    task score(lot) -> int? = python("scores_steps:score")
    task describe(lot, score = score ?? 0) -> str = python("scores_steps:describe")
  }
  task collect(scores = score[*], texts = describe[*]) -> json = python("scores_steps:collect")
}
""",
    """\
def find(lots):
    return lots


def score(lot):
    return None if lot == "empty" else len(lot)


def describe(lot, score):
    return f"{lot}: {score}"


def collect(scores, texts):
    return [scores, texts]
""",
    runs={"some": {"lots": ["a", "empty", "{{ ds }}"]}, "none": {"lots": []}},
)

ONE_BY_ONE = Scenario(
    """\
pipeline one_by_one {
  task find -> list[int] = python("one_by_one_steps:find")
  map lot in find {
    max_parallel = 1
    task work(lot) = python("one_by_one_steps:work")
  }
}
""",
    """\
import time


def find():
    return [1, 2, 3]


def work(lot):
    time.sleep(0.5)
""",
)

CLEANED_UP = Scenario(
    """\
pipeline clean(lot: str) -> { rows: int } {
  task scrub(lot) -> int = python("cleaned_up_steps:scrub")
  return { rows: scrub }
}

pipeline cleaned_up {
  task cleaned(lot = "four") = clean
  task count(rows = cleaned.rows) -> int = python("cleaned_up_steps:count")
}
""",
    "def scrub(lot):\n    return len(lot)\n\n\ndef count(rows):\n    return rows + 1\n",
)


def test_there_is_an_instance_for_each_item_and_what_they_give_keeps_its_place(production: Production) -> None:
    run = production.run(SCORES, "some").wait()
    assert run.state == "success"
    assert run.value("collect") == [[1, None, 8], ["a: 1", "empty: 0", "{{ ds }}: 8"]]


def test_an_empty_list_skips_the_tasks_inside(production: Production) -> None:
    run = production.run(SCORES, "none").wait()
    assert run.state == "success"
    states = run.states()
    assert states["find"] == "success"
    assert (states["score"], states["describe"], states["collect"]) == ("skipped", "skipped", "skipped")


def test_no_more_items_are_worked_on_at_once_than_allowed(production: Production) -> None:
    run = production.run(ONE_BY_ONE).wait()
    instances = [attempt for attempt in run.attempts() if attempt.task == "work"]
    assert [instance.state for instance in instances] == ["success"] * 3
    assert most_at_once(instances) == 1


def test_a_pipeline_as_a_task_gives_back_what_it_returns(production: Production) -> None:
    run = production.run(CLEANED_UP).wait()
    assert run.state == "success"
    assert run.value("count") == 5
