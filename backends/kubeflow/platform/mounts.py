"""Volumes and secrets of a pod; what Kubeflow cannot say of them is refused, see `pipec.analysis.simple_pods`."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import Any

from pipec.analysis.pods import Volume, secret_files, secret_key, secret_variables, volumes_of
from pipec.analysis.quantities import memory
from pipec.ir.model import Task


def constant(value: Any) -> dict[str, Any]:
    """A value where Kubeflow would also take an input."""
    return {"runtimeValue": {"constant": value}}


def volumes(task: Task) -> dict[str, Any]:
    """The volumes of the option, and the Secrets that files come from, by the fields of Kubeflow."""
    found: dict[str, list[Any]] = {}
    for volume in volumes_of(task):
        field, mount = _mount(volume)
        found.setdefault(field, []).append(mount)
    for path, secret in _folders_of_secrets(task):
        found.setdefault("secretAsVolume", []).append(_secret_volume(secret, path))
    return found


def _mount(volume: Volume) -> tuple[str, dict[str, Any]]:
    source: Any = volume.source
    match volume.kind:
        case "claim":
            mount = {"mountPath": volume.mount_path, "constant": source, "pvcNameParameter": constant(source)}
            return "pvcMount", mount if volume.sub_path is None else {**mount, "subPath": volume.sub_path}
        case "secret":
            return "secretAsVolume", _secret_volume(source, volume.mount_path)
        case "config_map":
            name = {"configMapName": source, "configMapNameParameter": constant(source)}
            return "configMapAsVolume", {"mountPath": volume.mount_path, "optional": False, **name}
    mount = {"volumeName": volume.name, "mountPath": volume.mount_path}
    if source == "Memory":
        mount["medium"] = source
    elif source is not True:
        mount["sizeLimit"] = memory(source)
    return "emptyDirMounts", mount


def _secret_volume(secret: str, path: str) -> dict[str, Any]:
    name = {"secretName": secret, "secretNameParameter": constant(secret)}
    return {"mountPath": path, "optional": False, **name}


def _folders_of_secrets(task: Task) -> Iterator[tuple[str, str]]:
    """The folders at which Secrets are mounted, each once: the files in them are named as the keys."""
    found = {(posixpath.dirname(path), secret_key(name).secret): None for path, name in secret_files(task).items()}
    yield from found


def secret_environment(task: Task) -> dict[str, Any]:
    """The variables that hold keys of Secrets, and those of the program's own inputs not."""
    by_secret: dict[str, list[dict[str, str]]] = {}
    for variable, name in secret_variables(task).items():
        found = secret_key(name)
        by_secret.setdefault(found.secret, []).append({"secretKey": found.key, "envVar": variable})
    entries = [
        {"secretName": secret, "secretNameParameter": constant(secret), "optional": False, "keyToEnv": keys}
        for secret, keys in by_secret.items()
    ]
    return {"secretAsEnv": entries} if entries else {}
