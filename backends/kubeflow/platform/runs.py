"""What the target block of a pipeline says of its runs."""

from __future__ import annotations

import math
from typing import Any

from pipec.analysis.quantities import memory
from pipec.ir.model import Pipeline

from ..specification import Specification

_SECONDS = {
    "ttl_seconds_after_finished": "resourceTtlOnCompletion",
    "ttl_seconds_after_success": "resourceTtlOnSuccess",
    "ttl_seconds_after_failure": "resourceTtlOnFailure",
    "active_deadline_seconds": "activeDeadlineSeconds",
}


def of_runs(pipeline: Pipeline, specification: Specification) -> Specification:
    """The specification with what the target block of its pipeline says of runs."""
    document, platform = specification.pipeline, specification.platform
    config = pipeline_config(pipeline)
    if config:
        platform = {**platform, "pipelineConfig": config}
    name = pipeline.targets.get("kubeflow", {}).get("display_name")
    if name is not None:
        document = {**document, "pipelineInfo": {**document["pipelineInfo"], "displayName": name}}
    return Specification(document, platform)


def pipeline_config(pipeline: Pipeline) -> dict[str, Any]:
    """`pipelineConfig` of the document for Kubernetes; empty where nothing is said."""
    said = pipeline.targets.get("kubeflow", {})
    found: dict[str, Any] = {field: math.ceil(said[option]) for option, field in _SECONDS.items() if option in said}
    if "workspace" in said:
        patch: dict[str, Any] = {}
        if "workspace_storage_class" in said:
            patch["storageClassName"] = said["workspace_storage_class"]
        if "workspace_access_modes" in said:
            patch["accessModes"] = list(said["workspace_access_modes"])
        found["workspace"] = {"size": memory(said["workspace"]), "kubernetes": {"pvcSpecPatch": patch}}
    return found
