"""The children of this process that it did not start: what tasks left running when their own parents ended.

On Linux this process asks to be handed them, as a subreaper. Then one look at the list of its children tells whether
an attempt left anything: far cheaper than a look at all processes of the machine.
"""

from __future__ import annotations

import os
import threading
import time
from contextlib import suppress

from . import warden
from .processes import Mark, group_exists, read_mark
from .warden import Process

_PR_SET_CHILD_SUBREAPER = 36
_MOST_LOOKS = 200
_BETWEEN_LOOKS = 0.005
"""Seconds between two looks at orphans that were killed."""

_started: set[int] = set()
"""Children of this process that are no orphans: those it started and those it had before."""
_open: set[Orphans] = set()


class Orphans:
    """Of one run; several may be open in this process at once. To be used in one thread."""

    def __init__(self) -> None:
        self._main = os.getpid()
        if not _open:
            set_subreaper(True)
            _started.clear()
            _started.update(_children(self._main) or ())
        _open.add(self)

    def started(self, child: int) -> None:
        """This process started a child; to be said before the next question."""
        _started.add(child)

    def ended(self, child: int) -> None:
        """A child that was `started` has ended and its status was taken."""
        _started.discard(child)

    def left_by(self, leader: int, mark: Mark) -> bool:
        """Whether anything of the attempt may still run, now that its leader has ended."""
        if not warden.HAS_PROC:
            return group_exists(leader)
        known: set[int] = set()
        while True:
            children = _children(self._main)
            if children is None:
                return True
            unknown = [child for child in children if child not in _started]
            if any(_is_of(child, leader, mark) for child in unknown):
                return True
            # What an orphan started becomes this process's when it dies, which may be while the orphans are looked at.
            dead = {child for child in unknown if not _is_alive(child)}
            if dead <= known:
                return False
            known |= dead

    def close(self) -> None:
        """End the orphans that belong to no attempt: they left their session and cleared their environment."""
        _open.discard(self)
        if _open:
            return
        if threading.current_thread() is threading.main_thread():
            self._end_all()
        set_subreaper(False)

    def _end_all(self) -> None:
        for _ in range(_MOST_LOOKS):
            unknown = [child for child in _children(self._main) or () if child not in _started]
            orphans = {child for child in unknown if (process := warden.read_process(child)) and _is_orphan(process)}
            if not orphans:
                return
            for id in warden.with_descendants(orphans, warden.living_processes()):
                warden.kill(id)
            for child in orphans:
                _reap(child)
            time.sleep(_BETWEEN_LOOKS)


def _is_of(child: int, leader: int, mark: Mark) -> bool:
    process = warden.read_process(child)
    if process is None:
        return False
    if process.is_dead:
        if _is_orphan(process):
            _reap(child)
        return False
    return process.session == leader or read_mark(child) == mark


def _is_alive(child: int) -> bool:
    process = warden.read_process(child)
    return process is not None and not process.is_dead


def _is_orphan(process: Process) -> bool:
    """Whether a child was another's once: tasks never share this process's session, its own children mostly do."""
    return process.session != os.getsid(0)


def set_subreaper(wanted: bool) -> None:
    """Whether this process is handed the orphans among its descendants. Without effect where there is no such thing."""
    if warden.HAS_PROC:
        import ctypes

        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, int(wanted), 0, 0, 0)


def _children(process: int) -> list[int] | None:
    """The children of the main thread, which orphans become; None where the system does not tell."""
    try:
        with open(f"/proc/self/task/{process}/children", "rb", buffering=0) as file:
            return [int(child) for child in file.readall().split()]
    except OSError:
        return None


def _reap(child: int) -> None:
    """Take the status of an orphan that is dead. Only the main thread knows that it is nobody else's child."""
    if threading.current_thread() is threading.main_thread():
        with suppress(ChildProcessError):
            os.waitpid(child, os.WNOHANG)
