"""Telling people: one notice by the channel it names."""

from __future__ import annotations

import threading
from collections.abc import Mapping

from pipec.ir.expressions import LiteralValue
from pipec.ir.model import Input, Options, PythonFunction, Task
from pipec.ir.types import STR, optional
from pipec.runtime.notices import AlertError
from pipec.semantics.references import function_reference

from .notice import Notice

TIMEOUT = 10.0
"""Seconds a delivery may take in all."""


def deliver(notice: Notice, environment: Mapping[str, str], timeout: float = TIMEOUT) -> None:
    """Tell people; blocks until it is done, at most `timeout` seconds. Settings come from the environment.

    Raises AlertError. The channel `python` is not delivered here: see `callback_task`.
    """
    outcome: list[AlertError | None] = []

    def work() -> None:
        try:
            _send(notice, environment)
            outcome.append(None)
        except AlertError as error:
            outcome.append(error)
        except Exception as error:  # its text may hold an address with a token
            outcome.append(AlertError(f"{notice.channel}: {type(error).__name__} in the delivery"))

    # In a thread, because no timeout of sockets covers looking up a name and answers that come byte by byte.
    worker = threading.Thread(target=work, name=f"alert: {notice.channel}", daemon=True)
    worker.start()
    worker.join(timeout)
    if not outcome:
        raise AlertError(f"{notice.channel}: nobody answered within {timeout:g}s")
    if outcome[0] is not None:
        raise outcome[0]


def _send(notice: Notice, environment: Mapping[str, str]) -> None:
    match notice.channel:
        case "slack":
            from .slack import send
        case "email":
            from .mail import send
        case "webhook":
            from .webhook import send
        case "pagerduty":
            from .pagerduty import send
        case other:
            raise AlertError(f"{other} is no channel")
    send(notice, environment)


def callback_task(notice: Notice) -> Task:
    """The call of the function of `python("module:function")`, as a task for the runner to execute.

    Its inputs are `notice.facts`. Raises AlertError where no function is named.
    """
    text = str(notice.arguments["function"])
    reference = function_reference(text)
    if reference is None:
        raise AlertError(f"{text} does not name a Python function")
    types = {name: optional(STR) if name == "task" else STR for name in notice.facts}
    return Task(
        id=f"{notice.task or 'run'}.on_{notice.event}",
        name=f"on_{notice.event}",
        implementation=PythonFunction(module=reference.module, function=reference.function),
        inputs=tuple(
            Input(name=name, type=types[name], value=LiteralValue(value=value, type=types[name]))
            for name, value in notice.facts.items()
        ),
        options=Options(timeout=TIMEOUT),
        location=notice.location,
    )
