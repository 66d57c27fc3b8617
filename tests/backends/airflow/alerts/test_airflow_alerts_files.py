"""Alerts in the text of generated files, and the names that copied code goes by."""

from __future__ import annotations

import ast
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pipec.backends.airflow.alerts import dag_arguments, task_arguments
from pipec.backends.airflow.layout import Call, lay_out
from pipec.backends.airflow.support import _MODULES

from pipec.ir.base import Location
from pipec.ir.model import Alert, Pipeline, Retry, ShellScript, Task
from tests.backends.airflow.compiling import compile_text

PLACE = Location(file="p.pipe", start=0, end=1, line=1, column=1, end_line=1, end_column=2)


def alert(by: Any, events: tuple[Any, ...] = ("failure",), **arguments: Any) -> Alert:
    return Alert(events=events, channel=by, arguments=arguments, location=PLACE)


def task(*alerts: Alert, **changes: Any) -> Task:
    given = Task(id="a", name="a", implementation=ShellScript(text="true"), alerts=alerts, location=PLACE)
    return given.model_copy(update=changes)


def source(arguments: Any) -> str:
    """Arguments as they stand in a file."""
    return str(lay_out(Call("f", tuple(arguments)), 0))


CHANNELS = {
    "slack": (alert("slack", channel="#ml"), "SlackAlert('failure', channel='#ml')"),
    "email": (
        alert("email", to=["a@example.com"], subject="x"),
        "EmailAlert('failure', to=['a@example.com'], subject='x')",
    ),
    "pagerduty": (
        alert("pagerduty", service="ml", severity="info"),
        "PagerdutyAlert('failure', service='ml', severity='info')",
    ),
    "webhook": (alert("webhook", url="https://x.org"), "WebhookAlert('failure', url='https://x.org')"),
    "webhook with secrets": (
        alert("webhook", url={"kind": "secret", "name": "a"}, headers={"X": {"kind": "secret", "name": "b"}, "Y": "c"}),
        "WebhookAlert('failure', url={'variable': 'a'}, headers={'X': {'variable': 'b'}, 'Y': 'c'})",
    ),
    "python": (alert("python", function="a.b:c"), "PythonAlert('failure', module='a.b', function='c')"),
}


@pytest.mark.parametrize("case", CHANNELS)
def test_channels(case: str) -> None:
    given, expected = CHANNELS[case]
    assert source(task_arguments(task(given))).replace('"', "'") == f"f(on_failure_callback=[{expected}])"


SLACK = alert("slack", ("failure", "success", "retry", "skipped"), channel="#a")

EVENTS: dict[str, tuple[Task, set[str]]] = {
    "no retries": (task(SLACK), {"on_failure_callback", "on_success_callback"}),
    "retries": (
        task(SLACK).model_copy(update={"options": task().options.model_copy(update={"retry": Retry(max=1)})}),
        {"on_failure_callback", "on_success_callback", "on_retry_callback"},
    ),
    "in a map": (task(SLACK, map="m"), {"on_failure_callback", "on_success_callback", "on_skipped_callback"}),
    "no alerts": (task(), set()),
}


@pytest.mark.parametrize("case", EVENTS)
def test_only_callbacks_that_may_be_called(case: str) -> None:
    given, expected = EVENTS[case]
    assert {name for name, _ in task_arguments(given)} == expected


def test_a_run_has_its_own_events() -> None:
    pipeline = Pipeline(name="p", alerts=(SLACK,), location=PLACE)
    assert [name for name, _ in dag_arguments(pipeline)] == ["on_failure_callback", "on_success_callback"]


@settings(max_examples=60)
@given(text=st.text(min_size=1))
def test_any_text_stays_text(text: str) -> None:
    """No text of an alert changes the structure of a file."""
    given = [
        alert("slack", channel=text),
        alert("email", to=[text], subject=text),
        alert("pagerduty", service=text, severity=text),
        alert("webhook", url=text, headers={text: text}),
        alert("webhook", url={"kind": "secret", "name": text}),
    ]
    tree = ast.parse(source(task_arguments(task(*given, keys=("x",), id=text))))
    texts = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}
    assert texts == {"failure", "variable", text}
    assert {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} == {
        "f", "SlackAlert", "EmailAlert", "PagerdutyAlert", "WebhookAlert",
    }  # fmt: skip


def test_only_the_channels_used_are_copied() -> None:
    text = compile_text('pipeline p { on failure = slack("#a")  task a = shell("true") }')
    assert "class SlackAlert(Alert):" in text
    assert [name for name in ("EmailAlert", "smtp", "pagerduty", "urllib.request", "http.client") if name in text] == []


def test_a_name_means_the_same_in_all_modules_that_are_copied_from() -> None:
    meanings: dict[str, set[str]] = {}
    for module in _MODULES:
        found = find_spec(module)
        assert found is not None
        assert found.origin is not None
        for node in ast.parse(Path(found.origin).read_text("utf-8")).body:
            match node:
                case ast.Import(names=names):
                    for name in names:
                        meanings.setdefault(name.name, set()).add(f"import {name.name}")
                case ast.ImportFrom(module=str(origin), names=names, level=0) if not origin.startswith(("pipec", "__")):
                    for name in names:
                        meanings.setdefault(name.name, set()).add(f"from {origin} import {name.name}")
                case ast.FunctionDef(name=defined) | ast.ClassDef(name=defined):
                    meanings.setdefault(defined, set()).add(f"{defined} of {module}")
    assert {name: sorted(known) for name, known in meanings.items() if len(known) > 1} == {}
