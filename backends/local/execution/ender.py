"""Ends process trees, however many at once, in one thread which looks at all processes for all of them together."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable

from .loop import Loop
from .processes import ProcessTable, ProcessTree, send_signal
from .warden import Process

_FIRST_WAIT = 0.005
_LONGEST_WAIT = 0.05
"""Seconds between two looks: often at first, as most processes end when they are asked to."""
_MOST_KILLS = 100
"""How often a tree is killed anew before giving up: one that forks needs several, one of another user never ends."""


class Ender:
    """Asks the processes of a tree to end, and kills those that do not."""

    def __init__(self, loop: Loop) -> None:
        self._loop = loop
        self._condition = threading.Condition()
        self._endings: list[_Ending] = []
        self._wait = _FIRST_WAIT
        self._thread: threading.Thread | None = None

    def end(self, tree: ProcessTree, grace: float, ended: Callable[[], object]) -> None:
        """Send SIGTERM to all of the tree, and SIGKILL to what still runs after `grace` seconds.

        `ended` is called in the loop's thread when nothing of it is left. Returns at once.
        """
        with self._condition:
            self._endings.append(_Ending(tree, time.monotonic() + grace, ended))
            self._hasten()

    def hurry(self) -> None:
        """No grace any more for the trees that are being ended."""
        with self._condition:
            for ending in self._endings:
                ending.deadline = 0.0
            self._hasten()

    def _hasten(self) -> None:
        self._wait = _FIRST_WAIT
        if self._thread is None and self._endings:
            self._thread = threading.Thread(target=self._work, daemon=True)
            self._thread.start()
        self._condition.notify()

    def _work(self) -> None:
        while True:
            with self._condition:
                endings = list(self._endings)
            table = ProcessTable()
            over = [ending for ending in endings if ending.is_over(table)]
            for ending in over:
                self._loop.call_soon_threadsafe(ending.ended)
            with self._condition:
                self._endings = [ending for ending in self._endings if ending not in over]
                if not self._endings:
                    self._thread = None
                    return
                self._condition.wait(self._wait)
                self._wait = min(self._wait * 1.5, _LONGEST_WAIT)


class _Ending:
    """A tree that is being ended, and how far that is."""

    def __init__(self, tree: ProcessTree, deadline: float, ended: Callable[[], object]) -> None:
        self.tree = tree
        self.deadline = deadline
        self.ended = ended
        self._members: list[Process] = []
        self._asked = False
        self._kills = 0

    def is_over(self, table: ProcessTable) -> bool:
        """Take the next step; whether nothing is left or nothing more can be done."""
        self._members = self.tree.members(table, self._members)
        if not self._members or self._kills == _MOST_KILLS:
            return True
        if not self._asked:
            send_signal(self._members, signal.SIGTERM)
            self._asked = True
        elif time.monotonic() >= self.deadline:
            send_signal(self._members, signal.SIGKILL)
            self._kills += 1
        return False
