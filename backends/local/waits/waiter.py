"""One wait on the runner's event loop: when it looks, and what ends it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Protocol

from pipec.engine.events import AttemptFailed, AttemptSucceeded, Failure

from .conditions import PredicateCall
from .contract import Condition, Met, WaitError

Seen = Met | Exception | None
"""What came of a look: an exception where it failed, a WaitError where there is no use in another."""

Look = Callable[[Callable[[Seen], None]], Callable[[], None]]
"""Begins a look and returns what breaks it off; what came of it is to be told in the loop's thread, not at once."""


class Timer(Protocol):
    def cancel(self) -> object: ...


class Loop(Protocol):
    """What a wait needs of the event loop; `delay` is in seconds."""

    def call_later(self, delay: float, callback: Callable[[], None]) -> Timer: ...

    def call_soon_threadsafe(self, callback: Callable[[], None]) -> object: ...


class Waiter:
    """Drives one wait: looks at once, then every `poll` seconds, until it is met, fails, or `timeout` seconds are over.

    A look that fails is tried again at the next one. All callbacks come in the loop's thread, and at most one of
    `on_met` and `on_failure` comes, once. `on_met` also gets `Met.taken`, to be called once the success is kept.
    `look` is needed for a predicate, which is the runner's to call.
    """

    def __init__(
        self,
        loop: Loop,
        task: str,
        condition: Condition | PredicateCall,
        poll: float,
        timeout: float | None,
        on_met: Callable[[AttemptSucceeded, Callable[[], None]], None],
        on_failure: Callable[[AttemptFailed], None],
        look: Look | None = None,
    ) -> None:
        self._loop = loop
        self._task = task
        self._condition = condition
        self._poll = poll
        self._timeout = timeout
        self._on_met = on_met
        self._on_failure = on_failure
        if look is None:
            if isinstance(condition, PredicateCall):
                raise TypeError("a predicate is looked at by the runner")
            look = in_thread(loop, condition)
        self._look = look
        self._is_over = False
        self._timers: dict[str, Timer] = {}
        self._looked_at = 0.0
        self._break_off: Callable[[], None] = _nothing
        self._last_error: str | None = None

    def start(self) -> None:
        """Look for the first time; the timeout counts from here."""
        if self._timeout is not None:
            self._timers["timeout"] = self._loop.call_later(self._timeout, self._timed_out)
        self._begin_look()

    def cancel(self) -> None:
        """Wait no longer; nothing is reported any more. Does nothing where it is over."""
        if not self._is_over:
            self._end()
            self._let_go()

    def _begin_look(self) -> None:
        self._looked_at = time.monotonic()
        self._break_off = self._look(self._seen)

    def _seen(self, seen: Seen) -> None:
        if self._is_over:
            return
        self._break_off = _nothing
        match seen:
            case Met(outputs=outputs, taken=taken):
                self._end()
                self._on_met(AttemptSucceeded(self._task, outputs), taken)
            case WaitError(failure=failure):
                self._fail(failure)
            case None:
                self._last_error = None
                self._look_again()
            case error:
                self._last_error = _in_one_line(error)
                self._look_again()

    def _look_again(self) -> None:
        """`poll` seconds after the last look began, or earlier where it is known when."""
        delay = max(0.0, self._looked_at + self._poll - time.monotonic())
        left = self._condition.seconds_left() if isinstance(self._condition, Condition) else None
        self._timers["look"] = self._loop.call_later(delay if left is None else min(delay, left), self._begin_look)

    def _timed_out(self) -> None:
        error = f"; the last look failed: {self._last_error}" if self._last_error else ""
        message = f"timed out after {self._timeout:g}s: {self._condition.describe()}{error}"
        self._fail(Failure("timeout", message))

    def _fail(self, failure: Failure) -> None:
        self._end()
        self._let_go()
        self._on_failure(AttemptFailed(self._task, failure))

    def _end(self) -> None:
        self._is_over = True
        for timer in self._timers.values():
            timer.cancel()

    def _let_go(self) -> None:
        self._break_off()
        if isinstance(self._condition, Condition):
            self._condition.close()


def in_thread(loop: Loop, condition: Condition) -> Look:
    """Looks in a daemon thread: a look that hangs keeps nobody from going on."""

    def look(report: Callable[[Seen], None]) -> Callable[[], None]:
        def run() -> None:
            seen: Seen
            try:
                seen = condition.check()
            except Exception as error:
                seen = error
            loop.call_soon_threadsafe(lambda: report(seen))

        try:
            threading.Thread(target=run, name=f"wait: {condition.describe()}", daemon=True).start()
        except RuntimeError as error:  # the system has no more threads to give
            failure = error
            loop.call_soon_threadsafe(lambda: report(failure))
        return _nothing

    return look


def _nothing() -> None:
    """There is nothing to break off."""


def _in_one_line(error: Exception) -> str:
    text = " ".join(str(error).split())
    return (f"{type(error).__name__}: {text}" if text else type(error).__name__)[:300]
