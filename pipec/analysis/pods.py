"""What tasks ask of the pods of Kubernetes: volumes, tolerations and secrets as they are written, and what is wrong.

| option | written |
|---|---|
| a volume | `{ mount_path: "/data", claim: "name" }`, or one of `secret`, `config_map`, `host_path`, `empty_dir`; |
| | `name`, `sub_path` and `read_only` where they are wanted; `empty_dir` is true, a size, or "Memory" |
| a toleration | `key=value:Effect`, `key:Effect`, `key=value` or `key` |
| a secret | `secret("name")` is the key `value` of the Secret `name`, `secret("name/key")` one of its keys |
| a secret as a file | `secrets = { "/path/of/file": secret("name") }` |
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pipec.frozen import Frozen
from pipec.ir.model import (
    CommandLine,
    ContainerImage,
    Pipeline,
    PythonFunction,
    Resources,
    SecretReference,
    ShellScript,
    Task,
)

KINDS = ("claim", "secret", "config_map", "host_path", "empty_dir")
"""What a volume may be; each is a key of its map."""

EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")

SECRET_KEY = "value"
"""The key of a Kubernetes Secret that holds a secret for which none is named."""

_OTHER_KEYS = ("mount_path", "name", "sub_path", "read_only")
_LABEL_NAME = r"[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?"
_DOMAIN = r"[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?"
_KEY = re.compile(rf"(?:{_DOMAIN}/)?{_LABEL_NAME}")
_LABEL_VALUE = re.compile(rf"(?:{_LABEL_NAME})?")
_OBJECT_NAME = re.compile(_DOMAIN)
_VOLUME_NAME = re.compile(r"[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?")
_ENTRY = re.compile(r"[-._a-zA-Z0-9]{1,253}")
_VARIABLE = re.compile(r"[-._a-zA-Z][-._a-zA-Z0-9]*")
_MAX_OBJECT_NAME = 253


class Volume(Frozen):
    """A volume of a pod. `source` is a name, a path, or for `empty_dir` True, a number of bytes or "Memory"."""

    name: str
    kind: str
    source: Any
    mount_path: str
    sub_path: str | None = None
    read_only: bool = False


class Toleration(Frozen):
    """A taint of nodes that a pod may be placed on all the same; without a value any, without an effect every one."""

    key: str
    value: str | None = None
    effect: str | None = None


class SecretKey(Frozen):
    """A key of a Kubernetes Secret."""

    secret: str
    key: str


class PodFault(Frozen):
    """What no pod can have: the option, what is wrong, and how to write it."""

    option: str
    what: str
    mend: str


def runs_in_pod(task: Task) -> bool:
    """Whether the task's code runs in a container image of its own."""
    if task.options.image is None:
        return isinstance(task.implementation, ContainerImage)
    return isinstance(task.implementation, ContainerImage | PythonFunction | ShellScript | CommandLine)


def executor_starts_pod(task: Task, pipeline: Pipeline) -> bool:
    """Whether a target block of a task without an image says that an executor starts a pod for it."""
    if not (pipeline.targets or task.targets):
        return False
    blocks = [*pipeline.targets.values(), *task.targets.values()]
    said = [block["executor"] for block in blocks if "executor" in block]
    is_kubernetes = bool(said) and str(said[-1]).rpartition(".")[2] == "KubernetesExecutor"
    return is_kubernetes and not runs_in_pod(task)


def demands(resources: Resources | None) -> bool:
    """Whether resources ask for anything: `gpu: 0` does not."""
    return resources is not None and any(getattr(resources, name) for name in Resources.model_fields())


def volumes_of(task: Task) -> list[Volume]:
    """The volumes of a task without faults; those that have no name are numbered."""
    return [_volume(raw, number) for number, raw in enumerate(task.options.volumes, 1)]


def _volume(raw: dict[str, Any], number: int) -> Volume:
    (kind,) = (key for key in KINDS if key in raw)
    return Volume(
        name=raw.get("name", f"volume-{number}"),
        kind=kind,
        source=raw[kind],
        mount_path=raw["mount_path"],
        sub_path=raw.get("sub_path"),
        read_only=raw.get("read_only", False),
    )


def toleration(text: str) -> Toleration | None:
    """A toleration from its text; None where it is none."""
    match = re.fullmatch(r"([^=:]+)(?:=([^=:]*))?(?::([A-Za-z]+))?", text)
    if match is None:
        return None
    key, value, effect = match.groups()
    is_sound = _KEY.fullmatch(key) and _LABEL_VALUE.fullmatch(value or "") and (effect is None or effect in EFFECTS)
    return Toleration(key=key, value=value, effect=effect) if is_sound else None


def secret_key(name: str) -> SecretKey:
    """The Secret and the key of it that hold the secret of this name."""
    secret, _, key = name.partition("/")
    return SecretKey(secret=secret, key=key or SECRET_KEY)


def secret_variables(task: Task) -> dict[str, str]:
    """The names of secrets by the environment variables that hold them."""
    options = task.options
    in_env = {name: value.name for name, value in options.env.items() if isinstance(value, SecretReference)}
    return in_env | {name: value.name for name, value in options.secrets.items() if not name.startswith("/")}


def secret_files(task: Task) -> dict[str, str]:
    """The names of secrets by the paths of the files that hold them."""
    return {path: value.name for path, value in task.options.secrets.items() if path.startswith("/")}


# --- faults --------------------------------------------------------------------------------------


def pod_faults(task: Task, in_image: bool) -> Iterator[PodFault]:
    """All that keeps a task from being a pod. Without an image, secrets and folders are no concern of the pod."""
    options = task.options
    if options.resources is not None:
        yield from _resource_faults(options.resources)
    yield from _volume_faults(task)
    if in_image:
        yield from _container_faults(task)


def _container_faults(task: Task) -> Iterator[PodFault]:
    options = task.options
    yield from _secret_faults(task)
    for name in options.env:
        yield from _variable_fault("env", name)
    for name in options.secrets:
        if not name.startswith("/"):
            yield from _variable_fault("secrets", name)
    if options.working_dir is not None and not options.working_dir.startswith("/"):
        yield PodFault(
            option="working_dir",
            what=f"`{options.working_dir}` is a relative path, and an image has no folder of the pipeline",
            mend="write the path from the root of the image",
        )


def _resource_faults(resources: Resources) -> Iterator[PodFault]:
    for text in resources.tolerations:
        if toleration(text) is None:
            yield PodFault(
                option="resources",
                what=f"`{text}` is no toleration",
                mend=f'write "key=value:Effect" or "key:Effect" with one of the effects {", ".join(EFFECTS)}',
            )
    for key, value in resources.node_selector.items():
        if not (_KEY.fullmatch(key) and _LABEL_VALUE.fullmatch(value)):
            yield PodFault(
                option="resources",
                what=f"`{key}: {value}` is no label of a node",
                mend="a value has up to 63 letters, digits, `-`, `_` and `.`, a key the same, perhaps behind `domain/`",
            )
    limit = resources.limits.get("gpu")
    if resources.gpu and limit is not None and limit != resources.gpu:
        yield PodFault(
            option="resources",
            what=f"{resources.gpu} gpus are requested and the limit is {limit}",
            mend="gpus cannot be lent: write one number",
        )
    if resources.gpu_type is not None and not _is_gpu_type(resources.gpu_type):
        yield PodFault(
            option="resources",
            what=f"`{resources.gpu_type}` is no type of gpus",
            mend='write a product such as "NVIDIA-A100-SXM4-80GB", a label of nodes such as "gpu=a100", '
            'or a resource such as "amd.com/gpu"',
        )


def _is_gpu_type(text: str) -> bool:
    key, equals, value = text.partition("=")
    return _KEY.fullmatch(key) is not None and (not equals or _LABEL_VALUE.fullmatch(value) is not None)


def _volume_faults(task: Task) -> Iterator[PodFault]:
    sources: dict[str, tuple[str, Any]] = {}
    paths: set[str] = set(secret_files(task))
    for number, raw in enumerate(task.options.volumes, 1):
        what = _wrong_in_volume(raw)
        if what is None:
            volume = _volume(raw, number)
            if sources.setdefault(volume.name, (volume.kind, volume.source)) != (volume.kind, volume.source):
                what = f"two volumes are called `{volume.name}`"
            elif volume.mount_path in paths:
                what = f"two volumes are mounted at `{volume.mount_path}`"
            paths.add(volume.mount_path)
        if what is not None:
            yield PodFault(
                option="volumes",
                what=what,
                mend=f'write {{ mount_path: "/data", claim: "name" }}, or another of {", ".join(KINDS[1:])}',
            )


def _wrong_in_volume(raw: Any) -> str | None:
    if not isinstance(raw, dict):
        return "a volume is a map"
    unknown = [key for key in raw if key not in (*KINDS, *_OTHER_KEYS)]
    if unknown:
        return f"a volume has no `{unknown[0]}`"
    kinds = [key for key in KINDS if key in raw]
    if len(kinds) != 1:
        return f"a volume is one of {', '.join(KINDS)}"
    path, name, sub_path = raw.get("mount_path"), raw.get("name", "volume"), raw.get("sub_path", "")
    if not isinstance(path, str) or not path.startswith("/") or ":" in path:
        return "a volume needs a `mount_path`, from the root and without colons"
    if not isinstance(name, str) or not _VOLUME_NAME.fullmatch(name):
        return f"`{name}` is no name of a volume: small letters, digits and `-`, at most 63"
    if not isinstance(sub_path, str) or sub_path.startswith("/") or ".." in sub_path.split("/"):
        return "a `sub_path` is relative and stays inside the volume"
    if not isinstance(raw.get("read_only", False), bool):
        return "`read_only` is true or false"
    return _wrong_source(kinds[0], raw[kinds[0]])


def _wrong_source(kind: str, source: Any) -> str | None:
    match kind:
        case "empty_dir":
            is_size = isinstance(source, int) and source > 0
            return (
                None if source is True or source == "Memory" or is_size else '`empty_dir` is true, a size or "Memory"'
            )
        case "host_path":
            return None if isinstance(source, str) and source.startswith("/") else "`host_path` is a path from the root"
    return None if isinstance(source, str) and _is_object_name(source) else f"`{source}` is no name of Kubernetes"


def _secret_faults(task: Task) -> Iterator[PodFault]:
    options = task.options
    named = [("env", value) for value in options.env.values() if isinstance(value, SecretReference)]
    named += [("secrets", value) for value in options.secrets.values()]
    for option, value in named:
        found = secret_key(value.name)
        if not _is_object_name(found.secret) or not _ENTRY.fullmatch(found.key):
            yield PodFault(
                option=option,
                what=f"`{value.name}` is no name of a Secret",
                mend='write secret("name") or secret("name/key"), with small letters, digits, `-` and `.` in the name',
            )


def _variable_fault(option: str, name: str) -> Iterator[PodFault]:
    if not _VARIABLE.fullmatch(name):
        yield PodFault(
            option=option,
            what=f"`{name}` is no environment variable of a container",
            mend="use letters, digits, `_`, `-` and `.`, and begin with no digit",
        )


def is_volume_name(text: str) -> bool:
    """Whether a volume may have this name, which Secrets, config maps and claims may have in more cases."""
    return _VOLUME_NAME.fullmatch(text) is not None


def _is_object_name(text: str) -> bool:
    return len(text) <= _MAX_OBJECT_NAME and _OBJECT_NAME.fullmatch(text) is not None
