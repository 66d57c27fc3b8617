"""Options of tasks as fields of Kubeflow's tasks, and what `target kubeflow { … }` may set."""

from __future__ import annotations

from typing import Any

from pipec.backend import TargetOption, TargetOptions
from pipec.ir.model import PipelineCall, Task

OPTIONS = TargetOptions(
    pipeline={
        "image": TargetOption((str,), "the image of tasks that name none; it has Python and your modules"),
        "helper_image": TargetOption(
            (str,), "the image of decisions, gates and what else only computes: Python 3.11 or later"
        ),
    },
)


def settings_of(task: Task) -> dict[str, Any]:
    """Caching and retries of a task."""
    found: dict[str, Any] = {}
    if not isinstance(task.implementation, PipelineCall):
        found["cachingOptions"] = {"enableCache": True} if task.options.cache else {}
    retry = task.options.retry
    if retry is not None and retry.max > 0:
        found["retryPolicy"] = {
            "maxRetryCount": retry.max,
            "backoffDuration": f"{retry.delay:g}s",
            "backoffFactor": float(retry.backoff),
            "backoffMaxDuration": f"{retry.max_delay if retry.max_delay is not None else 3600:g}s",
        }
    return found
