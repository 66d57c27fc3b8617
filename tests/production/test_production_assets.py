"""Pipelines that run because a task of another pipeline has updated an asset."""

from __future__ import annotations

import pytest

from tests.production.scenario import Scenario
from tests.production.session import Production

pytestmark = pytest.mark.engine

DAY = "def same(day):\n    return day\n"

WAITING = Scenario(  # the first to be asked for: what it waits for comes afterwards
    """\
pipeline waiting {
  wait loaded = task("lots.load") { poll = 1s  timeout = 5m }
  wait updated = asset("s3://lake/lots") { poll = 1s  timeout = 5m }
  task train after loaded, updated = shell('true')
}
"""
)

LOTS = Scenario(
    """\
pipeline lots(works: bool) {
  task load(works) = shell('test "$works" = true') { produces = ["s3://lake/lots"] }
  task label after load = shell('true') { produces = ["s3://lake/labels"] }
}
""",
    runs={"good": {"works": True}, "bad": {"works": False}},
)

FEATURES = Scenario(
    """\
pipeline features {
  schedule = asset("s3://lake/lots")
  task day(day = run.date) -> date = python("features_steps:same")
}
""",
    DAY,
    runs={},
)

LABELLED = Scenario(
    """\
pipeline labelled {
  schedule = asset("s3://lake/lots") and asset("s3://lake/labels")
  task train = shell('true')
}
""",
    runs={},
)

YEARLY = Scenario(
    """\
pipeline yearly {
  schedule = cron("0 0 1 1 *") or asset("s3://lake/labels")
  start    = 2126-01-01
  task train = shell('true')
}
""",
    runs={},
)


def test_an_update_runs_the_second_pipeline_with_a_date_of_its_own(production: Production) -> None:
    (run,) = production.wait_for_runs(FEATURES, 1)
    details = run.details()
    assert (run.state, details["run_type"]) == ("success", "asset_triggered")
    assert run.value("day") == details["run_after"][:10]


@pytest.mark.parametrize("scenario", [LABELLED, YEARLY], ids=["and", "or"])
def test_combined_schedules_run_when_all_or_any_of_them_came(production: Production, scenario: Scenario) -> None:
    (run,) = production.wait_for_runs(scenario, 1)
    assert (run.state, run.details()["run_type"]) == ("success", "asset_triggered")


def test_a_task_of_another_pipeline_and_an_asset_can_be_waited_for(production: Production) -> None:
    run = production.run(WAITING).wait()
    assert run.states() == {"loaded": "success", "updated": "success", "train": "success"}


def test_a_failed_task_has_updated_nothing(production: Production) -> None:
    assert production.run(LOTS, "bad").wait().state == "failed"
    production.wait_for_runs(FEATURES, 1)
    events = production.client.get("assets", "events", limit=100)["asset_events"]
    assert {event["source_run_id"] for event in events if event["source_dag_id"] == LOTS.name} == {"good"}
