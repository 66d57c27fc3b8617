"""Attempts of a task inside its container: for retries that look at the failure, or tasks that know their attempt.

Each attempt is a process of its own that runs this same program, and says in the file $PIPEC_FAILURE why it failed.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from typing import Any

from pipec.engine.retries import is_retried, retry_delay
from pipec.runtime.process import run_process

ATTEMPT = "PIPEC_ATTEMPT"
FAILURE = "PIPEC_FAILURE"


class Fields:
    """Named values, as `pipec.engine.retries` looks at them."""

    def __init__(self, **fields: Any) -> None:
        self.__dict__.update(fields)


def is_first(asked: dict[str, Any]) -> bool:
    """Whether this process is the one that makes attempts, rather than one of them."""
    return "retry" in asked and ATTEMPT not in os.environ


def try_again_and_again(asked: dict[str, Any]) -> int:
    """Attempts until one succeeds or none may follow; the exit status."""
    retry: Any = Fields(**asked["retry"])
    number = 1
    while True:
        status, failure = attempt(number, asked["timeout"])
        if failure is None or not is_retried(retry, failure, number):
            return status
        print(f"attempt {number} failed; the next one is in {retry_delay(retry, number):g} s", flush=True)
        time.sleep(retry_delay(retry, number))
        number += 1


def attempt(number: int, timeout: float | None) -> tuple[int, Any]:
    """One attempt: its exit status, and why it failed."""
    with tempfile.TemporaryDirectory(prefix="pipec-") as folder:
        told = os.path.join(folder, "failure")
        environment = {**os.environ, ATTEMPT: str(number), FAILURE: told}
        command = [sys.executable, *sys.orig_argv[1:]]
        try:
            status = run_process(command, environment=environment, working_dir=None, log=None, timeout=timeout)
        except TimeoutError as error:
            print(error, file=sys.stderr, flush=True)
            return 1, Fields(kind="timeout", exceptions=(), exit_code=None)
        if status == 0:
            return 0, None
        code = status if status > 0 else 128 - status
        if not os.path.exists(told):
            return code, Fields(kind="error", exceptions=(), exit_code=code)
        with open(told, encoding="utf-8") as file:
            return code, Fields(**json.load(file))


def tell(kind: str, exceptions: list[str], exit_code: int | None) -> None:
    """Say why this attempt failed, where anybody asks."""
    if FAILURE in os.environ:
        with open(os.environ[FAILURE], "w", encoding="utf-8") as file:
            json.dump({"kind": kind, "exceptions": exceptions, "exit_code": exit_code}, file)
