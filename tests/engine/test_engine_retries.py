"""Which failures are tried again, and after how long."""

from __future__ import annotations

import pytest

from pipec.engine.events import Failure, FailureKind
from pipec.engine.retries import is_retried, retry_delay
from pipec.ir.model import Retry


@pytest.mark.parametrize(
    ("retry", "delays"),
    [
        (Retry(max=3), [0, 0, 0]),
        (Retry(max=3, delay=30), [30, 30, 30]),
        (Retry(max=4, delay=30, backoff=2), [30, 60, 120, 240]),
        (Retry(max=5, delay=30, backoff=2, max_delay=100), [30, 60, 100, 100, 100]),
        (Retry(max=2, delay=30, max_delay=10), [10, 10]),
        (Retry(max=3, delay=8, backoff=0.5), [8, 4, 2]),
        (Retry(max=3, delay=0.2, backoff=1.5), [0.2, 0.2 * 1.5, 0.2 * 1.5**2]),
    ],
)
def test_delays(retry: Retry, delays: list[float]) -> None:
    assert [retry_delay(retry, number) for number in range(1, len(delays) + 1)] == delays


def test_a_delay_beyond_all_numbers_is_the_longest() -> None:
    assert retry_delay(Retry(delay=1, backoff=10, max_delay=600), 1000) == 600
    assert retry_delay(Retry(delay=0, backoff=10), 1000) == 0


ConnectionReset = Failure(
    "error", "", ("builtins.ConnectionResetError", "builtins.ConnectionError", "builtins.OSError", "builtins.Exception")
)
Busy = Failure("error", "", ("my.pkg.Busy", "builtins.Exception"))
Status75 = Failure("error", "", exit_code=75)
Timeout = Failure("timeout", "")


@pytest.mark.parametrize(
    ("on", "failure", "retried"),
    [
        (None, ConnectionReset, True),
        (None, Status75, True),
        (None, Timeout, True),
        (("ConnectionResetError",), ConnectionReset, True),
        (("ConnectionError",), ConnectionReset, True),
        (("builtins.ConnectionError",), ConnectionReset, True),
        (("TimeoutError",), ConnectionReset, False),
        (("my.pkg.Busy",), Busy, True),
        (("Busy",), Busy, True),
        (("pkg.Busy",), Busy, False),
        (("other.Busy",), Busy, False),
        ((75,), Status75, True),
        ((1, 75), Status75, True),
        ((1,), Status75, False),
        (("ConnectionError",), Status75, False),
        ((75,), Busy, False),
        (("timeout",), Timeout, True),
        (("timeout",), Busy, False),
        (("ConnectionError", 75), Timeout, False),
        ((), Busy, False),
    ],
)
def test_conditions(on: tuple[str | int, ...] | None, failure: Failure, retried: bool) -> None:
    assert is_retried(Retry(max=1, on=on), failure, attempt=1) is retried


@pytest.mark.parametrize(
    ("kind", "retried"),
    [
        ("error", True),
        ("timeout", True),
        ("requirement", False),
        ("input", False),
        ("output", False),
        ("cancelled", False),
    ],
)
def test_kinds(kind: FailureKind, retried: bool) -> None:
    assert is_retried(Retry(max=1), Failure(kind, ""), attempt=1) is retried


def test_number_of_attempts() -> None:
    assert [is_retried(Retry(max=2), Busy, attempt) for attempt in (1, 2, 3)] == [True, True, False]
    assert not is_retried(Retry(), Busy, attempt=1)
    assert not is_retried(None, Busy, attempt=1)
