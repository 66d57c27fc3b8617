"""How large the workflow will be that a server of Kubeflow makes of a specification.

Argo keeps a workflow in one object of Kubernetes. The server writes into it every component, every container and, for
each task, what it is given, a driver and a pod; equal components and containers it writes once. While the workflow
runs, what becomes of the tasks is added.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from pipec.backend import Advice

from .specification import Specification

LARGEST = 700_000
"""Bytes of a workflow that is still made and run: etcd takes 1.5 MiB, and the run needs about as much again."""

_TASK = 1_500
"""Bytes that Argo takes for a task besides: two templates' arguments, dependencies and conditions."""


def workflow_size(specification: Specification) -> int:
    """Bytes, about."""
    document = specification.pipeline
    components = document["components"].values()
    platform = specification.platform.get("deploymentSpec", {}).get("executors", {}).values()
    executors = document["deploymentSpec"]["executors"].values()
    # What components say of their executor's name is not part of what the server compares.
    containers = {_written({**one, "executorLabel": ""}) for one in components if "dag" not in one}
    once = containers | {_written(one) for one in (*executors, *platform)}
    dags = [document["root"], *(one for one in components if "dag" in one)]
    tasks = [task for dag in dags for task in dag["dag"]["tasks"].values()]
    return sum(map(len, once)) + sum(len(_written(one)) for one in (*dags, *tasks)) + _TASK * len(tasks)


def size_advice(specification: Specification) -> Iterator[Advice]:
    """What to do where the workflow may be too large."""
    size = workflow_size(specification)
    if size > LARGEST:
        yield Advice(
            "P0506",
            f"the workflow will have about {size / 1_000_000:.1f} MB, and Kubernetes may refuse it: "
            f"keep it below {LARGEST / 1_000_000:g} MB",
            "split it into several pipelines, or write tasks that differ in a value alone once, in a `map`",
        )


def _written(part: Any) -> str:
    return json.dumps(part, ensure_ascii=False)
