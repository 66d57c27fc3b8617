"""Runs tests: plays each, holds what it expects against the run, and notes what of its pipeline it reached."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from pipec.ir.model import Program, TestCase
from pipec.testing.doubts import Doubts
from pipec.testing.facts import GivenError
from pipec.testing.judging import failures, warnings
from pipec.testing.playing import play
from pipec.testing.results import Finding, TestResult
from pipec.testing.scene import Scene

Watch = Callable[[Scene, Doubts], None]
"""Is shown each run that was played."""


def run_test(program: Program, case: TestCase, watch: Watch | None = None) -> TestResult:
    """What comes of one test of a program."""
    try:
        played = play(program, case)
    except GivenError as error:
        message = f"what is given has no value: {error}"
        return TestResult(case, (Finding(message, error.given.location),))
    scene = Scene(played)
    doubts = Doubts(scene)
    if watch is not None:
        watch(scene, doubts)
    return TestResult(case, tuple(failures(scene, doubts)), tuple(warnings(scene, doubts)))


def run_tests(
    program: Program, cases: Iterable[TestCase] | None = None, watch: Watch | None = None
) -> Iterator[TestResult]:
    """What comes of tests of a program, by default of all, one after the other."""
    for case in program.tests if cases is None else cases:
        yield run_test(program, case, watch)
