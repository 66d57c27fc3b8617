"""That an optimised pipeline runs as it did: the same tasks end in the same states, whatever the order of events."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from random import Random

import pipec
from pipec.ir.model import Pipeline
from pipec.ir.printout import printout
from pipec.optimisation.optimiser import Optimiser
from pipec.optimisation.reasons import Reason
from tests.differential.engine_play import EnginePlay
from tests.differential.generator import random_case
from tests.engine.test_engine_properties import Scenario

Pass = Callable[[Pipeline], tuple[Pipeline, Iterable[Reason]]]


HERE = Path(__file__).parent / "golden"


def before_and_after(name: str, *pipelines: str) -> tuple[Path, str]:
    """The golden file of an optimisation and its text: pipelines of the source before and after it, and the reasons."""
    source = HERE / f"{name.replace('-', '_')}.pipe"
    loaded = pipec.load(source.name, text=source.read_text("utf-8"))
    assert loaded.program is not None
    optimiser = Optimiser({name}, explains=True)
    after = loaded.program
    for pipeline in pipelines:
        after = optimiser.program(after, pipeline)
    reasons = "".join(f"{reason.location.line}: {reason.message}\n" for reason in optimiser.reasons)
    text = f"--- before\n{printout(loaded.program)}\n--- after\n{printout(after)}\n--- why\n{reasons}"
    return source.with_suffix(".txt"), text


def runs_alike(scenario: Scenario, optimise: Pass, seeds: tuple[int, int], limit: int | None) -> None:
    """Plays a scenario before and after, each in an order of its own, and compares all that a run tells."""
    optimised = replace(scenario, pipeline=optimise(scenario.pipeline)[0])
    before, after = scenario.play(seeds[0]), optimised.play(seeds[1], limit)
    assert after.engine.states == before.engine.states
    assert after.finish == before.finish
    assert sorted(after.started) == sorted(before.started)
    for task in before.engine.states:
        assert after.engine.outputs(task) == before.engine.outputs(task)
        assert after.engine.attempts(task) == before.engine.attempts(task)


def random_text_runs_alike(seed: int, optimise: Pass) -> bool:
    """The same for a random pipeline of the language, whose tasks read values; whether anything was changed."""
    case = random_case(seed)
    optimised, _ = optimise(case.pipeline)
    before = EnginePlay(case.pipeline, case.plan, Random(seed)).run()
    for order in range(3):
        slots = order or None
        assert EnginePlay(optimised, case.plan, Random(seed + order), slots).run() == before, case.text
    return optimised != case.pipeline
