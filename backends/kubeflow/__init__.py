"""The target `kubeflow`: a specification of Kubeflow Pipelines 2."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from pipec.backend import Capability, CompileRequest, OutputFile, TargetOptions

from .capabilities import CAPABILITIES
from .options import OPTIONS

if TYPE_CHECKING:
    from pipec.backend import Backend


class KubeflowBackend:
    """One YAML file a pipeline, `<pipeline>.yaml`: what the API server takes as it is."""

    name = "kubeflow"
    title = "Kubeflow Pipelines 2.17"
    versions: tuple[str, ...] = ("2.17",)
    capabilities: Mapping[str, Capability] = CAPABILITIES
    options: TargetOptions = OPTIONS

    def compile(self, request: CompileRequest) -> tuple[OutputFile, ...]:
        """The specification of a pipeline that the capability check has let pass."""
        from pipec import __version__

        from .lower import lower
        from .writing import to_yaml

        text = to_yaml(lower(request, __version__), f"Compiled by pipec {__version__} for {self.title}.")
        return (OutputFile(f"{request.pipeline.name}.yaml", text),)


BACKEND: Backend = KubeflowBackend()
