"""Random pipelines end the same in the engine and in real Airflow: every task's state, attempts and the verdict."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest

from tests.differential.comparison import compare, is_certain, report
from tests.differential.engine_play import play_engine
from tests.differential.generator import MOST_TASKS, RULES, random_case
from tests.differential.results import differences
from tests.support.airflow import AirflowHome

SEEDS = range(300)
TESTED_SEEDS = range(10)
UNCERTAIN_SEEDS = range(5000, 5060)


@pytest.mark.engine
@pytest.mark.parametrize("first", SEEDS[::25])
def test_random_pipelines_are_the_same_in_airflow(first: int, airflow: AirflowHome) -> None:
    """Only pipelines in which no order of events and no known bug may make a difference: then there is none."""
    from tests.differential.airflow_play import play_scheduled

    for seed in range(first, first + 25):
        case = random_case(seed, is_certain)
        comparison = compare(case, play_scheduled, seed)
        assert not comparison.different, report(case, comparison)
        assert comparison.engine.verdict == comparison.airflow.verdict, report(case, comparison)


@pytest.mark.engine
@pytest.mark.parametrize("first", UNCERTAIN_SEEDS[::20])
def test_whatever_airflow_does_otherwise_is_known(first: int, airflow: AirflowHome) -> None:
    from tests.differential.airflow_play import play_scheduled

    for seed in range(first, first + 20):
        case = random_case(seed)
        comparison = compare(case, play_scheduled, seed)
        assert not comparison.wrong, report(case, comparison)


@pytest.mark.engine
@pytest.mark.parametrize("seed", TESTED_SEEDS)
def test_dag_test_agrees(seed: int, airflow: AirflowHome) -> None:
    """Airflow running the tasks' code itself ends as when a test ends the attempts."""
    from tests.differential.airflow_play import play_tested

    case = random_case(seed, is_certain)
    engine = play_engine(case.pipeline, case.plan)
    tested = play_tested(case.pipeline, case.plan, f"tested_{seed}")
    assert not differences(engine, tested), case.text
    assert engine.verdict == tested.verdict, case.text


def test_the_cases_hold_what_they_are_for() -> None:
    """Of every kind of thing enough, in cases that come out the same every time."""
    found: Counter[str] = Counter()
    assert random_case(1) == random_case(1)
    for seed in range(80):
        case = random_case(seed)
        assert len(case.pipeline.tasks) <= MOST_TASKS
        found.update({task.trigger_rule for task in case.pipeline.tasks})
        found.update({task.implementation.kind for task in case.pipeline.tasks})
        found["map"] += bool(case.pipeline.maps)
        found["if in map"] += any(task.map and task.branches for task in case.pipeline.tasks)
        found["if in if"] += any(len(task.branches) > 1 for task in case.pipeline.tasks)
        found["finally"] += any(task.is_finally for task in case.pipeline.tasks)
        found["group"] += bool(case.pipeline.groups)
        found["for"] += any(task.keys for task in case.pipeline.tasks)
        found["retry"] += any(task.options.retry for task in case.pipeline.tasks)
        result = play_engine(case.pipeline, case.plan)
        found.update({f"state {state}" for states in result.states.values() for state in states.values()})
        found[f"run {result.verdict}"] += 1
        found["instances"] += any(len(states) > 1 for states in result.states.values())
        found["attempts"] += any(count > 1 for count in result.attempts.values())
    kinds = {
        "python",
        "decision",
        "gate",
        "wait",
        "approval",
        "map",
        "if in map",
        "if in if",
        "finally",
        "group",
        "for",
    }
    states = {"state success", "state failed", "state skipped", "state upstream_failed", "run success", "run failed"}
    for thing in {*RULES, *kinds, *states, "retry", "instances", "attempts"}:
        assert found[thing] >= 3, f"{thing}: {found[thing]}"


@pytest.mark.parametrize("seed", range(6000, 6030))
def test_no_order_of_events_matters_in_the_engine(seed: int) -> None:
    case = random_case(seed)
    play_engine(case.pipeline, case.plan, orders=8 + Random(seed).randrange(4))
