"""Generated files end the same in a real Airflow as `pipec run`: every state, attempt and output, and the verdict."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from pipec.ir.expressions import outputs_used
from pipec.ir.model import Pipeline, PipelineCall, Task
from tests.differential.file_cases import is_for_airflow, load_program, random_file_case, refusals
from tests.differential.file_comparison import compare_file, smallest
from tests.differential.file_generator import MAIN, RULES_IN_MAPS
from tests.differential.generator import RULES
from tests.support.airflow import AirflowHome

SEEDS = range(200)
REFUSED = (
    "a trigger rule that looks at other tasks of the same item",
    "a map whose list may be skipped while a task upstream of its tasks fails",
    "a task in a branch that may start before the decision",
)
"""What Airflow cannot do of what is written here."""


@pytest.mark.engine
@pytest.mark.parametrize("first", SEEDS[::10])
def test_generated_files_do_the_same_in_airflow(first: int, airflow: AirflowHome) -> None:
    for seed in range(first, first + 10):
        case = random_file_case(seed, is_for_airflow)
        assert not compare_file(case, airflow), f"seed {seed}: {case}"


@pytest.mark.engine
def test_few_programs_are_refused() -> None:
    """And those for no other reasons than what Airflow is known not to do."""
    refused = 0
    for seed in SEEDS[:100]:
        loaded = load_program(random_file_case(seed).text)
        assert loaded is not None
        messages = refusals(loaded)
        assert all(any(f"cannot express {reason}:" in message for reason in REFUSED) for message in messages), messages
        refused += bool(messages)
    assert refused <= 10


@pytest.mark.engine
def test_the_programs_hold_what_they_are_for() -> None:
    """Of every kind of thing enough, in programs that are the same every time."""
    found: Counter[str] = Counter()
    assert random_file_case(1) == random_file_case(1)
    for seed in SEEDS[:100]:
        loaded = load_program(random_file_case(seed, is_for_airflow).text)
        assert loaded is not None
        assert loaded.program is not None
        for pipeline in loaded.program.pipelines.values():
            found.update(set(_things(pipeline)))
    for thing in _EXPECTED:
        assert found[thing] >= 3, f"{thing}: {found[thing]}"


def test_shrinking_keeps_what_it_is_for() -> None:
    case = random_file_case(3, lambda loaded: "= one_failed" in loaded.sources["random.pipe"].text)
    small = smallest(case, lambda smaller: "= one_failed" in smaller.text)
    assert len(small.text.splitlines()) <= 6, small.text
    assert small.calm


_KINDS = ("python", "shell", "decision", "gate", "wait", "pipeline")
_OF_PIPELINES = ("map", "if in map", "if in if", "finally", "group", "for", "retry")
_EXPECTED = (
    "call in map",
    "list read",
    *(f"{kind} in {where}" for where in ("main", "part") for kind in (*_KINDS, *_OF_PIPELINES)),
    *(f"rule {rule}" for rule in RULES),
    *(f"rule {rule} in map" for rule in RULES_IN_MAPS),
)


def _things(pipeline: Pipeline) -> Iterator[str]:
    where = "main" if pipeline.name == MAIN else "part"
    if pipeline.maps:
        yield f"map in {where}"
    if pipeline.groups:
        yield f"group in {where}"
    for task in pipeline.tasks:
        yield f"rule {task.trigger_rule}" + (" in map" if task.map else "")
        yield f"{task.implementation.kind} in {where}"
        yield from (f"{thing} in {where}" for thing in _things_of(task))
        if task.map and isinstance(task.implementation, PipelineCall):
            yield "call in map"
        if any(read.mapped for given in task.inputs for read in outputs_used(given.value)):
            yield "list read"


def _things_of(task: Task) -> Iterator[str]:
    if task.map and task.branches:
        yield "if in map"
    if len(task.branches) > 1:
        yield "if in if"
    if task.is_finally:
        yield "finally"
    if task.keys:
        yield "for"
    if task.options.retry:
        yield "retry"
