"""What came of a run, in the same form for the engine and for Airflow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

States = Mapping[str, Mapping[int, str]]
"""The state of every instance by task id and index; the index of one that stands for itself is -1."""


@dataclass(frozen=True, slots=True)
class Result:
    """How a run ended. `attempts` counts those begun, of the instances with code of their own that ran at all."""

    verdict: str
    states: States
    attempts: Mapping[tuple[str, int], int]


def differences(engine: Result, airflow: Result) -> dict[str, str]:
    """By task id how the two differ; empty where they agree.

    One side may leave a task in a map unexpanded where the other has instances which are all in that same state.
    """
    found = {}
    for task in engine.states.keys() | airflow.states.keys():
        mine, theirs = engine.states.get(task, {}), airflow.states.get(task, {})
        if not _same(mine, theirs):
            found[task] = f"{task}: {_shown(mine)} in the engine, {_shown(theirs)} in Airflow"
            continue
        for instance in engine.attempts.keys() & airflow.attempts.keys():
            if instance[0] == task and engine.attempts[instance] != airflow.attempts[instance]:
                counts = f"{engine.attempts[instance]} in the engine, {airflow.attempts[instance]} in Airflow"
                found[task] = f"{task} {instance[1]}: attempts are {counts}"
    return found


def _same(mine: Mapping[int, str], theirs: Mapping[int, str]) -> bool:
    if -1 in mine or -1 in theirs:
        return set(mine.values()) == set(theirs.values())
    return mine == theirs


def _shown(states: Mapping[int, str]) -> str:
    if not states:
        return "missing"
    if set(states) == {-1}:
        return states[-1]
    return "[" + ", ".join(states[index] for index in sorted(states)) + "]"
