"""What an alert says, and the call of a callback."""

from __future__ import annotations

import pytest
from pipec.backends.local.alerts.deliver import callback_task
from pipec.backends.local.alerts.notice import Notice

from pipec.engine.events import RunContext, SendAlert
from pipec.ir.model import Alert, PythonFunction
from pipec.runtime.notices import AlertError
from tests.backends.local.alerts.notices import NOTICE, notice, refusal


@pytest.mark.parametrize(
    ("event", "task", "subject"),
    [
        ("failure", "train", "wafer_yield: train failed"),
        ("failure", None, "wafer_yield failed"),
        ("success", None, "wafer_yield succeeded"),
        ("retry", "score[3]", "wafer_yield: score[3] is tried again"),
        ("skipped", "a", "wafer_yield: a was skipped"),
        ("deadline", None, "wafer_yield missed its deadline"),
        ("failure", "a\r\nb\x00\u2028c", "wafer_yield: a b c failed"),
    ],
)
def test_subjects(event: str, task: str | None, subject: str) -> None:
    assert notice(event=event, task=task).subject == subject


def test_texts_stay_short_and_sound() -> None:
    sent = notice(message="x" * 100_000 + "\udc80", url="", task="t" * 1000)
    assert len(sent.text) < 5000
    assert len(sent.subject) == 200
    assert notice(message="a\udc80").text.encode().splitlines()[1] == b"a?"


def test_a_notice_of_a_command() -> None:
    context = RunContext("r1", "p", "2026-01-01", "", "", "", url="https://x")
    alert = Alert(events=("failure",), channel="slack", arguments={"channel": "#a"}, location=NOTICE.location)
    made = Notice.of(SendAlert(alert, "failure", "t", "why"), context, started_at=1.0, at=2.0)
    assert made == Notice(
        "slack", {"channel": "#a"}, "failure", "p", "r1", "t", "why", "https://x", 1.0, 2.0, NOTICE.location
    )


def test_a_callback_is_a_task() -> None:
    sent = notice("python", {"function": "alerts.ours:tell"}, task=None)
    task = callback_task(sent)
    assert task.implementation == PythonFunction(module="alerts.ours", function="tell")
    assert task.id == "run.on_failure"
    assert {one.name: str(one.type) for one in task.inputs} == {
        "event": "str",
        "pipeline": "str",
        "run_id": "str",
        "task": "str?",
        "message": "str",
        "url": "str",
    }
    assert sent.facts == {
        "event": "failure",
        "pipeline": "wafer_yield",
        "run_id": "20260101T020000-1a2b",
        "task": None,
        "message": "exit code 1",
        "url": "file:///data/.pipec/runs/20260101T020000-1a2b",
    }


def test_a_callback_that_names_no_function() -> None:
    with pytest.raises(AlertError, match="no_colon does not name a Python function"):
        callback_task(notice("python", {"function": "no_colon"}))


def test_a_fault_in_a_channel_is_said_without_its_text() -> None:
    assert refusal(notice("slack", {}), {"PIPEC_SLACK_TOKEN": "xoxb-secret-token"}) == "slack: KeyError in the delivery"
    assert refusal(notice("pigeon", {}), {}) == "pigeon is no channel"
