"""Running a program so that nothing of it outlives its task."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from typing import IO

TERMINATION_GRACE = 5.0
"""Seconds between asking a process group to end and ending it."""


def run_process(
    arguments: Sequence[str],
    *,
    environment: Mapping[str, str],
    working_dir: str | None,
    log: IO[bytes] | None,
    timeout: float | None,
) -> int:
    """Run a program in a process group of its own and wait; its exit status, negative for a signal.

    What it writes goes to `log`, or where that is None line by line to standard output. However this ends, with the
    program, after `timeout` seconds, or by an exception such as KeyboardInterrupt, the whole group is ended.
    Raises TimeoutError, and OSError where the program cannot be started.
    """
    process = subprocess.Popen(
        arguments,
        env=dict(environment),
        cwd=working_dir,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE if log is None else log,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    printer = threading.Thread(target=print_lines, args=(process.stdout,), daemon=True)
    try:
        if log is None:
            printer.start()
        return process.wait(timeout)
    except subprocess.TimeoutExpired:
        raise TimeoutError(f"not done after {timeout:g} s") from None
    finally:
        end_process_group(process)
        if printer.ident is not None:
            # A program that left its session may keep the pipe open for ever.
            printer.join(TERMINATION_GRACE)


def print_lines(stream: IO[bytes]) -> None:
    """Print what comes as it comes, until it ends."""
    with stream:
        for line in stream:
            print(line.decode("utf-8", "replace").rstrip("\r\n"), flush=True)


def end_process_group(process: subprocess.Popen[bytes]) -> None:
    """Ask every process of the group to end, wait `TERMINATION_GRACE` seconds for it, then end what is left."""
    try:
        os.killpg(process.pid, signal.SIGTERM)
        deadline = time.monotonic() + TERMINATION_GRACE
        while time.monotonic() < deadline:
            process.poll()  # a leader not waited for would count as alive
            os.killpg(process.pid, 0)
            time.sleep(0.02)
    except (ProcessLookupError, PermissionError):
        pass  # nobody is left (macOS refuses where only the dead are)
    finally:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
