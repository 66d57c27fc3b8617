"""Ends what a pipec that died left running.

Run as `python -I -S warden.py RUN_ID` by `guard.Guard`, once per run. Standard input is a pipe which only pipec holds
the other end of: its end means that pipec is dead. Lines `+PID` and `-PID` name the sessions that tasks were given. A
pipec that ends well kills its warden. As it is started by its path and must start fast, it imports only what Python
has loaded anyway; what it knows of processes is used by the others of this folder.
"""

from __future__ import annotations

import os
import signal
import sys
import time

PROC = "/proc"
HAS_PROC = os.path.isdir("/proc/self")
"""Not on macOS: there only process groups can be looked for."""

RUN_MARK = "PIPEC_RUN_ID"
"""The environment variable of every process of a run; its value is the id of the run."""

_BETWEEN_LOOKS = 0.1
_MOST_LOOKS = 600
"""Looks until it gives up: a process of somebody else, or one that hangs in the kernel, cannot be ended."""


class Process:
    """A process as /proc shows it; `start` is when it started, in ticks since the machine did."""

    __slots__ = ("id", "is_dead", "parent", "session", "start")

    def __init__(self, id: int, parent: int, session: int, start: int, is_dead: bool) -> None:
        self.id = id
        self.parent = parent
        self.session = session
        self.start = start
        self.is_dead = is_dead

    @property
    def identity(self) -> tuple[int, int]:
        """What no later process shares, though ids are used again."""
        return self.id, self.start


def read_process(id: int | str) -> Process | None:
    """The process of this id, None where there is none. One that is dead but not waited for `is_dead`."""
    try:
        with open(f"{PROC}/{id}/stat", "rb", buffering=0) as file:
            stat = file.read(4096)
    except OSError:
        return None
    fields = stat[stat.rindex(b")") + 2 :].split(None, 20)
    return Process(int(id), int(fields[1]), int(fields[3]), int(fields[19]), fields[0] in (b"Z", b"X"))


def living_processes() -> list[Process]:
    """Every process that runs."""
    found = (read_process(entry) for entry in os.listdir(PROC) if entry.isdecimal())
    return [process for process in found if process is not None and not process.is_dead]


def read_environment(id: int) -> list[bytes]:
    """What a process was started with, as `NAME=value`; empty for a process of somebody else."""
    try:
        with open(f"{PROC}/{id}/environ", "rb", buffering=0) as file:
            return file.readall().split(b"\0")
    except OSError:
        return []


def with_descendants(found: set[int], processes: list[Process]) -> set[int]:
    """The ids of `found` and of all that descend from them."""
    children: dict[int, list[int]] = {}
    for process in processes:
        children.setdefault(process.parent, []).append(process.id)
    whole: set[int] = set()
    waiting = list(found)
    while waiting:
        id = waiting.pop()
        if id not in whole:
            whole.add(id)
            waiting.extend(children.get(id, ()))
    return whole


def kill(id: int, number: int = signal.SIGKILL) -> bool:
    """Send a signal to a process; False where it is gone or somebody else's."""
    try:
        os.kill(id, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def kill_group(id: int, number: int = signal.SIGKILL) -> bool:
    """Send a signal to a process group; False where it is gone or somebody else's."""
    try:
        os.killpg(id, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def end_leftovers(run_id: str, sessions: frozenset[int] = frozenset()) -> int:
    """Kill every process of a run, repeatedly until two looks in a row find none; how many were found.

    Of a run is what has its mark in its environment, is in the session of one that has or in one of `sessions`, or
    descends from any of these; this process is not. Without /proc it is the process groups of `sessions`.
    """
    if not HAS_PROC:
        for session in sessions:
            kill_group(session)
        return len(sessions)
    found: set[tuple[int, int]] = set()
    looks_without = 0
    for _ in range(_MOST_LOOKS):
        leftovers = _leftovers(f"{RUN_MARK}={run_id}".encode("utf-8", "surrogateescape"), sessions)
        for process in leftovers:
            kill(process.id)
            found.add(process.identity)
        looks_without = 0 if leftovers else looks_without + 1
        if looks_without == 2:
            break
        time.sleep(_BETWEEN_LOOKS)
    return len(found)


def _leftovers(mark: bytes, sessions: frozenset[int]) -> list[Process]:
    processes = living_processes()
    marked = {process.id for process in processes if mark in read_environment(process.id)}
    led = sessions | {process.session for process in processes if process.session in marked}
    found = marked | {process.id for process in processes if process.session in led}
    whole = with_descendants(found, processes) - {os.getpid()}
    return [process for process in processes if process.id in whole]


def main(run_id: str) -> None:
    """Wait for the death of pipec and end what it left."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    sessions: set[int] = set()
    unread = b""
    while news := os.read(0, 65536):
        *lines, unread = (unread + news).split(b"\n")
        for line in lines:
            change = sessions.add if line.startswith(b"+") else sessions.discard
            change(int(line[1:]))
    end_leftovers(run_id, frozenset(sessions))


if __name__ == "__main__":
    main(sys.argv[1])
