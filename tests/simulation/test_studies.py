"""Many runs: what is counted of them, what they have in common, and what is assumed."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import pipec
from pipec.engine.capacity import Capacity
from pipec.simulation.errors import NamingError, NeverEndsError
from pipec.simulation.study import Findings

MOMENT = datetime(2026, 1, 2, tzinfo=UTC)


def found(text: str, folder: Path, **options: Any) -> tuple[Findings, ...]:
    """The findings of the last pipeline of a text."""
    loaded = pipec.load(folder / "test.pipe", text=text)
    assert loaded.program is not None, [one.message for one in loaded.diagnostics.sorted()]
    return pipec.simulate(loaded, pipeline=loaded.program.own[-1], date=MOMENT, **options).findings


CALLED = """
pipeline inner(x: float) -> float {
  task first(x) -> float = python("s:first") { estimate = 10s }
  task second(first) -> float = python("s:second") { estimate = 20s }
  return second
}
pipeline outer {
  task start -> float = python("s:start") { estimate = 5s }
  task called(x = start) = inner
  task end(called) = python("s:end") { estimate = 1s }
}
"""


def test_tasks_of_called_pipelines(tmp_path: Path) -> None:
    [one] = found(CALLED, tmp_path)
    assert one.makespan.p50 == 36
    assert {name: task.busy for name, task in one.tasks.items() if task.critical} == {
        "start": 5,
        "called/first": 10,
        "called/second": 20,
        "end": 1,
    }
    assert [one.makespan.p50 for one in found(CALLED, tmp_path, what_if=["second.estimate = 1m"])] == [36, 76]


def test_what_is_in_use(tmp_path: Path) -> None:
    text = """
    pipeline p {
      task a = python("s:a") { estimate = 10s  pool = "db"  resources = { cpu: 2, memory: 1Gi } }
      task b = python("s:b") { estimate = 30s  resources = { cpu: 1 } }
    }
    """
    capacity = Capacity(slots=4, cpu=4, memory=2 * 2**30, gpu=1, pools={"db": 1})
    [one] = found(text, tmp_path, capacity=capacity)
    assert one.makespan.p50 == 30
    assert (one.usage.work, one.usage.peak, one.usage.queued) == (40, 2, 0)
    assert one.usage.shares == pytest.approx(
        {"slots": 40 / 120, "cpu": 50 / 120, "memory": 10 / 60, "gpu": 0, "pool db": 10 / 30}
    )


SPREAD = """
pipeline p {
  for k in [1, 2, 3, 4] {
    task work = python("s:work") { estimate = { min: 10s, likely: 20s, max: 60s }  failure_rate = 0.2  retries = 1 }
  }
}
"""


def test_what_is_compared_draws_the_same(tmp_path: Path) -> None:
    """So more slots are never worse for independent tasks, and a change of nothing changes nothing."""
    several = found(SPREAD, tmp_path, slots=[1, 2, 3, 4], runs=50)
    medians = [one.makespan.p50 for one in several]
    assert medians == sorted(medians, reverse=True)
    assert {one.success.count for one in several} == {several[0].success.count}
    assert several[0].usage.work == pytest.approx(several[3].usage.work)
    same = found(SPREAD, tmp_path, what_if=["work.priority = 3"], runs=50)
    assert same[0].makespan == same[1].makespan


def test_failures_are_as_frequent_as_they_say(tmp_path: Path) -> None:
    text = "pipeline p { task a = python('s:a') { estimate = 10s  failure_rate = 0.3  retry = { max: 1, on: ON } } }"
    shares = {}
    for on in ("[1]", '["timeout"]', '["ValueError"]'):
        [one] = found(text.replace("ON", on), tmp_path, runs=600)
        shares[on] = one.success.share
    assert shares["[1]"] == pytest.approx(1 - 0.3**2, abs=0.05)
    assert shares['["ValueError"]'] == shares["[1]"]
    assert shares['["timeout"]'] == pytest.approx(0.7, abs=0.06)


DECIDED = """
pipeline p(threshold: float = 0.9, fast: bool = true) {
  task train -> float = python("s:train") { estimate = 10s }
  if train > threshold as good { task ship = python("s:ship") { estimate = 100s } }
  if fast as quick { task skim = python("s:skim") }
}
"""


def test_a_decision_goes_either_way(tmp_path: Path) -> None:
    [one] = found(DECIDED, tmp_path, runs=400)
    assert one.tasks["ship"].skipped / 400 == pytest.approx(0.5, abs=0.08)
    assert one.tasks["skim"].skipped == 0
    assert list(one.assumed.decisions) == ["good"]


@pytest.mark.parametrize(
    ("given", "makespan"), [({"good": True}, 110), ({"good": False}, 10), ({"train": 0.95}, 110), ({"train": 0.5}, 10)]
)
def test_a_decision_that_is_given(given: dict[str, Any], makespan: float, tmp_path: Path) -> None:
    [one] = found(DECIDED, tmp_path, given=given)
    assert (one.is_random, one.runs, one.makespan.p50) == (False, 1, makespan)


def test_a_decision_that_is_given_goes_before_what_it_reads(tmp_path: Path) -> None:
    [one] = found(DECIDED, tmp_path, given={"good": False, "quick": False})
    assert one.tasks["skim"].skipped == 1


MAPPED = """
pipeline p {
  task find -> list[str] = python("s:find") { estimate = 1s }
  map x in find {
    task score(x) -> float = python("s:score") { estimate = 10s }
    if score > 0.5 as good { approval check  task keep after check = python("s:keep") { estimate = 100s } }
  }
}
"""


def test_instances_have_their_own(tmp_path: Path) -> None:
    given = {"score[0]": 0.1, "score[1]": 0.9, "score": 0.4}
    [one] = found(MAPPED, tmp_path, given=given, items={"x": 3}, delays={"check[1]": "50s", "check": "1s"})
    assert {id: task.state for id, task in one.typical.tasks.items() if id.startswith("keep")} == {
        "keep[0]": "skipped",
        "keep[1]": "success",
        "keep[2]": "skipped",
    }
    assert one.makespan.p50 == 1 + 10 + 50 + 100


def test_what_comes_up_in_any_run_is_assumed(tmp_path: Path) -> None:
    """Only about half of the runs ask for the approval."""
    [one] = found(MAPPED, tmp_path, runs=20)
    assert list(one.assumed.approvals) == ["check"]


def test_a_number_of_items_that_is_not_used_is_told(tmp_path: Path) -> None:
    from pipec.simulation.text import simulation_text

    text = 'pipeline p { map x in ["a", "b"] { task score(x) = python("s:score") } }'
    loaded = pipec.load(tmp_path / "test.pipe", text=text)
    told = simulation_text(pipec.simulate(loaded, items={"x": 7}))
    assert "makespan   1 task\n" in told
    assert "map_score: the number of items that is given is not used" in told


def test_outputs_of_called_pipelines_are_those_of_their_tasks(tmp_path: Path) -> None:
    with pytest.raises(NamingError, match="`called` runs a pipeline"):
        found(CALLED, tmp_path, given={"called": 1.0})
    assert found(CALLED, tmp_path, given={"called/second": 1.0})[0].typical.tasks["called"].outputs == {"output": 1.0}


def test_what_never_ends(tmp_path: Path) -> None:
    text = "pipeline p { wait lots = file('/data/lots')  task a after lots = python('s:a') }"
    with pytest.raises(NeverEndsError, match="lots is never answered and has no timeout"):
        found(text, tmp_path, delays={"lots": "never"})
