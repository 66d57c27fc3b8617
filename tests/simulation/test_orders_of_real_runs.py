"""Runs on this machine played again in virtual time: with what they really did, tasks start in the same order."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

import pipec
from pipec.analysis.critical_path import remaining_times
from pipec.api import Loaded
from pipec.engine.capacity import Capacity
from pipec.engine.events import Failure, RunContext
from pipec.ir.model import ApprovalRequest, PipelineCall, Task
from pipec.simulation.driver import simulate
from pipec.simulation.outcomes import Outcome
from pipec.simulation.simulated import SimulatedRun
from tests.examples.test_examples_plan import CACHED, CONTAINERS, EXAMPLES, NAMES, SEVERAL

_LOCAL = "pipec.backends.local"
Observer: Any = import_module(f"{_LOCAL}.observer").Observer

RUN_HERE = [name for name in NAMES if name not in (*CONTAINERS, *CACHED, *SEVERAL)]

_APART = 1e-7
"""Seconds between things that a run noticed at once, one after the other."""


@dataclass
class Log(Observer):  # type: ignore[misc]
    """When attempts started and ended, the moments of one turn of the run kept apart in their order."""

    starts: list[str] = field(default_factory=list)
    begun: dict[tuple[str, int], float] = field(default_factory=dict)
    over: dict[tuple[str, int], float] = field(default_factory=dict)

    def changed(self, update: Any) -> None:
        attempt = (update.task, update.attempt)
        if update.state == "running":
            self.starts.append(update.task)
            self.begun[attempt] = update.at.timestamp() + len(self.over) * _APART
        elif attempt in self.begun:
            self.over[attempt] = update.at.timestamp() + (len(self.over) + 1) * _APART


@dataclass
class Recorded:
    """The outcomes of a run: each attempt takes as long as it took, and ends as it ended."""

    record: Any
    log: Log

    def __call__(self, task: Task, instance: str, attempt: int, inputs: Mapping[str, Any]) -> Outcome:
        kept = self.record.tasks[instance]
        [found] = [one for one in kept.attempts if one.attempt == attempt]
        seconds = self.log.over[instance, attempt] - self.log.begun[instance, attempt]
        if found.state == "failed":
            return Outcome(seconds, Failure(found.failure["kind"], found.failure["message"]))
        return Outcome(seconds, True if isinstance(task.implementation, ApprovalRequest) else kept.outputs)


def both(
    loaded: Loaded, key: str, parameters: Mapping[str, Any], slots: int, store: Path
) -> tuple[Any, Log, SimulatedRun]:
    """The record of a real run and who saw it, and the same in virtual time."""
    assert loaded.program is not None
    log = Log()
    capacity = Capacity(slots=slots)
    result = import_module(f"{_LOCAL}.runner").run(
        loaded.program,
        key,
        file=loaded.path,
        parameters=parameters,
        date=datetime(2026, 1, 31, 2, tzinfo=UTC),
        options=import_module(f"{_LOCAL}.options").RunOptions(capacity=capacity, approve_all=True),
        observer=log,
        store_folder=store,
    )
    with closing(import_module(f"{_LOCAL}.store.store").RunStore.open_existing(store)) as opened:
        record = opened.run(result.run_id)
    pipeline = loaded.program.pipelines[key]
    again = simulate(
        pipeline,
        loaded.program.pipelines,
        record.parameters,
        RunContext(**record.context),
        Recorded(record, log),
        capacity=capacity,
        priorities=remaining_times(pipeline),
    )
    return record, log, again


def code(starts: list[str], run: SimulatedRun) -> list[str]:
    """Those of the starts that are no pipelines run as tasks, which have no outcome of their own."""
    return [id for id in starts if not isinstance(run.tasks[id].task.implementation, PipelineCall)]


@pytest.mark.engine
@pytest.mark.parametrize("name", RUN_HERE)
def test_examples_on_one_slot(name: str, tmp_path: Path) -> None:
    loaded = pipec.load(EXAMPLES / name / "pipeline.pipe")
    known = {parameter.name for parameter in loaded.pipeline(name).parameters}
    given = {"workdir": str(tmp_path / "data")} if "workdir" in known else {}
    record, log, again = both(loaded, name, given, 1, tmp_path / "store")
    assert again.state == record.status
    assert again.starts == code(log.starts, again)
    kept = {id: kept.state for id, kept in record.tasks.items() if kept.mapped is None}
    assert {id: task.state for id, task in again.tasks.items()} == kept


SLEEPS = """
pipeline p {
  task a = shell("sleep 0.3")
  task b = shell("sleep 0.9")
  task c after a = shell("sleep 0.3")
  task d after a = shell("sleep 1.2") { priority = 5 }
  task e after b, c = shell("sleep 0.3")
  task f = shell("sleep 0.6")
}
"""


@pytest.mark.engine
@pytest.mark.parametrize("slots", [2, 3])
def test_several_slots(slots: int, tmp_path: Path) -> None:
    loaded = pipec.load(tmp_path / "p.pipe", text=SLEEPS)
    _, log, again = both(loaded, "p", {}, slots, tmp_path / "store")
    assert again.starts == code(log.starts, again)
    assert again.makespan == pytest.approx(max(log.over.values()) - min(log.begun.values()))
