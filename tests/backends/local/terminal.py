"""A person at a terminal: `pipec` on a pseudo-terminal, whose screen is read and on which keys are typed."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import termios
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from tests.backends.local.commands import start

CTRL_C = "\x03"
CTRL_D = "\x04"


class Terminal:
    """`pipec WORDS` in a folder, behind the words of `prefix`, in the foreground of a terminal of its own.

    `text` is what was written to it, without colours.
    """

    def __init__(self, folder: Path, *words: str, prefix: Sequence[str] = ()) -> None:
        self._main, side = pty.openpty()
        fcntl.ioctl(side, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
        self.process = start(
            folder,
            *words,
            environment={"TERM": "xterm"},
            prefix=prefix,
            preexec_fn=lambda: os.login_tty(side),
            stdin=None,
            stdout=None,
            stderr=None,
        )
        os.close(side)
        self.text = ""
        self._written = b""
        self._seen = 0

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self._main)

    def see(self, text: str, timeout: float = 20) -> None:
        """Wait until a text is shown, behind what was waited for before."""
        deadline = time.monotonic() + timeout
        while (found := self.text.find(text, self._seen)) < 0:
            assert self._read(deadline), f"{text!r} was not shown:\n{self.text[self._seen :]}"
        self._seen = found + len(text)

    def type(self, keys: str) -> None:
        os.write(self._main, keys.encode())

    def finish(self, timeout: float = 20) -> int:
        """Wait for the end of the command; its exit code."""
        deadline = time.monotonic() + timeout
        while self._read(deadline):
            pass
        exit_code: int = self.process.wait(max(0.1, deadline - time.monotonic()))
        return exit_code

    def _read(self, deadline: float) -> bool:
        """Read what is there; false where nothing came in time, or nobody writes any more."""
        if not select.select([self._main], [], [], max(0.0, deadline - time.monotonic()))[0]:
            return False
        try:
            read = os.read(self._main, 65536)
        except OSError:  # nobody has the other end
            return False
        self._written += read
        self.text = re.sub(r"\x1b\[[\d;]*m", "", self._written.decode("utf-8", "replace"))
        return bool(read)
