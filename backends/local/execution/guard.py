"""The other end of the warden: what pipec tells the process that watches over its own death."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress

from . import warden


class Guard:
    """Starts the warden of a run, without waiting for it. Raises OSError where it cannot be started."""

    def __init__(self, run_id: str) -> None:
        listening, self._told = os.pipe()
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", warden.__file__, run_id],
                env={name: value for name, value in os.environ.items() if name != warden.RUN_MARK},
                cwd="/",
                stdin=listening,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except BaseException:
            os.close(self._told)
            raise
        finally:
            os.close(listening)
        os.set_blocking(self._told, False)

    @property
    def pid(self) -> int:
        return self._process.pid

    def announce(self, session: int) -> None:
        """A task was given this session. Where /proc tells, the warden is not woken for it."""
        if not warden.HAS_PROC:
            self._tell(f"+{session}\n")

    def withdraw(self, session: int) -> None:
        """Nothing of this session is left."""
        if not warden.HAS_PROC:
            self._tell(f"-{session}\n")

    def close(self) -> None:
        """Nothing is left to be ended."""
        self._process.kill()
        self._process.wait()
        os.close(self._told)

    def _tell(self, line: str) -> None:
        # A warden that was killed hears nothing, and one that is stopped must not stop pipec.
        with suppress(BrokenPipeError, BlockingIOError):
            os.write(self._told, line.encode())
