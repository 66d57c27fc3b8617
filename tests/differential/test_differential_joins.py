"""Every join of up to three upstream tasks, or instances of one, in all states and by all rules, in real Airflow."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

import pytest

from tests.differential.engine_play import play_engine
from tests.differential.generator import RULES
from tests.differential.plans import Case, Ending, Plan, instance_id, load
from tests.differential.results import Result, differences
from tests.support.airflow import AirflowHome

LETTERS = "SFKU"
"""The states: success, failed, skipped, upstream_failed."""

STATES = {"S": "success", "F": "failed", "K": "skipped", "U": "upstream_failed"}

_CAUSE = 'task cause = python("steps:cause")'


def sets_of_states(most: int) -> Iterator[str]:
    """Every sequence of one to so many states: `S`, `SF`, `SFK`."""
    for size in range(1, most + 1):
        yield from map("".join, itertools.product(LETTERS, repeat=size))


@pytest.mark.engine
def test_joins_of_tasks(airflow: AirflowHome) -> None:
    joins = list(sets_of_states(3))
    lines = [_CAUSE, *_plain_tasks(3)]
    for rule, letters in itertools.product(RULES, joins):
        above = [f"{letter}{place}" for place, letter in enumerate(letters.lower())]
        lines.append(_join(f"{rule}_{letters.lower()}", above, rule))
    result = _result_of_both(_case(lines, _endings_of_tasks()))
    for letters in joins:
        for place, letter in enumerate(letters):
            assert result.states[f"{letter.lower()}{place}"] == {-1: STATES[letter]}


@pytest.mark.engine
def test_joins_of_instances(airflow: AirflowHome) -> None:
    """The same of the instances of one task in a map, in each mixture of states, and of two beside a plain task."""
    mixtures = [
        "".join(found) for size in (1, 2, 3) for found in itertools.combinations_with_replacement(LETTERS.lower(), size)
    ]
    lines, endings, values = [_CAUSE, *_plain_tasks(1)], _endings_of_tasks(), {}
    for mixture in mixtures:
        lines += _mapped_task(mixture)
        endings |= _endings_of_instances(mixture)
        values[f"list_{mixture}"] = [0] * len(mixture)
        for rule in RULES:
            lines.append(_join(f"{rule}_{mixture}", [f"mapped_{mixture}"], rule))
            for letter in LETTERS.lower() if len(mixture) == 2 else "":
                above = [f"mapped_{mixture}", f"{letter}0"]
                lines.append(_join(f"{rule}_{mixture}_{letter}", above, rule))
    result = _result_of_both(_case(lines, endings, values))
    for mixture in mixtures:
        expected = {index: STATES[letter] for index, letter in enumerate(mixture.upper())}
        assert result.states[f"mapped_{mixture}"] == expected


@pytest.mark.engine
@pytest.mark.parametrize("leaf", LETTERS)
@pytest.mark.parametrize("first", ["success", "error"])
@pytest.mark.parametrize("second", ["success", "error"])
def test_finally_and_the_verdict(leaf: str, first: Ending, second: Ending, airflow: AirflowHome) -> None:
    """Teardowns run whatever the work became; the verdict knows the leaves and every teardown."""
    lines = [_CAUSE, *_plain_tasks(1), f'task last after {leaf.lower()}0 = python("steps:f")']
    others = ", ".join(f"{letter}0" for letter in "sfku" if letter != leaf.lower())
    lines.append(f'task made_good after {others} = python("steps:f") {{ trigger_rule = all_done }}')
    lines += ["finally {", 'task clean = python("steps:f")', 'task tell after clean = python("steps:f")', "}"]
    endings: dict[str, tuple[Ending, ...]] = {"clean": (first,), "tell": (second,)}
    result = _result_of_both(_case(lines, endings | _endings_of_tasks()))
    failed = leaf in "FU" or "error" in (first, second)
    assert result.verdict == ("failed" if failed else "success")


# --- pipelines -----------------------------------------------------------------------------------


def _join(name: str, above: Sequence[str], rule: str) -> str:
    return f'task join_{name} after {", ".join(above)} = python("steps:f") {{ trigger_rule = {rule} }}'


def _mapped_task(name: str) -> list[str]:
    """A task in a map of its own, each instance of which may come to be in any state."""
    return [
        f'task list_{name} -> list[int] = python("steps:f")',
        f"map item_{name} in list_{name} {{",
        f'  task first_{name} = python("steps:f")',
        f'  wait pause_{name} = file("/x") {{ timeout = 1m  on_timeout = skip }}',
        f'  task mapped_{name} after first_{name}, pause_{name} = python("steps:f")',
        "}",
    ]


def _plain_tasks(count: int) -> list[str]:
    """`s0`, `f0`, `k0` and `u0` come to be in these states, and so on; as waits, since those could all be skipped."""
    lines = []
    for place in range(count):
        for letter in LETTERS.lower():
            after = " after cause" if letter == "u" else ""
            lines.append(f'wait {letter}{place}{after} = file("/x") {{ timeout = 1m  on_timeout = skip }}')
    return lines


def _endings_of_tasks() -> dict[str, tuple[Ending, ...]]:
    endings: dict[str, tuple[Ending, ...]] = {"cause": ("error",)}
    for place in range(3):
        endings |= {f"f{place}": ("error",), f"k{place}": ("skip",)}
    return endings


def _endings_of_instances(mixture: str) -> dict[str, tuple[Ending, ...]]:
    endings: dict[str, tuple[Ending, ...]] = {}
    for index, letter in enumerate(mixture):
        match letter:
            case "f":
                endings[f"mapped_{mixture}[{index}]"] = ("error",)
            case "k":
                endings[f"pause_{mixture}[{index}]"] = ("skip",)
            case "u":
                endings[f"first_{mixture}[{index}]"] = ("error",)
    return endings


def _case(
    lines: Sequence[str], endings: dict[str, tuple[Ending, ...]], values: dict[str, list[int]] | None = None
) -> Case:
    text = "\n".join(["pipeline joins {", *lines, "}"]) + "\n"
    pipeline = load(text)
    assert pipeline is not None, text
    return Case(text, pipeline, Plan(endings, values or {}))


def _result_of_both(case: Case) -> Result:
    """What the engine and Airflow agree on. Skips come last in Airflow, so that failure wins there too."""
    from tests.differential.airflow_play import Instance, play_in_order

    def skips_last(started: Sequence[Instance]) -> Sequence[Instance]:
        return [one for one in started if case.plan.ending(instance_id(*one), 1) != "skip"] or started

    engine = play_engine(case.pipeline, case.plan)
    airflow = play_in_order(case.pipeline, case.plan, skips_last)
    assert not differences(engine, airflow)
    assert engine.verdict == airflow.verdict
    return engine
