"""The target `kubeflow`: a specification of Kubeflow Pipelines 2."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pipec.backend import Advice, Capability, CompileRequest, Finding, OutputFile, Refusal, TargetOptions

from .capabilities import CAPABILITIES
from .optimising import OPTIMISATIONS
from .options import OPTIONS

if TYPE_CHECKING:
    from pipec.backend import Backend
    from pipec.ir.model import Pipeline
    from pipec.submission import SubmitRequest


class KubeflowBackend:
    """One YAML file a pipeline, `<pipeline>.yaml`: what the API server takes as it is."""

    name = "kubeflow"
    title = "Kubeflow Pipelines 2.17"
    versions: tuple[str, ...] = ("2.17",)
    capabilities: Mapping[str, Capability] = CAPABILITIES
    options: TargetOptions = OPTIONS
    optimisations: Mapping[str, bool] = OPTIMISATIONS
    formats: tuple[str, ...] = ("yaml", "crd")

    def refusals(self, pipeline: Pipeline, main: Pipeline) -> Iterator[Refusal]:
        """Code that is in no image, loops that wait for each other, and what no recurring run can do of a schedule."""
        from .refusing import image_refusals, loop_refusals, option_refusals
        from .schedule_refusing import schedule_refusals

        yield from image_refusals(pipeline, main)
        yield from loop_refusals(pipeline)
        yield from option_refusals(pipeline, main)
        if pipeline is main:
            yield from schedule_refusals(pipeline)

    def advice(self, pipeline: Pipeline, files: Sequence[OutputFile]) -> Iterator[Advice]:
        """What a failure does otherwise than the language says, and that the workflow or a DAG may be too large."""
        from .driver_arguments import argument_advice
        from .failing import failure_advice
        from .sizes import size_advice

        yield from failure_advice(pipeline)
        for file in files:
            if not file.is_side:
                yield from size_advice(file.text)
                yield from argument_advice(file.text)

    def compile(self, request: CompileRequest) -> tuple[OutputFile, ...]:
        """The specification of a pipeline that the capability check has let pass."""
        from pipec import __version__

        from .lower import lower
        from .writing import to_yaml

        header = f"Compiled by pipec {__version__} for {self.title}."
        specification = lower(request)
        text = to_yaml(specification, header)
        if request.format == "crd":
            from .manifests import manifest_file

            text = manifest_file(request.pipeline, specification, text, header)
        file = OutputFile(f"{request.pipeline.name}.yaml", text)
        if request.pipeline.schedule is None:
            return (file,)
        from .schedule import recurring_run_file

        recurring = recurring_run_file(request.pipeline)
        return (file,) if recurring is None else (file, recurring)

    def verify(self, files: Sequence[OutputFile], version: str | None) -> tuple[Finding, ...]:
        """What the SDK's messages and the linter say. Raises CannotVerifyError where the SDK is not installed."""
        from .verifying import verify

        return verify(files)

    def submission(self, request: SubmitRequest) -> dict[str, Any]:
        """What would be sent to a server."""
        from .submitting import shown

        return shown(request)

    def submit(self, request: SubmitRequest, tell: Callable[[str], None], *, wait: bool) -> None:
        """Sends it."""
        from .submitting import submit

        submit(request, tell, wait=wait)


BACKEND: Backend = KubeflowBackend()
