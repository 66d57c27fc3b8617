"""Having files read by the protobufs of the installed SDK, and by the linter for what neither SDK nor server checks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from pipec.backend import CannotVerifyError, Finding, OutputFile

_INSTALL = 'pip install "pipec[kubeflow]"'


def verify(files: Sequence[OutputFile]) -> tuple[Finding, ...]:
    """What is wrong with the specifications among `files`. Raises CannotVerifyError where the SDK is not installed."""
    for package in ("kfp", "kfp-kubernetes", "cel-python"):
        try:
            version(package)
        except PackageNotFoundError:
            raise CannotVerifyError(
                f"to verify files for Kubeflow, {package} has to be installed beside pipec: {_INSTALL}"
            ) from None
    return tuple(
        Finding("error", file.path, fault) for file in files if not file.is_side for fault in faults_of(file.text)
    )


def faults_of(text: str) -> Iterator[str]:
    """Everything wrong with a file, the protobufs' faults first."""
    from .linting import lint

    yaml: Any = import_module("yaml")
    documents = list(yaml.safe_load_all(text))
    if documents[-1].get("kind") == "PipelineVersion":
        version_spec = documents[-1]["spec"]
        documents = [version_spec["pipelineSpec"], version_spec.get("platformSpec", {})]
    pipeline, platform = documents[0], documents[1] if len(documents) > 1 else {}
    faults = list(_unreadable(pipeline, platform))
    yield from faults
    if not faults:
        yield from lint(pipeline, platform.get("platforms", {}).get("kubernetes", {}))


def _unreadable(pipeline: dict[str, Any], platform: dict[str, Any]) -> Iterator[str]:
    """What is no such message. The SDK's messages hold executors as any data: they are read on their own."""
    messages: Any = import_module("kfp.pipeline_spec.pipeline_spec_pb2")
    kubernetes: Any = import_module("kfp.kubernetes.kubernetes_executor_config_pb2")
    yield from _fault("pipeline", pipeline, messages.PipelineSpec)
    yield from _fault("deploymentSpec", pipeline.get("deploymentSpec", {}), messages.PipelineDeploymentConfig)
    yield from _fault("platform", platform, messages.PlatformSpec)
    executors = platform.get("platforms", {}).get("kubernetes", {}).get("deploymentSpec", {}).get("executors", {})
    for name, executor in executors.items():
        yield from _fault(name, executor, kubernetes.KubernetesExecutorConfig)


def _fault(place: str, document: dict[str, Any], kind: Any) -> Iterator[str]:
    json_format: Any = import_module("google.protobuf.json_format")
    try:
        json_format.ParseDict(document, kind())
    except json_format.ParseError as error:
        yield f"{place}: {error}"
