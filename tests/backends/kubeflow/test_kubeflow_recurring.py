"""What is sent to a server, and how a recurring run that is there already goes on."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pipec.backends.kubeflow.recurring import from_now_on, is_same
from pipec.backends.kubeflow.submitting import submission_of

from pipec.api import load
from pipec.backend import OutputFile
from pipec.submission import SubmitError, SubmitRequest
from tests.backends.kubeflow.scheduler import due_times

NOW = datetime(2026, 3, 10, 12, 34, 56, tzinfo=UTC)


@pytest.mark.parametrize(
    ("trigger", "expected"),
    [
        ({"cron_schedule": {"cron": "0 0 2 * * *"}}, {"cron_schedule": {"cron": "0 0 2 * * *"}}),
        (
            {"cron_schedule": {"cron": "0 0 2 * * *", "start_time": "2026-01-01T00:00:00Z"}},
            {"cron_schedule": {"cron": "0 0 2 * * *"}},
        ),
        (
            {"cron_schedule": {"cron": "0 0 2 * * *", "start_time": "2026-05-01T00:00:00Z"}},
            {"cron_schedule": {"cron": "0 0 2 * * *", "start_time": "2026-05-01T00:00:00Z"}},
        ),
        (
            {"periodic_schedule": {"interval_second": 3600, "start_time": "2026-01-01T00:30:00Z"}},
            {"periodic_schedule": {"interval_second": 3600, "start_time": "2026-03-10T12:30:00Z"}},
        ),
        ({"periodic_schedule": {"interval_second": 3600}}, {"periodic_schedule": {"interval_second": 3600}}),
    ],
)
def test_a_start_in_the_past_moves_to_now(trigger: dict[str, Any], expected: dict[str, Any]) -> None:
    assert from_now_on(trigger, NOW) == expected


@given(st.integers(60, 200_000), st.integers(0, 10_000_000))
def test_an_interval_goes_on_counting_from_the_start(interval: int, seconds: int) -> None:
    """The runs of the new one are those that the old one would have started from now on."""
    start = NOW - timedelta(seconds=seconds)
    trigger = {"periodic_schedule": {"interval_second": interval, "start_time": f"{start:%Y-%m-%dT%H:%M:%SZ}"}}
    body = {"trigger": from_now_on(trigger, NOW), "no_catchup": False}
    (first, *_) = due_times(body, NOW, NOW + timedelta(seconds=interval))
    assert NOW < first <= NOW + timedelta(seconds=interval)
    assert (first - start) % timedelta(seconds=interval) == timedelta()


# --- the same again ------------------------------------------------------------------------------

BODY = {
    "display_name": "p",
    "mode": "ENABLE",
    "max_concurrency": 2,
    "no_catchup": True,
    "trigger": {"cron_schedule": {"cron": "0 0 2 * * *", "end_time": "2026-12-31T23:59:59Z"}},
    "runtime_config": {"parameters": {"region": "eu"}},
}


class _Schedule(SimpleNamespace):
    def to_dict(self) -> dict[str, Any]:
        return vars(self)


def on_server(**changes: Any) -> SimpleNamespace:
    """A recurring run as the client gives it, with 64-bit integers as text and false left out."""
    trigger = {"cron": "0 0 2 * * *", "start_time": None, "end_time": datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC)}
    trigger |= changes.pop("trigger", {})
    fields: dict[str, Any] = {
        "description": None,
        "max_concurrency": "2",
        "no_catchup": True,
        "pipeline_version_reference": SimpleNamespace(pipeline_id="p1", pipeline_version_id="v1"),
        "runtime_config": SimpleNamespace(parameters={"region": "eu"}),
        **changes,
    }
    return SimpleNamespace(
        trigger=SimpleNamespace(cron_schedule=_Schedule(**trigger), periodic_schedule=None), **fields
    )


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, True),
        ({"trigger": {"start_time": NOW - timedelta(days=1)}}, True),
        ({"trigger": {"start_time": NOW + timedelta(days=1)}}, False),
        ({"trigger": {"end_time": None}}, False),
        ({"trigger": {"cron": "0 0 3 * * *"}}, False),
        ({"max_concurrency": "3"}, False),
        ({"no_catchup": None}, False),
        ({"description": "Trains."}, False),
        ({"runtime_config": None}, False),
        ({"pipeline_version_reference": None}, False),
        ({"pipeline_version_reference": SimpleNamespace(pipeline_id="p1", pipeline_version_id="v0")}, False),
    ],
)
def test_what_makes_a_recurring_run_another_one(changes: dict[str, Any], expected: bool) -> None:
    assert is_same(on_server(**changes), BODY, ("p1", "v1"), NOW) is expected


# --- what is sent --------------------------------------------------------------------------------

PIPELINE = """pipeline my_pipeline(
  day: date = run.date, limit: int = 7, share: float = 0.5, note: str? = null,
  names: list[str] = [], numbers: list[int] = [], wait: duration = 1m
) {
  task work = shell("true")
}
"""


def request(name: str = "my_pipeline", **changes: Any) -> SubmitRequest:
    program = load(Path("test.pipe"), text=PIPELINE.replace("my_pipeline", name)).program
    assert program is not None
    body = {**BODY, "trigger": {"cron_schedule": {"cron": "0 0 2 * * *", "start_time": "2026-01-01T00:00:00Z"}}}
    files = (OutputFile("p.yaml", "text"), OutputFile("p_recurring_run.json", json.dumps(body), is_side=True))
    return SubmitRequest(**{"pipeline": program.pipelines[name], "files": files, "values": {}, **changes})


def test_names_come_from_the_pipeline_its_content_and_the_time() -> None:
    sent = submission_of(request(), NOW)
    assert (sent.pipeline, sent.version) == ("my-pipeline", "my-pipeline-982d9e3eb996")
    assert sent.run_name == "my-pipeline 2026-03-10 12:34:56"
    assert submission_of(request(run_name="mine"), NOW).run_name == "mine"
    assert len(submission_of(request("p" * 127), NOW).version) == 127


def test_values_are_given_as_kubeflow_carries_them() -> None:
    values = {"day": "2026-01-01", "limit": 9, "share": 2.0, "note": "a", "names": ["x"], "wait": 90}
    sent = submission_of(request(values=values), NOW)
    assert sent.parameters == {**values, "note": '"a"'}
    assert sent.shown["run"]["runtime_config"]["parameters"] == sent.parameters


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"limit": 2**53 + 1}, "`limit` cannot be given: 9007199254740993 has more digits"),
        ({"limit": 10**400}, "`limit` cannot be given: 1000"),
        ({"numbers": [1, -(2**60) - 1]}, "`numbers` cannot be given: -1152921504606846977 has more digits"),
        ({"names": ["a", "[[Index]]"]}, "`names` holds a macro of Kubeflow"),
        ({"note": "{{$.json_escape[1]}}"}, "`note` holds a macro of Kubeflow"),
    ],
)
def test_values_that_would_arrive_changed_are_refused(values: dict[str, Any], message: str) -> None:
    with pytest.raises(SubmitError, match=message.replace("[", r"\[")) as error:
        submission_of(request(values=values), NOW)
    assert error.value.is_usage


def test_without_catchup_a_recurring_run_starts_no_sooner_than_now() -> None:
    sent = submission_of(request(recurring=True, values={"limit": 9}, run_name="mine"), NOW)
    assert sent.recurring == {
        **BODY,
        "display_name": "mine",
        "trigger": {"cron_schedule": {"cron": "0 0 2 * * *"}},
        "runtime_config": {"parameters": {"region": "eu", "limit": 9}},
    }
    assert sent.shown == {"pipeline": sent.pipeline, "version": sent.version, "recurring_run": sent.recurring}
