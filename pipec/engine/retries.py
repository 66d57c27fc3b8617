"""Which failures are tried again, and after how long."""

from __future__ import annotations

from pipec.engine.events import Failure
from pipec.ir.model import Retry


def is_retried(retry: Retry | None, failure: Failure, attempt: int) -> bool:
    """Whether another attempt follows the one numbered `attempt` (from 1), which failed like this."""
    if retry is None or attempt > retry.max or failure.kind not in ("error", "timeout"):
        return False
    return retry.on is None or any(_matches(condition, failure) for condition in retry.on)


def _matches(condition: str | int, failure: Failure) -> bool:
    if isinstance(condition, int):
        return failure.exit_code == condition
    if condition == "timeout":
        return failure.kind == "timeout"
    if "." in condition:
        return condition in failure.exceptions
    return any(name.rpartition(".")[2] == condition for name in failure.exceptions)


def retry_delay(retry: Retry, number: int) -> float:
    """Seconds to wait before retry `number` (from 1): `delay * backoff ** (number - 1)`, at most `max_delay`."""
    longest = float("inf") if retry.max_delay is None else retry.max_delay
    try:
        return min(retry.delay * retry.backoff ** (number - 1), longest)
    except OverflowError:
        return longest if retry.delay else 0.0
