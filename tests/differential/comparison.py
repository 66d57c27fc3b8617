"""Compares what becomes of a case in the engine and in Airflow."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Protocol

from pipec.ir.model import Pipeline
from tests.differential.engine_play import play_engine
from tests.differential.known import hazards, unexplained
from tests.differential.plans import Case, Plan, instance_id
from tests.differential.results import Result, differences


class AirflowPlay(Protocol):
    """Plays a case in Airflow, ends of attempts in a random order."""

    def __call__(self, pipeline: Pipeline, plan: Plan, random: Random) -> Result: ...


@dataclass(frozen=True, slots=True)
class Comparison:
    """Both results, how they differ by task, and the tasks among them for which there is no explanation.

    `wrong` says what is wrong; empty where nothing is.
    """

    engine: Result
    airflow: Result
    different: dict[str, str]
    wrong: tuple[str, ...]


def is_certain(case: Case) -> bool:
    """Whether Airflow must do the same in every order of events."""
    return not hazards(case, play_engine(case.pipeline, case.plan, orders=1))


def compare(case: Case, play_airflow: AirflowPlay, seed: int) -> Comparison:
    """Play a case in both. Raises AssertionError where one of them gives no result."""
    engine = play_engine(case.pipeline, case.plan)
    airflow = play_airflow(case.pipeline, case.plan, Random(seed))
    different = differences(engine, airflow)
    left = unexplained(case, engine, different)
    wrong = [different[task] for task in sorted(left)]
    if engine.verdict != airflow.verdict and not different:
        wrong.append(f"the run is a {engine.verdict} in the engine, a {airflow.verdict} in Airflow")
    return Comparison(engine, airflow, different, tuple(wrong))


def report(case: Case, comparison: Comparison) -> str:
    """A comparison for people: the text, what the tasks did, and every difference."""
    lines = [case.text, f"parameters: {dict(case.plan.parameters)}"]
    for task, states in comparison.engine.states.items():
        for index in sorted(states):
            instance = instance_id(task, index)
            endings = ", ".join(case.plan.endings.get(instance, ("success",)))
            lines.append(f"{instance}: meant {endings} with {case.plan.value(instance)}, is {states[index]}")
    lines += [f"different: {found}" for found in comparison.different.values()]
    lines.append(f"the run is a {comparison.engine.verdict} in the engine, a {comparison.airflow.verdict} in Airflow")
    return "\n".join(lines)
