"""What a test sees is what the engine does: random pipelines, with random outcomes given, played by both."""

from __future__ import annotations

import json
from collections.abc import Iterator
from random import Random

import pytest

from pipec.engine.states import State
from pipec.ir.model import Pipeline, Task
from pipec.testing import run_test
from pipec.testing.doubts import Doubts
from pipec.testing.facts import path_of
from pipec.testing.scene import Scene
from tests.differential.engine_play import play_engine
from tests.differential.generator import random_case
from tests.differential.plans import MOST_ITEMS, Ending, Plan, instance_id
from tests.differential.results import Result
from tests.testing.support import loaded

SEEDS = range(60)
OTHER: dict[State, str] = {"success": "failed", "failed": "success", "skipped": "success", "upstream_failed": "skipped"}


def given_plan(pipeline: Pipeline, values: Plan, random: Random) -> tuple[Plan, list[str]]:
    """Outcomes that a test can give, for the engine and as the language says them."""
    endings: dict[str, tuple[Ending, ...]] = {}
    lines = [f"given {name} = {json.dumps(value)}" for name, value in values.parameters.items()]
    for task in pipeline.tasks:
        for index in range(MOST_ITEMS) if task.map else (-1,):
            instance = instance_id(task.id, index)
            endings[instance], said = _outcome(task, random)
            lines += [f"given {instance}{said}"] if said else []
            if task.outputs and task.implementation.kind != "decision":
                lines.append(f"given {instance}{_output(task)} = {json.dumps(values.value(instance))}")
    return Plan(endings, values.values, values.parameters), lines


def _outcome(task: Task, random: Random) -> tuple[tuple[Ending, ...], str]:
    fails = random.random() < 0.3
    match task.implementation.kind:
        case "approval":
            return (("skip",), " is rejected") if fails else (("success",), " is approved")
        case "wait":
            return (("skip",), " is skipped") if fails else (("success",), "")
        case "python" | "shell":
            retry = task.options.retry
            failing: Ending = "busy" if retry is not None and retry.on else "error"
            if fails:
                return (failing,), " is failed"
            number = random.randint(0, retry.max if retry is not None else 0)
            return (*[failing] * number, "success"), f".attempts = {number + 1}" if number else ""
        case _:
            return ("success",), ""


def _output(task: Task) -> str:
    return "" if task.single_output else f".{task.outputs[0].name}"


def result_of(scene: Scene) -> Result:
    """What a test sees, in the form of the engine's own player."""
    states: dict[str, dict[int, str]] = {}
    attempts: dict[tuple[str, int], int] = {}
    for id, found in scene.played.run.tasks.items():
        path = path_of(found.task, id)
        assert path is not None
        key = (found.task.id, path[0] if path else -1)
        states.setdefault(found.task.id, {})[key[1]] = found.state
        if found.task.implementation.kind == "python" and found.state in ("success", "failed"):
            attempts[key] = scene.attempts(found)
    return Result(scene.played.run.state, states, attempts)


def expectations(expected: Result) -> Iterator[tuple[str, State]]:
    for task, instances in expected.states.items():
        for index, state in instances.items():
            yield instance_id(task, index), state  # type: ignore[misc]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_test_sees_what_the_engine_does(seed: int) -> None:
    random = Random(seed)
    case = random_case(seed)
    plan, givens = given_plan(case.pipeline, case.plan, random)
    expected = play_engine(case.pipeline, plan)
    wanted = [f"expect {instance} is {state}" for instance, state in expectations(expected)]
    wanted.append(f"expect run is {expected.verdict}")
    body = "\n  ".join([*givens, *wanted])
    instance, state = random.choice(list(expectations(expected)))
    wrong = f"expect {instance} is {OTHER[state]}"
    title = f'test "right" for random {{\n  {body}\n}}\ntest "wrong" for random {{\n  {body}\n  {wrong}\n}}\n'
    program = loaded(f"{case.text}\n{title}").program
    assert program is not None
    scenes: list[Scene] = []

    def keep(scene: Scene, doubts: Doubts) -> None:
        scenes.append(scene)

    right, flipped = (run_test(program, one, keep) for one in program.tests)
    assert result_of(scenes[0]) == expected
    assert [one.message for one in right.failures] == []
    assert len(flipped.failures) == 1
    assert flipped.failures[0].why


def test_the_same_test_says_the_same() -> None:
    case = random_case(7)
    _, givens = given_plan(case.pipeline, case.plan, Random(7))
    program = loaded(f'{case.text}\ntest "t" for random {{ {" ".join(givens)} expect run is failed }}').program
    assert program is not None
    assert run_test(program, program.tests[0]) == run_test(program, program.tests[0])
