"""Where progress is written to."""

from __future__ import annotations

import os
from typing import Protocol, TextIO


class Output(Protocol):
    """What a display needs of a stream."""

    def write(self, text: str, /) -> int: ...

    def flush(self) -> None: ...


class LastingStream:
    """A stream of the process that may go away: a run goes on when nobody listens or its log is on a full disk."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str, /) -> int:
        """Write and pass on what can be; all further output goes nowhere once that fails."""
        try:
            self._stream.write(text)
            self._stream.flush()
        except OSError:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self._stream.fileno())
            os.close(nowhere)
        return len(text)

    def flush(self) -> None:
        """What was written has been passed on already."""
