"""A short part of the fuzzing, the same each time; `python -m tests.fuzz` goes on for as long as one likes."""

from __future__ import annotations

import random

import pytest

from pipec.diagnostics.model import Diagnostics
from pipec.syntax.parser import parse
from pipec.syntax.source import Source
from tests.fuzz.examining import SLOW, Finding, examine
from tests.fuzz.inputs import KINDS, random_input
from tests.fuzz.sentences import sentence

SEED = 2026


def findings(numbers: range) -> list[Finding]:
    return [one for number in numbers if (one := examine(number, random_input(SEED, number))) is not None]


def test_a_few_inputs_of_each_kind() -> None:
    assert findings(range(4 * len(KINDS))) == []


@pytest.mark.engine
def test_some_hundred_inputs() -> None:
    assert findings(range(1000, 1600)) == []


def test_inputs_are_told_by_their_numbers() -> None:
    assert [random_input(1, number) for number in range(16)] == [random_input(1, number) for number in range(16)]
    assert random_input(1, 0) != random_input(2, 0)


def test_most_sentences_have_no_fault_of_syntax() -> None:
    sound = 0
    for number in range(40):
        diagnostics = Diagnostics()
        parse(Source("any", sentence(random.Random(number))), diagnostics)
        sound += not diagnostics.has_errors
    assert sound > 10


def test_a_traceback_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: str, **__: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr("tests.fuzz.examining.load", broken)
    found = examine(7, "pipeline p { }")
    assert found is not None
    assert (found.number, found.what.splitlines()[-1]) == (7, "RuntimeError: broken")


def test_a_long_time_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    moments = iter([0.0, SLOW + 1])
    monkeypatch.setattr("tests.fuzz.examining.time.thread_time", lambda: next(moments))
    found = examine(7, "pipeline p { }")
    assert found is not None
    assert found.what == "took 3.0 s of CPU"
