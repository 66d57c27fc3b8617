"""A process tree that can be ended whole: the processes of one attempt, wherever they went.

A process belongs to the tree when it is in the leader's session, descends from a member, or was started with the
attempt's mark in its environment. The mark finds daemons, which left both session and ancestors. Without /proc
(macOS) the process group is what can be reached.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import NamedTuple

_PROC = Path("/proc")
_POLL = 0.02
"""Seconds between two looks at a tree that was asked to end."""
_LAST_LOOKS = 100
"""How often a tree is killed anew before giving up: one that forks needs several, one of another user never ends."""


class Process(NamedTuple):
    """A process as /proc shows it; `start` is when it started, in ticks since the machine did."""

    id: int
    parent: int
    session: int
    start: int

    @property
    def identity(self) -> tuple[int, int]:
        """What no later process shares, though ids are used again."""
        return self.id, self.start


@dataclass(frozen=True, slots=True)
class ProcessTree:
    """The processes of one attempt. `leader` leads a session of its own; `mark` is in the environment of all."""

    leader: int
    mark: Mapping[str, str]

    def end(self, grace: float, hurry: Event) -> None:
        """Ask every process to end (SIGTERM), and kill those that still run after `grace` seconds or at `hurry`."""
        members = self.members()
        _signal(members, signal.SIGTERM)
        deadline = time.monotonic() + grace
        while members and time.monotonic() < deadline and not hurry.wait(_POLL):
            members = self.members(members)
        for _ in range(_LAST_LOOKS):
            if not members:
                return
            _signal(members, signal.SIGKILL)
            time.sleep(_POLL)
            members = self.members(members)

    def members(self, known: frozenset[Process] = frozenset()) -> frozenset[Process]:
        """All that still run; a zombie does not. What is in `known` is a member whatever it has become."""
        if not _PROC.is_dir():
            return frozenset({Process(self.leader, 0, self.leader, 0)}) if _group_exists(self.leader) else frozenset()
        mark = {f"{name}={value}".encode("utf-8", "surrogateescape") for name, value in self.mark.items()}
        running = _processes()
        identities = {process.identity for process in known}
        found = {
            process.id
            for process in running
            if process.session == self.leader or process.identity in identities or mark <= _environment(process.id)
        }
        whole = _with_descendants(found, {process.id: process.parent for process in running}) - {os.getpid()}
        return frozenset(process for process in running if process.id in whole)


def _signal(processes: Iterable[Process], number: signal.Signals) -> None:
    send = os.kill if _PROC.is_dir() else os.killpg
    for process in processes:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            send(process.id, number)


def _processes() -> list[Process]:
    """Every living process."""
    found = []
    for entry in os.listdir(_PROC):
        if not entry.isdecimal():
            continue
        try:
            stat = (_PROC / entry / "stat").read_bytes()
        except OSError:
            continue
        fields = stat[stat.rindex(b")") + 2 :].split()
        state, parent, session, start = fields[0], fields[1], fields[3], fields[19]
        if state not in (b"Z", b"X"):
            found.append(Process(int(entry), int(parent), int(session), int(start)))
    return found


def _environment(process: int) -> set[bytes]:
    """What a process was started with; empty for a process of somebody else."""
    try:
        return set((_PROC / str(process) / "environ").read_bytes().split(b"\0"))
    except OSError:
        return set()


def _with_descendants(found: set[int], parents: Mapping[int, int]) -> set[int]:
    whole = set(found)
    grown = True
    while grown:
        children = {process for process, parent in parents.items() if parent in whole} - whole
        whole |= children
        grown = bool(children)
    return whole


def _group_exists(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
