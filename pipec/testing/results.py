"""What came of tests. A result says the same in every report: `full`, `json` and `junit`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from pipec.ir.base import Location
from pipec.ir.model import TestCase


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to say of a test, at a place: `message` in one line, `label` under the place, `why` a line a step.

    `places` are others that have a part in it, with what it has to do with them.
    """

    message: str
    location: Location
    label: str = ""
    why: tuple[str, ...] = ()
    help: str | None = None
    places: tuple[tuple[Location, str], ...] = ()


@dataclass(frozen=True, slots=True)
class TestResult:
    """`failures` are expectations that do not hold; without one the test passed."""

    case: TestCase
    failures: tuple[Finding, ...] = ()
    warnings: tuple[Finding, ...] = ()

    @property
    def state(self) -> Literal["passed", "failed"]:
        return "failed" if self.failures else "passed"


@dataclass(slots=True)
class Tally:
    """How many of them."""

    passed: int = 0
    failed: int = 0


def tally(results: Iterable[TestResult]) -> Tally:
    """Counts tests."""
    counted = Tally()
    for result in results:
        if result.failures:
            counted.failed += 1
        else:
            counted.passed += 1
    return counted
