"""What tasks ask of their pods that an engine which writes pods itself can say, and one that does not may not.

Such an engine starts every task in a pod of its own, names volumes after what they hold, mounts Secrets as whole
folders, waits whole seconds between attempts, and starts images by a command of the task.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import Any

from pipec.analysis.placement import PREFERRED, REQUIRED
from pipec.analysis.pods import is_volume_name, pod_faults, runs_in_pod, secret_files, secret_key, volumes_of
from pipec.frozen import Frozen
from pipec.ir.expressions import RunReference, walk
from pipec.ir.model import (
    CommandLine,
    ContainerImage,
    PipelineCall,
    PythonFunction,
    Retry,
    ShellScript,
    Task,
)
from pipec.ir.traverse import task_expressions

DEMANDED = (
    "pod.form_without_image",
    "volumes.host_path",
    "volumes.sub_path",
    "volumes.read_only",
    "volumes.name",
    "secrets.file_names",
    "affinity.beyond_nodes",
    "image.entrypoint",
    "image.packages",
    "image.retry",
)
"""The features that demands are of."""


class PodDemand(Frozen):
    """A feature that a task uses: the key of what says so, what it asks for, and how it could be avoided."""

    feature: str
    key: str
    what: str
    mend: str = ""


def pod_demands(task: Task) -> Iterator[PodDemand]:
    """What a task asks for besides what any engine that runs containers can say."""
    if isinstance(task.implementation, PipelineCall):
        return
    faults = list(pod_faults(task, True))
    if isinstance(task.implementation, PythonFunction | ShellScript | CommandLine) and not runs_in_pod(task):
        for fault in faults:
            if fault.option != "working_dir":
                yield PodDemand("pod.form_without_image", fault.option, fault.what, fault.mend)
    if not any(fault.option in ("volumes", "secrets") for fault in faults):
        yield from _volume_demands(task)
        yield from _secret_file_demands(task)
    if task.options.resources is not None:
        for what in _wrong_in_affinity(task.options.resources.affinity):
            yield PodDemand("affinity.beyond_nodes", "resources", what)
    if isinstance(task.implementation, ContainerImage):
        yield from _image_demands(task, task.implementation)


# --- volumes and secrets -------------------------------------------------------------------------


def _volume_demands(task: Task) -> Iterator[PodDemand]:
    names: set[str] = set()
    for volume in volumes_of(task):
        at = f"the volume at `{volume.mount_path}`"
        if volume.kind == "host_path":
            yield PodDemand("volumes.host_path", "volumes", at)
            continue
        if volume.sub_path is not None and volume.kind != "claim":
            yield PodDemand("volumes.sub_path", "volumes", at)
        if volume.read_only and volume.kind in ("claim", "empty_dir"):
            yield PodDemand("volumes.read_only", "volumes", at)
        name = volume.name if volume.kind == "empty_dir" else str(volume.source)
        if name in names:
            yield PodDemand("volumes.name", "volumes", f"`{name}` is mounted twice")
        elif not is_volume_name(name):
            yield PodDemand("volumes.name", "volumes", f"no volume can be called `{name}`")
        names.add(name)


def _secret_file_demands(task: Task) -> Iterator[PodDemand]:
    """A Secret becomes a folder, in which each of its keys is a file."""
    folders = {volume.mount_path: f"volume {volume.name}" for volume in volumes_of(task)}
    mounted = {str(volume.source) for volume in volumes_of(task) if volume.kind != "empty_dir"}
    of_files: dict[str, str] = {}
    for path, name in secret_files(task).items():
        found, folder, file = secret_key(name), posixpath.dirname(path), posixpath.basename(path)
        what = None
        if file != found.key:
            what = f"`{path}` holds the key `{found.key}`"
        elif folder == "/":
            what = f"`{path}` is at the root"
        elif folders.setdefault(folder, found.secret) != found.secret:
            what = f"`{folder}` has files of other things too"
        elif found.secret in mounted or of_files.setdefault(found.secret, folder) != folder:
            what = f"`{found.secret}` is mounted elsewhere too"
        elif not is_volume_name(found.secret):
            what = f"no volume can be called `{found.secret}`"
        if what is not None:
            yield PodDemand("secrets.file_names", "secrets", what)


# --- placement -----------------------------------------------------------------------------------


def _wrong_in_affinity(affinity: dict[str, Any]) -> Iterator[str]:
    """What is no rule about nodes, in the words of Kubernetes."""
    for name in affinity:
        if name != "nodeAffinity":
            yield f"`{name}`"
    rules = affinity.get("nodeAffinity", {})
    if not isinstance(rules, dict):
        yield "`nodeAffinity` is a map"
        return
    for name, rule in rules.items():
        if name == REQUIRED:
            if not (isinstance(rule, dict) and _are_terms(rule.get("nodeSelectorTerms")) and len(rule) == 1):
                yield f"`{name}` is {{ nodeSelectorTerms: [{{ matchExpressions: […] }}] }}"
        elif name == PREFERRED:
            if not (isinstance(rule, list | tuple) and all(map(_is_preference, rule))):
                yield f"`{name}` is [{{ weight: 100, preference: {{ matchExpressions: […] }} }}]"
        else:
            yield f"`{name}` in `nodeAffinity`"


def _is_preference(rule: Any) -> bool:
    is_weighed = isinstance(rule, dict) and rule.keys() == {"weight", "preference"} and isinstance(rule["weight"], int)
    return is_weighed and 1 <= rule["weight"] <= 100 and _are_terms([rule["preference"]])


def _are_terms(terms: Any) -> bool:
    return isinstance(terms, list | tuple) and bool(terms) and all(map(_is_term, terms))


def _is_term(term: Any) -> bool:
    if not isinstance(term, dict) or not term or not term.keys() <= {"matchExpressions", "matchFields"}:
        return False
    return all(isinstance(rules, list | tuple) and all(map(_is_expression, rules)) for rules in term.values())


def _is_expression(rule: Any) -> bool:
    return (
        isinstance(rule, dict)
        and rule.keys() <= {"key", "operator", "values"}
        and isinstance(rule.get("key"), str)
        and rule.get("operator") in ("In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt")
        and all(isinstance(value, str) for value in rule.get("values", ()))
    )


# --- images --------------------------------------------------------------------------------------


def _image_demands(task: Task, image: ContainerImage) -> Iterator[PodDemand]:
    if not image.command:
        yield PodDemand("image.entrypoint", "implementation", "it has no `command`")
    if task.options.packages:
        yield PodDemand("image.packages", "packages", "`packages` of an image task")
    retry = task.options.retry
    if retry is not None and retry.max > 0:
        for what in _wrong_in_retry(task, retry):
            yield PodDemand("image.retry", "retry", what)


def _wrong_in_retry(task: Task, retry: Retry) -> Iterator[str]:
    if retry.on is not None:
        yield "retries limited to some failures"
    if not waits_whole_seconds(retry):
        yield "waits that are capped, are no whole seconds, or grow by no whole factor"
    if reads_attempt(task):
        yield "it reads `run.attempt`"


def reads_attempt(task: Task) -> bool:
    """Whether an expression of the task is another one in each of its attempts."""
    parts = (part for _, expression in task_expressions(task) for part in walk(expression))
    return any(isinstance(part, RunReference) and part.field == "attempt" for part in parts)


def waits_whole_seconds(retry: Retry) -> bool:
    """Whether the waits are whole seconds that grow by a whole factor and never meet their cap."""
    if not float(retry.delay).is_integer():
        return False
    if retry.max <= 1 or retry.delay == 0:
        return retry.max_delay is None or retry.delay <= retry.max_delay
    if not float(retry.backoff).is_integer():
        return False
    longest = retry.delay * retry.backoff ** (retry.max - 1)
    return retry.max_delay is None or longest <= retry.max_delay
