"""The target `airflow`: a DAG file for Apache Airflow 3.3."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from pipec.backend import Capability, CompileRequest, OutputFile, TargetOptions

from .capabilities import CAPABILITIES
from .options import OPTIONS

if TYPE_CHECKING:
    from pipec.backend import Backend


class AirflowBackend:
    """One DAG file a pipeline, `<pipeline>_dag.py`, which imports Airflow and the standard library alone."""

    name = "airflow"
    title = "Apache Airflow 3.3"
    capabilities: Mapping[str, Capability] = CAPABILITIES
    options: TargetOptions = OPTIONS

    def compile(self, request: CompileRequest) -> tuple[OutputFile, ...]:
        """The DAG file of a pipeline that the capability check has let pass."""
        from importlib.metadata import version

        from .lower import lower
        from .render import render

        text = render(lower(request, version("pipec")))
        return (OutputFile(f"{request.pipeline.name}_dag.py", text),)


BACKEND: Backend = AirflowBackend()
