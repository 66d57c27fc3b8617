"""The target `airflow`: a DAG file for Apache Airflow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from pipec.backend import Capability, CompileRequest, Finding, OutputFile, TargetOptions

from .capabilities import CAPABILITIES
from .optimising import OPTIMISATIONS
from .options import OPTIONS
from .versions import VERSIONS

if TYPE_CHECKING:
    from pipec.backend import Backend


class AirflowBackend:
    """One DAG file a pipeline, `<pipeline>_dag.py`, which imports Airflow and the standard library alone."""

    name = "airflow"
    title = "Apache Airflow 3.3"
    versions: tuple[str, ...] = tuple(VERSIONS)
    capabilities: Mapping[str, Capability] = CAPABILITIES
    options: TargetOptions = OPTIONS
    optimisations: Mapping[str, bool] = OPTIMISATIONS

    def compile(self, request: CompileRequest) -> tuple[OutputFile, ...]:
        """The DAG file of a pipeline that the capability check has let pass, and what has to be set up for it."""
        from pipec import __version__

        from .lower import lower
        from .render import render
        from .side_files import side_files

        text = render(lower(request, __version__))
        dag_file = OutputFile(f"{request.pipeline.name}_dag.py", text)
        return (dag_file, *side_files(request, text, request.target_version or self.versions[0]))

    def verify(self, files: Sequence[OutputFile], version: str | None) -> tuple[Finding, ...]:
        """What Airflow says when it loads the DAG files. Raises CannotVerifyError where it is not installed."""
        from .verifying import verify

        return verify(files, version or self.versions[0])


BACKEND: Backend = AirflowBackend()
