"""Having the engine itself load what was compiled."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from pipec.cli import UsageError
from pipec.cli.terminal import count

if TYPE_CHECKING:
    from pipec.backend import Backend, OutputFile


def verify_all(backend: Backend, files: Sequence[OutputFile], version: str | None) -> bool:
    """Whether the engine takes the files; what it says is told on stderr.

    A target without an engine has nothing to verify, which is told and is good. Raises UsageError where the engine is
    not installed.
    """
    from pipec.backend import CannotVerifyError, Verifying

    if not isinstance(backend, Verifying):
        print(f"there is nothing to verify for the target `{backend.name}`", file=sys.stderr)
        return True
    try:
        findings = backend.verify(files, version)
    except CannotVerifyError as error:
        raise UsageError(str(error)) from None
    for finding in findings:
        print(f"{finding.severity}: {finding.path}: {finding.message}", file=sys.stderr)
    errors = {finding.path for finding in findings if finding.severity == "error"}
    if errors:
        results = sum(not file.is_side for file in files)
        print(f"{len(errors)} of {count(results, 'file')} cannot be loaded by {_engine(backend)}", file=sys.stderr)
    return not errors


def _engine(backend: Backend) -> str:
    """The engine's name without the version."""
    version = backend.versions[0] if backend.versions else ""
    return backend.title.removesuffix(version).strip()
