"""A whole simulation: one scenario, or several compared, as `pipec simulate` and `pipec.simulate` give it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from pipec.engine.unknown import shown
from pipec.simulation.criticality import critical_chain
from pipec.simulation.simulated import SimulatedRun
from pipec.simulation.study import Findings, Scenario, TaskFindings, study
from pipec.simulation.what_if import changed

_MOST_RUNS, _FEWEST_RUNS = 1000, 30
_BUDGET = 120_000
"""Tasks that are played in all where nobody says how many runs: some seconds."""

Progress = Callable[[str, int, int], None]
"""Hears the name of the scenario, the number of runs done, and how many there will be."""


@dataclass(frozen=True, slots=True)
class Simulation:
    """What came of it. `compared` says what differs between the scenarios, None where there is one."""

    pipeline: str
    findings: tuple[Findings, ...]
    compared: Literal["slots", "what_if"] | None = None

    def to_json(self) -> dict[str, Any]:
        """As the published schema `simulate.schema.json` says."""
        first = self.findings[0]
        return {
            "pipeline": self.pipeline,
            "unit": first.unit,
            "seed": first.seed,
            "compared": self.compared,
            "scenarios": [_scenario(found) for found in self.findings],
        }


def simulation(
    scenario: Scenario,
    *,
    runs: int | None = None,
    seed: int = 0,
    slots: Sequence[int] = (),
    what_if: Sequence[str] = (),
    progress: Progress | None = None,
) -> Simulation:
    """Simulate a scenario; with several numbers of slots once for each, with changes also as each of them has it.

    Without `runs` as many as take some seconds, at most 1000. Raises NeverEndsError, WhatIfError.
    """
    base = scenario if not slots else _with_slots(scenario, slots[0])
    compared: Literal["slots", "what_if"] | None = None
    scenarios = [base]
    if len(slots) > 1:
        compared = "slots"
        scenarios = [base, *(_with_slots(scenario, count) for count in slots[1:])]
    elif what_if:
        compared = "what_if"
        scenarios += [changed(base, text) for text in what_if]
    first = study(base, runs=1, seed=seed)
    count = runs or _runs(first, len(scenarios))
    findings = []
    for one in scenarios:
        told = None if progress is None else (lambda done, name=one.name: progress(name, done, count))
        is_known = one is base and not first.is_random
        findings.append(first if is_known else study(one, runs=count, seed=seed, progress=told))
    return Simulation(scenario.pipeline.name, tuple(findings), compared)


def _with_slots(scenario: Scenario, count: int) -> Scenario:
    name = "1 slot" if count == 1 else f"{count} slots"
    return replace(scenario, name=name, capacity=replace(scenario.capacity, slots=count))


def _runs(first: Findings, scenarios: int) -> int:
    """How many runs of so many scenarios take some seconds, by the tasks that the first one had."""
    return min(_MOST_RUNS, max(_FEWEST_RUNS, _BUDGET // (max(len(first.typical.tasks), 1) * scenarios)))


# --- JSON ----------------------------------------------------------------------------------------


def _scenario(found: Findings) -> dict[str, Any]:
    capacity, usage, scenario = found.scenario.shared, found.usage, found.scenario
    assumed = found.assumed
    return {
        "name": scenario.name,
        "runs": found.runs,
        "random": found.is_random,
        "capacity": {
            "slots": capacity.slots,
            "cpu": capacity.cpu,
            "memory": capacity.memory,
            "gpu": capacity.gpu,
            "pools": dict(capacity.pools),
        },
        "makespan_s": found.makespan.to_json(),
        "success": found.success.to_json(),
        "deadline_s": scenario.pipeline.deadline,
        "deadline_missed": found.late.to_json() if found.late is not None else None,
        "work_s": _mean(usage.work, found),
        "queued_s": _mean(usage.queued, found),
        "utilisation": {name: round(share, 6) for name, share in usage.shares.items()},
        "peak_at_once": usage.peak,
        "failures": found.reasons,
        "tasks": [_task(name, task, found) for name, task in found.tasks.items()],
        "typical_run": _run(found.typical),
        "assumed": {
            "decisions_either_way": list(assumed.decisions),
            "maps_of_unknown_length": dict.fromkeys(assumed.maps, scenario.assumptions.unknown_items),
            "requirements_hold": list(assumed.requirements),
            "approved_at_once": list(assumed.approvals),
            "waits_over_at_once": list(assumed.waits),
            "without_estimate": list(assumed.without_estimate),
            "task_overhead_s": scenario.assumptions.task_overhead,
        },
    }


def _task(name: str, task: TaskFindings, found: Findings) -> dict[str, Any]:
    return {
        "id": name,
        "critical": _mean(task.critical, found),
        "failed": _mean(task.failed, found),
        "skipped": _mean(task.skipped, found),
        "deadline_missed": _mean(task.late, found),
        "busy_s": _mean(task.busy, found),
        "queued_s": _mean(task.queued, found),
    }


def _mean(total: float, found: Findings) -> float:
    """Of all runs, one's share."""
    return round(total / found.runs, 6)


def _run(run: SimulatedRun) -> dict[str, Any]:
    return {
        "makespan_s": round(run.makespan, 6),
        "state": run.state,
        "critical_chain": critical_chain(run),
        "tasks": [
            {
                "id": id,
                "task": task.task.id,
                "state": task.state,
                "started_s": _rounded(task.started),
                "ended_s": _rounded(task.ended),
                "outputs": shown(task.outputs),
                "attempts": [
                    {
                        "ready_s": _rounded(attempt.ready),
                        "started_s": _rounded(attempt.started),
                        "ended_s": _rounded(attempt.ended),
                        "error": attempt.failure.message if attempt.failure is not None else None,
                    }
                    for attempt in task.attempts
                ],
            }
            for id, task in run.tasks.items()
        ],
    }


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 6)
