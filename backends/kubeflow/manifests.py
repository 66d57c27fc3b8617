"""A specification as resources of Kubernetes, for servers that keep pipelines there: `kubectl apply` uploads it.

They are what the SDK writes with `kubernetes_manifest_format=True` and its pipeline manifest.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from pipec.ir.model import Pipeline

from .names import plain_name
from .specification import Specification
from .writing import joined

_LONGEST_NAME = 63
_API_VERSION = "pipelines.kubeflow.org/v2beta1"


def manifest_file(pipeline: Pipeline, specification: Specification, text: str, header: str) -> str:
    """Both resources in one file. The version is named after the content, `text`: none can be changed on the server."""
    name = plain_name(pipeline.name)
    found = manifests(
        name,
        specification.pipeline,
        specification.platform,
        description=pipeline.doc,
        version_name=version_name(name, text, _LONGEST_NAME),
    )
    return joined(found, header)


def version_name(pipeline_name: str, text: str, longest: int) -> str:
    """The name of the version of a pipeline with this content, of at most so many characters."""
    suffix = f"-{sha256(text.encode()).hexdigest()[:12]}"
    return pipeline_name[: longest - len(suffix)] + suffix


def manifests(
    pipeline_name: str,
    specification: dict[str, Any],
    platform: dict[str, Any],
    *,
    display_name: str | None = None,
    description: str | None = None,
    version_name: str | None = None,
    namespace: str | None = None,
) -> list[dict[str, Any]]:
    """The Pipeline and the PipelineVersion.

    Names are names of Kubernetes; that of the version is by default the pipeline's. `specification` and `platform` are
    those of a `Specification`. A version cannot be changed on the server: another content needs another name.
    """
    pipeline: dict[str, Any] = {"displayName": display_name or pipeline_name}
    version: dict[str, Any] = {
        "displayName": version_name or pipeline_name,
        "pipelineName": pipeline_name,
        "pipelineSpec": specification,
    }
    if platform:
        version["platformSpec"] = {"platforms": {"kubernetes": platform}}
    if description:
        pipeline["description"] = version["description"] = description
    return [
        _resource("Pipeline", pipeline_name, namespace, pipeline),
        _resource("PipelineVersion", version_name or pipeline_name, namespace, version),
    ]


def _resource(kind: str, name: str, namespace: str | None, spec: dict[str, Any]) -> dict[str, Any]:
    metadata = {"name": name, "namespace": namespace} if namespace else {"name": name}
    return {"apiVersion": _API_VERSION, "kind": kind, "metadata": metadata, "spec": spec}
