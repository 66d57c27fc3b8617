"""A process tree that can be ended whole: the processes of one attempt, wherever they went.

A process belongs to the tree when it is in the leader's session, descends from a member, or was started with the
attempt's mark in its environment. The mark finds daemons, which left both session and ancestors. Without /proc
(macOS) the process group is what can be reached.
"""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass
from typing import NamedTuple

from . import warden
from .warden import Process


class Mark(NamedTuple):
    """What every process of an attempt is started with in its environment."""

    run_id: str
    task: str
    attempt: str

    def variables(self) -> dict[str, str]:
        return dict(zip(MARK_NAMES, self, strict=True))


MARK_NAMES = (warden.RUN_MARK, "PIPEC_TASK", "PIPEC_ATTEMPT")
_MARK_PREFIXES = tuple(f"{name}=".encode() for name in MARK_NAMES)


def read_mark(id: int) -> Mark | None:
    """The mark a process was started with."""
    values = {}
    for variable in warden.read_environment(id):
        if variable.startswith(_MARK_PREFIXES):
            name, _, value = variable.decode("utf-8", "surrogateescape").partition("=")
            values[name] = value
    return Mark(*(values[name] for name in MARK_NAMES)) if len(values) == len(MARK_NAMES) else None


class ProcessTable:
    """One look at all processes, ordered so that the members of many trees are found fast."""

    def __init__(self) -> None:
        self.processes = warden.living_processes() if warden.HAS_PROC else []
        self.ids_of_session: dict[int, set[int]] = {}
        self.ids_of_mark: dict[Mark, set[int]] = {}
        for process in self.processes:
            self.ids_of_session.setdefault(process.session, set()).add(process.id)
            mark = read_mark(process.id)
            if mark is not None:
                self.ids_of_mark.setdefault(mark, set()).add(process.id)


@dataclass(frozen=True, slots=True)
class ProcessTree:
    """The processes of one attempt. `leader` leads a session of its own; all carry `mark`."""

    leader: int
    mark: Mark

    def members(self, table: ProcessTable, known: list[Process]) -> list[Process]:
        """All that run. What is in `known` is a member whatever it has become."""
        if not warden.HAS_PROC:
            return [Process(self.leader, 0, self.leader, 0, False)] if group_exists(self.leader) else []
        identities = {process.identity for process in known}
        found = {process.id for process in table.processes if process.identity in identities} if known else set()
        found |= table.ids_of_session.get(self.leader, set()) | table.ids_of_mark.get(self.mark, set())
        whole = warden.with_descendants(found, table.processes) - {os.getpid()} if found else found
        return [process for process in table.processes if process.id in whole]


def send_signal(members: list[Process], number: signal.Signals) -> None:
    """Send a signal to members of a tree, some of which may be gone."""
    send = warden.kill if warden.HAS_PROC else warden.kill_group
    for process in members:
        send(process.id, number)


def group_exists(group: int) -> bool:
    """Whether a process group has anybody in it."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
