"""How large the workflow will be that a server of Kubeflow makes of a file.

Argo keeps a workflow in one object of Kubernetes. The server writes into it every component, every container and, for
each task, what it is given, a driver and a pod. While the workflow runs, what becomes of the tasks is added.
"""

from __future__ import annotations

from collections.abc import Iterator

from pipec.backend import Advice

LARGEST = 700_000
"""Bytes of a workflow that is still made and run: etcd takes 1.5 MiB, and the run needs about as much again."""

_TASK = 1_500
"""Bytes that Argo takes for a task besides: two templates' arguments, dependencies and conditions."""


def workflow_size(text: str) -> int:
    """Bytes, about, by the text of the file. Containers that are equal, which the server writes once, count each."""
    said = sum(len(line.lstrip(" ")) for line in text.split("\n"))
    return said + _TASK * text.count('"componentRef":')


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
