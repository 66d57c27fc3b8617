"""A small event loop: timers, processes and file descriptors watched by one thread."""

from __future__ import annotations

import heapq
import os
import selectors
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress

Callback = Callable[[], object]

LOST_STATUS = 255
"""The return code of a process whose status somebody else took."""


class Timer:
    """A callback to come; `cancel` takes it back."""

    __slots__ = ("_loop", "callback")

    def __init__(self, loop: Loop, callback: Callback) -> None:
        self._loop = loop
        self.callback: Callback | None = callback

    def cancel(self) -> None:
        """Without effect where it ran or was cancelled already."""
        if self.callback is not None:
            self.callback = None
            self._loop._timer_cancelled()


class Loop:
    """Callbacks run in the thread that calls `run_once`; only `call_soon_threadsafe` may be called from others."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._timers: list[tuple[float, int, Timer]] = []
        self._timers_made = 0
        self._timers_cancelled = 0
        self._soon: deque[Callback] = deque()
        self._waking, self._waker = os.pipe()
        os.set_blocking(self._waking, False)
        os.set_blocking(self._waker, False)
        self.add_reader(self._waking, self._woken)

    def call_later(self, delay: float, callback: Callback) -> Timer:
        """Run `callback` once, `delay` seconds from now."""
        timer = Timer(self, callback)
        self._timers_made += 1
        heapq.heappush(self._timers, (time.monotonic() + delay, self._timers_made, timer))
        return timer

    def call_soon_threadsafe(self, callback: Callback) -> None:
        """Run `callback` in the next turn of the loop, which is woken. Also for signal handlers."""
        self._soon.append(callback)
        with suppress(BlockingIOError, BrokenPipeError):  # full: it wakes already; or the loop is closed
            os.write(self._waker, b"\0")

    def watch_process(self, pid: int, callback: Callable[[int], object]) -> None:
        """Wait for a child process and call with its return code, the negative number of a signal that ended it."""
        try:
            descriptor = os.pidfd_open(pid)
        except (AttributeError, OSError):  # macOS; too many open files
            threading.Thread(target=self._wait_in_thread, args=(pid, callback), daemon=True).start()
            return

        def ended() -> None:
            self.remove(descriptor)
            os.close(descriptor)
            callback(_return_code(pid))

        self.add_reader(descriptor, ended)

    def add_reader(self, descriptor: int, callback: Callback) -> None:
        """Call in each turn in which there is something to read from the file descriptor, or its end."""
        self._selector.register(descriptor, selectors.EVENT_READ, callback)

    def add_writer(self, descriptor: int, callback: Callback) -> None:
        """Call in each turn in which the file descriptor takes more. One is read or written, not both."""
        self._selector.register(descriptor, selectors.EVENT_WRITE, callback)

    def remove(self, descriptor: int) -> None:
        """Watch a file descriptor no longer; before it is closed."""
        self._selector.unregister(descriptor)

    def run_once(self, timeout: float | None = None) -> None:
        """Wait until something is to be done, at most `timeout` seconds, and do all that is due."""
        watched = self._selector.get_map()
        for key, _ in self._selector.select(self._wait(timeout)):
            if watched.get(key.fd) is key:  # an earlier callback of this turn may have removed it
                key.data()
        for _ in range(len(self._soon)):
            self._soon.popleft()()
        self._run_timers()

    def close(self) -> None:
        """Forget everything; nothing is called any more. Threads that still know the loop may go on calling it."""
        self._selector.close()
        os.close(self._waking)

    def __del__(self) -> None:
        os.close(self._waker)  # now that no thread can write to what may be another file by then

    def _wait(self, timeout: float | None) -> float | None:
        if self._soon:
            return 0.0
        while self._timers and self._timers[0][2].callback is None:
            heapq.heappop(self._timers)
            self._timers_cancelled -= 1
        if not self._timers:
            return timeout
        until = max(0.0, self._timers[0][0] - time.monotonic())
        return until if timeout is None else min(until, timeout)

    def _run_timers(self) -> None:
        if not self._timers:
            return
        now = time.monotonic()
        while self._timers and self._timers[0][0] <= now:
            timer = heapq.heappop(self._timers)[2]
            callback, timer.callback = timer.callback, None
            if callback is None:
                self._timers_cancelled -= 1
            else:
                callback()

    def _timer_cancelled(self) -> None:
        """Timers taken back stay in the heap until they come up, or until they are most of it."""
        self._timers_cancelled += 1
        if self._timers_cancelled > 100 and self._timers_cancelled > len(self._timers) // 2:
            self._timers = [entry for entry in self._timers if entry[2].callback is not None]
            heapq.heapify(self._timers)
            self._timers_cancelled = 0

    def _woken(self) -> None:
        with suppress(BlockingIOError):
            os.read(self._waking, 4096)

    def _wait_in_thread(self, pid: int, callback: Callable[[int], object]) -> None:
        code = _return_code(pid)
        self.call_soon_threadsafe(lambda: callback(code))


def _return_code(pid: int) -> int:
    """Wait for the process and take its status."""
    try:
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    except ChildProcessError:
        return LOST_STATUS
