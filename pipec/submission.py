"""Handing a pipeline to a server that runs it: what a command gives to a backend, and what a backend offers for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

from pipec.backend import OutputFile
from pipec.frozen import Frozen
from pipec.ir.model import Pipeline


class SubmitError(Exception):
    """A pipeline was not handed over, or its run did not end well; the message is one line that says why.

    `is_usage` says that something was asked or set up wrongly, or that the server could not be reached.
    """

    def __init__(self, message: str, *, is_usage: bool = False) -> None:
        super().__init__(message)
        self.is_usage = is_usage


class SubmitRequest(Frozen):
    """A compiled pipeline to hand over, for one run or, if `recurring`, for those of its schedule.

    `files` are those of the compilation, `values` the parameters that were given, in JSON form. The rest says where:
    the address of the server, and names on it, None for the defaults of the engine.
    """

    pipeline: Pipeline
    files: Sequence[OutputFile]
    values: Mapping[str, Any]
    recurring: bool = False
    host: str | None = None
    experiment: str | None = None
    run_name: str | None = None
    namespace: str | None = None


@runtime_checkable
class Submitting(Protocol):
    """A backend whose engine has a server that takes pipelines."""

    def submission(self, request: SubmitRequest) -> dict[str, Any]:
        """What would be sent, in JSON form. Raises SubmitError where it cannot be."""
        ...

    def submit(self, request: SubmitRequest, tell: Callable[[str], None], *, wait: bool) -> None:
        """Sends it, and tells in lines what was made; with `wait` ends when the run has. Raises SubmitError."""
        ...
