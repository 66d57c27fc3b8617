"""Renaming all tasks at random changes nothing but the names."""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random

import pytest

from tests.differential.engine_play import EnginePlay
from tests.differential.generator import random_case
from tests.differential.plans import Case, Plan, load

_NAME = re.compile(r"(?<![a-z0-9])(?:t|gate|wait|ask|group|choice|item|found)[0-9]+(?![a-z0-9])")


@pytest.mark.parametrize("seed", range(7000, 7040))
def test_names_mean_nothing(seed: int) -> None:
    """States, attempts, verdict and the order of starts are the same under other names."""
    case = random_case(seed)
    renamed, rename = _renamed(case, Random(seed))
    for slots in (None, 2):
        before = EnginePlay(case.pipeline, case.plan, Random(seed), slots)
        after = EnginePlay(renamed.pipeline, renamed.plan, Random(seed), slots)
        old, new = before.run(), after.run()
        assert {rename(task): states for task, states in old.states.items()} == new.states
        assert {(rename(task), index): count for (task, index), count in old.attempts.items()} == new.attempts
        assert old.verdict == new.verdict
        assert [rename(instance) for instance in before.started] == after.started


def _renamed(case: Case, random: Random) -> tuple[Case, Callable[[str], str]]:
    names = sorted(set(_NAME.findall(case.text)))
    letters = "abcdefghijklmnopqrstuvwxyz"
    new = {name: f"{random.choice(letters)}{random.choice(letters)}_{number}" for number, name in enumerate(names)}

    def rename(text: str) -> str:
        return _NAME.sub(lambda found: new[found[0]], text)

    plan = case.plan
    endings = {rename(instance): found for instance, found in plan.endings.items()}
    values = {rename(instance): value for instance, value in plan.values.items()}
    text = rename(case.text)
    assert text != case.text
    pipeline = load(text)
    assert pipeline is not None, text
    return Case(text, pipeline, Plan(endings, values, plan.parameters)), rename
