"""Changes that are tried without writing them: what each does to the tasks, and what means nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from pipec.engine.capacity import Capacity
from pipec.ir.model import Estimate, Options
from pipec.simulation.assumptions import Assumptions
from pipec.simulation.errors import WhatIfError
from pipec.simulation.scenarios import scenario_of
from pipec.simulation.study import Scenario
from pipec.simulation.what_if import changed, read_estimate
from tests.engine.driver import program

TEXT = """
pipeline inner { task deep = python("s:deep") }
pipeline p {
  task a = python("s:a") { retry = { max: 1, delay: 10s }  resources = { cpu: 1, gpu: 1 } }
  for k in ["x", "y"] { task b = python("s:b") }
  task c = inner
}
"""


def scenario() -> Scenario:
    moment = datetime(2026, 1, 2, tzinfo=UTC)
    return scenario_of(
        program(TEXT), "p", parameters={}, moment=moment, capacity=Capacity(slots=4), assumptions=Assumptions()
    )


def options(found: Scenario) -> dict[str, Options]:
    tasks = [task for one in (found.pipeline, *found.pipelines.values()) for task in one.tasks]
    return {task.id: task.options for task in tasks}


@pytest.mark.parametrize(
    ("change", "task", "path", "value"),
    [
        ("a.estimate = 2h", "a", "estimate", Estimate(min=7200, likely=7200, max=7200)),
        ("a.estimate={min: 1s, likely: 2s, max: 4s}", "a", "estimate", Estimate(min=1, likely=2, max=4)),
        ("a.failure_rate = 0.25", "a", "failure_rate", 0.25),
        ("a.retries = 3", "a", "retry.max", 3),
        ("a.retry.max = 3", "a", "retry.delay", 10.0),
        ("b.retry.max = 3", 'b["y"]', "retry.max", 3),
        ("a.retry.delay = 1m", "a", "retry.delay", 60.0),
        ("a.retry.backoff = 2", "a", "retry.backoff", 2.0),
        ("a.timeout = 1h", "a", "timeout", 3600.0),
        ("a.priority = 5", "a", "priority", 5),
        ("a.resources.cpu = 2.5", "a", "resources.cpu", 2.5),
        ("a.resources.cpu = 2", "a", "resources.gpu", 1),
        ("a.resources.memory = 2Gi", "a", "resources.memory", 2 * 2**30),
        ("b.resources.gpu = 1", 'b["x"]', "resources.gpu", 1),
        ('b["x"].timeout = 1h', 'b["y"]', "timeout", None),
        ("deep.estimate = 1m", "deep", "estimate", Estimate(min=60, likely=60, max=60)),
    ],
)
def test_options(change: str, task: str, path: str, value: object) -> None:
    found: Any = options(changed(scenario(), change))[task]
    for name in path.split("."):
        found = getattr(found, name)
    assert found == value


def test_several_at_once() -> None:
    found = changed(scenario(), "slots = 2;  concurrency = 3 ; a.retries = 0")
    assert (found.capacity.slots, found.pipeline.concurrency, found.shared.slots) == (2, 3, 2)
    assert found.name == "slots = 2; concurrency = 3 ; a.retries = 0"


def test_what_is_written_stays() -> None:
    before = scenario()
    changed(before, "a.timeout = 1h; slots = 1")
    assert options(before)["a"].timeout is None
    assert before.capacity.slots == 4


@pytest.mark.parametrize(
    "change",
    [
        *("", "a", "a.timeout", "a.timeout =", "= 2", "x.timeout = 1h", "a.nothing = 1", "slots = 1.5", "slots = -1"),
        *("a.timeout = soon", "a.retries = 1.5", "a.resources.memory = much", "a.estimate = {min: 1s, likely: 2s}"),
    ],
)
def test_what_means_nothing(change: str) -> None:
    with pytest.raises(WhatIfError):
        changed(scenario(), change)


@pytest.mark.parametrize(
    "text",
    [
        *("", "later", "-1s", "{}", "{min: 1s}", "{min 1s}"),
        *("{min: 3s, likely: 2s, max: 4s}", "{min: 1s, likely: 2s, most: 4s}"),
    ],
)
def test_no_estimate(text: str) -> None:
    assert read_estimate(text) is None
