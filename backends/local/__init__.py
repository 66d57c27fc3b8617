"""The target `local`: a run on this machine, by `pipec run`."""

from __future__ import annotations

from collections.abc import Mapping

from pipec.backend import Capability, CompileRequest, OutputFile, TargetOptions


class LocalBackend:
    """Runs pipelines by `runner.run`; there is nothing to compile."""

    name = "local"
    title = "a run on this machine"
    versions: tuple[str, ...] = ()
    options = TargetOptions()

    @property
    def capabilities(self) -> Mapping[str, Capability]:
        from .capabilities import CAPABILITIES

        return CAPABILITIES

    def compile(self, request: CompileRequest) -> tuple[OutputFile, ...]:
        """No files: `pipec run` runs the pipeline as it is."""
        return ()


BACKEND = LocalBackend()
