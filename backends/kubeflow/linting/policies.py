"""Retries and caching."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from .document import Document

_SECONDS = re.compile(r"\d+(\.\d{1,9})?s")
_RETRY = ("maxRetryCount", "backoffDuration", "backoffFactor", "backoffMaxDuration")


def check(document: Document) -> Iterator[str]:
    """The faults in the policies of tasks."""
    for use in document.tasks():
        if "retryPolicy" in use.task:
            yield from _retry(use.task["retryPolicy"], f"{use.path}.retryPolicy")
        if "cachingOptions" in use.task:
            yield from _caching(use.task["cachingOptions"], f"{use.path}.cachingOptions")


def _retry(policy: dict[str, Any], path: str) -> Iterator[str]:
    for name, value in policy.items():
        wrong = None
        match name:
            case "maxRetryCount":
                wrong = None if _is_number(value) and value >= 0 and value == int(value) else "is no count of retries"
            case "backoffFactor":
                wrong = None if _is_number(value) and value > 0 else "is no factor"
            case "backoffDuration" | "backoffMaxDuration":
                wrong = None if isinstance(value, str) and _SECONDS.fullmatch(value) else 'is no duration, as "30s"'
            case _:
                wrong = f"is unknown; there are {', '.join(_RETRY)}"
        if wrong:
            yield f"{path}.{name}: {value!r} {wrong}"


def _caching(options: dict[str, Any], path: str) -> Iterator[str]:
    for name, value in options.items():
        expected = {"enableCache": bool, "cacheKey": str}.get(name)
        if expected is None:
            yield f"{path}.{name}: is unknown; there are enableCache, cacheKey"
        elif not isinstance(value, expected):
            yield f"{path}.{name}: {value!r} is wrong"
    if "cacheKey" in options and not options.get("enableCache"):
        yield f"{path}.cacheKey: has no effect without enableCache"


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
