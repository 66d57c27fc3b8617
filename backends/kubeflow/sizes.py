"""How large the workflow will be that a server of Kubeflow makes of a file.

Argo keeps a workflow in one object of Kubernetes. The server writes into it every component, every container and, for
each task, what it is given, a driver and a pod. Containers that are equal are written once, with their component; the
defaults of the pipeline's inputs twice: with the pipeline, and as what the run is given. While the workflow runs, what
becomes of the tasks is added.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from pipec.backend import Advice

from .specification import Specification
from .writing import to_yaml

LARGEST = 700_000
"""Bytes of a workflow that is still made and run: etcd takes 1.5 MiB, and the run needs about as much again."""

_TASK = 1_500
"""Bytes that Argo takes for a task besides: two templates' arguments, dependencies and conditions."""

_COMPONENT = re.compile(r'\n( *)"executorLabel": ("[^\n]*")\n((?:\1[^\n]*\n)*)')
_CONTAINER = re.compile(r'("exec-[^"]*"):\n( *)"container":\n((?:\2  [^\n]*\n)*)')
_DEFAULT = re.compile(r'"defaultValue": [^\n]*')


def workflow_size(text: str) -> int:
    """Bytes, about, by the text of the file."""
    tasks = text.count('"componentRef":')
    given = sum(map(len, _DEFAULT.findall(text)))
    return _said(text) - _written_once(text) + given + _TASK * tasks


def size_of(specification: Specification) -> int:
    """The same by the specification that the file is to hold."""
    return workflow_size(to_yaml(specification, ""))


def is_too_large(specification: Specification) -> bool:
    """Whether a server may fail to make the workflow: what is surely so, or surely not, is not looked at closely."""
    executors = specification.pipeline["deploymentSpec"]["executors"].values()
    said = {(*one["container"].get("command", ()), *one["container"].get("args", ())) for one in executors}
    if sum(len(word) for words in said for word in words) > LARGEST:
        return True
    most = 2 * len(json.dumps(specification.pipeline)) + _TASK * len(specification.pipeline["components"])
    return most > LARGEST and size_of(specification) > LARGEST


def size_advice(text: str) -> Iterator[Advice]:
    """What to do where the workflow may be too large."""
    size = workflow_size(text)
    if size > LARGEST:
        yield Advice(
            "P0506",
            f"the workflow will have about {size / 1_000_000:.1f} MB, and Kubernetes may refuse it: "
            f"keep it below {LARGEST / 1_000_000:g} MB",
            "split it into several pipelines, or write tasks that differ in a value alone once, in a `map`",
        )


def _written_once(text: str) -> int:
    """Bytes of the containers, with their components, that equal one before."""
    components = {label: body for _, label, body in _COMPONENT.findall(text)}
    seen: set[str] = set()
    left_out = 0
    for label, _, body in _CONTAINER.findall(text):
        if body in seen:
            left_out += _said(body) + _said(components.get(label, ""))
        seen.add(body)
    return left_out


def _said(text: str) -> int:
    """Bytes of a text without its indentation."""
    return sum(len(line.lstrip(" ")) for line in text.split("\n"))
