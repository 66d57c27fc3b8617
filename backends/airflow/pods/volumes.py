"""Volumes of a pod: those of the option, and the files that secrets are in."""

from __future__ import annotations

import posixpath
from typing import Any

from pipec.analysis.pods import Volume, secret_files, secret_key, volumes_of
from pipec.analysis.quantities import memory
from pipec.ir.model import Task

from ..escape import jinja_escape
from ..layout import Call, ListNode, Node
from ..literals import py

_Named = tuple[tuple[str | None, Node], ...]


def volume_nodes(task: Task) -> tuple[list[Node], list[Node]]:
    """The `V1Volume`s, each once, and the `V1VolumeMount`s of the container."""
    volumes: dict[str, Node] = {}
    mounts: list[Node] = []
    for volume in volumes_of(task):
        volumes.setdefault(volume.name, Call("k8s.V1Volume", (("name", py(volume.name)), _source(volume))))
        mounts.append(_mount(volume))
    for number, (path, name) in enumerate(secret_files(task).items(), 1):
        found, file = secret_key(name), posixpath.basename(path)
        item = Call("k8s.V1KeyToPath", (("key", py(found.key)), ("path", py(file))))
        source = Call("k8s.V1SecretVolumeSource", (("secret_name", py(found.secret)), ("items", ListNode((item,)))))
        id = f"secret-file-{number}"
        volumes[id] = Call("k8s.V1Volume", (("name", py(id)), ("secret", source)))
        mounts.append(_mount(Volume(id, "secret", found.secret, path, file, True)))
    return list(volumes.values()), mounts


def _mount(volume: Volume) -> Node:
    arguments: list[tuple[str | None, Node]] = [("name", py(volume.name)), ("mount_path", py(volume.mount_path))]
    if volume.sub_path is not None:
        arguments.append(("sub_path", py(jinja_escape(volume.sub_path))))
    if volume.read_only:
        arguments.append(("read_only", "True"))
    return Call("k8s.V1VolumeMount", tuple(arguments))


def _source(volume: Volume) -> tuple[str, Node]:
    source: Any = volume.source
    match volume.kind:
        case "claim":
            claim: _Named = (("claim_name", py(source)),)
            return "persistent_volume_claim", Call("k8s.V1PersistentVolumeClaimVolumeSource", claim)
        case "secret":
            return "secret", Call("k8s.V1SecretVolumeSource", (("secret_name", py(source)),))
        case "config_map":
            return "config_map", Call("k8s.V1ConfigMapVolumeSource", (("name", py(source)),))
        case "host_path":
            return "host_path", Call("k8s.V1HostPathVolumeSource", (("path", py(source)),))
    inner: _Named = ()
    if source == "Memory":
        inner = (("medium", py(source)),)
    elif source is not True:
        inner = (("size_limit", py(memory(source))),)
    return "empty_dir", Call("k8s.V1EmptyDirVolumeSource", inner)
