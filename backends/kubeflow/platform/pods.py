"""What the target blocks of a pipeline and of a task say of pods, and how long a pod may run."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from pipec.analysis.quantities import memory
from pipec.ir.model import Task, WaitCondition

from ..retries import tries_inside
from .mounts import constant

_SECURITY = {"run_as_user": "runAsUser", "run_as_group": "runAsGroup", "run_as_non_root": "runAsNonRoot"}


def time_limit(task: Task) -> dict[str, Any]:
    """The timeout of an attempt, which is a pod; waits, and attempts inside one pod, look at the time themselves."""
    if task.options.timeout is None or tries_inside(task) or isinstance(task.implementation, WaitCondition):
        return {}
    return {"activeDeadlineSeconds": str(math.ceil(task.options.timeout))}


def pod_settings(of_pipeline: Mapping[str, Any], of_task: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that target blocks set; a task's option replaces the pipeline's, maps are merged key by key."""
    return dict(_settings(of_pipeline, of_task))


def _settings(of_pipeline: Mapping[str, Any], of_task: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    said = {**of_pipeline, **of_task}
    metadata = {
        field: {**of_pipeline.get(option, {}), **of_task.get(option, {})}
        for field, option in (("labels", "pod_labels"), ("annotations", "pod_annotations"))
    }
    if any(metadata.values()):
        yield "podMetadata", {field: values for field, values in metadata.items() if values}
    if "image_pull_policy" in said:
        yield "imagePullPolicy", said["image_pull_policy"]
    if said.get("image_pull_secrets"):
        names = said["image_pull_secrets"]
        yield "imagePullSecret", [{"secretName": name, "secretNameParameter": constant(name)} for name in names]
    security = {field: said[option] for option, field in _SECURITY.items() if option in said}
    if security:
        yield (
            "securityContext",
            {field: value if isinstance(value, bool) else str(value) for field, value in security.items()},
        )
    if of_task.get("ephemeral_volumes"):
        yield "genericEphemeralVolume", list(_ephemeral_volumes(of_task))
    if of_task.get("config_map_env"):
        yield "configMapAsEnv", _config_maps(of_task["config_map_env"])
    if of_task.get("field_path_env"):
        yield "fieldPathAsEnv", [{"name": name, "fieldPath": path} for name, path in of_task["field_path_env"].items()]


def _ephemeral_volumes(of_task: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    storage = of_task.get("ephemeral_storage_class")
    for number, (path, size) in enumerate(of_task["ephemeral_volumes"].items(), 1):
        volume = {"volumeName": f"ephemeral-{number}", "mountPath": path, "size": memory(size)}
        classed = {"defaultStorageClass": True} if storage is None else {"storageClassName": storage}
        yield {**volume, "accessModes": ["ReadWriteOnce"], **classed}


def _config_maps(variables: Mapping[str, str]) -> list[dict[str, Any]]:
    """Variables that hold keys of config maps, written `name/key`; the key is the variable's name where none is."""
    found: dict[str, list[dict[str, str]]] = {}
    for variable, text in variables.items():
        name, _, key = text.partition("/")
        found.setdefault(name, []).append({"configMapKey": key or variable, "envVar": variable})
    return [
        {"configMapName": name, "configMapNameParameter": constant(name), "optional": False, "keyToEnv": keys}
        for name, keys in found.items()
    ]
