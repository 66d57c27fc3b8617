"""Alerts that Airflow cannot give: those for tasks that are skipped before they begin, and deadlines of tasks."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipec.api import load
from pipec.compilation import check_target

WAIT = 'wait lots = file("/x/*.csv") { timeout = 1m  on_timeout = skip }'
TOLD = 'on skipped = slack("#a")'

SKIPS = {
    "nothing is ever skipped": (f'pipeline p {{ {TOLD}  task a = shell("true")  task b after a = shell("true") }}', ""),
    "a wait skips itself": (f"pipeline p {{ {TOLD}  {WAIT} }}", ""),
    "a wait skips what follows": (f'pipeline p {{ {TOLD}  {WAIT}  task a after lots = shell("true") }}', "task `a`"),
    "nobody is told of what follows": (
        f'pipeline p {{ {WAIT[:-1]} {TOLD} }}  task a after lots = shell("true") }}',
        "",
    ),
    "what follows makes up for a skip": (
        f'pipeline p {{ {TOLD}  {WAIT}  task a after lots = shell("true") {{ trigger_rule = all_done }} }}',
        "",
    ),
    "a branch": (
        'pipeline p { task x -> bool = python("m:x")  '
        f'if x {{ task a = shell("true") {{ {TOLD} }} }} else {{ task b = shell("true") }} }}',
        "task `a`",
    ),
    "a rule that may find nothing to do": (
        'pipeline p { task a = shell("true")  '
        f'task b after a = shell("true") {{ trigger_rule = one_failed  {TOLD} }} }}',
        "task `b`",
    ),
    "items of a map": (
        f'pipeline p {{ {TOLD}  task x -> list[int] = python("m:x")  '
        'map i in x { if i > 1 { task a(i) = python("m:a") } } }',
        "",
    ),
    "what follows a skipped item": (
        f'pipeline p {{ {TOLD}  task x -> list[int] = python("m:x")  '
        'map i in x { if i > 1 { task a(i) = python("m:a")  task b after a = shell("true") } } }',
        "task `b`",
    ),
    "a map over a list that may be missing": (
        f'pipeline p {{ {WAIT}  task x -> list[int] after lots = python("m:x")  '
        f'map i in x {{ task a(i) = python("m:a") {{ {TOLD} }} }} }}',
        "task `a`",
    ),
    "finally always runs": (
        f'pipeline p {{ {WAIT}  finally {{ task clean = shell("true") {{ {TOLD} }} }} }}',
        "",
    ),
}


def refusals(text: str, target: str = "airflow") -> list[tuple[str, str, str]]:
    """What is refused of alerts and deadlines: the message, who is meant, and the way out."""
    loaded = load(Path("test.pipe"), text=text)
    assert not loaded.diagnostics.found, [fault.message for fault in loaded.diagnostics.found]
    return [
        (found.message, found.label, found.help or "")
        for found in check_target(loaded, "p", target).found
        if "alert" in found.message or "deadline" in found.message
    ]


@pytest.mark.parametrize("case", SKIPS)
def test_skips(case: str) -> None:
    text, who = SKIPS[case]
    message = (
        "`airflow` cannot express alerts when a task is skipped because of others: "
        "Airflow calls nobody for a task that is skipped before it begins"
    )
    help = "send the message from a task after it with trigger_rule = all_skipped"
    assert refusals(text) == ([(message, who, help)] if who else [])
    assert refusals(text, "local") == []


def test_a_deadline_of_a_task() -> None:
    [(message, _, help)] = refusals('pipeline p { task a = shell("true") { deadline = 1h } }')
    assert message == "`airflow` cannot express deadline of a task: deadlines of Airflow are those of runs"
    assert help == "use the pipeline's deadline, or a timeout of the task"
