"""Options of tasks as fields of Kubeflow's tasks, and what `target kubeflow { … }` may set."""

from __future__ import annotations

import math
from typing import Any

from pipec.backend import TargetOption, TargetOptions
from pipec.ir.model import GateCheck, PipelineCall, Retry, Task

from .retries import tries_inside

_LONGEST = "31536000s"
"""A year: a cluster gives up so long after the first attempt, and at once where nothing is said."""

_POD = {
    "pod_labels": TargetOption((dict,), "labels of the pods", items=(str,)),
    "pod_annotations": TargetOption((dict,), "annotations of the pods", items=(str,)),
    "image_pull_policy": TargetOption((str,), "when nodes fetch an image", choices=("Always", "IfNotPresent", "Never")),
    "image_pull_secrets": TargetOption((list,), "Secrets by which nodes fetch images", items=(str,)),
    "run_as_user": TargetOption((int,), "the number of the user as whom containers run", minimum=0),
    "run_as_group": TargetOption((int,), "the number of the group as which containers run", minimum=0),
    "run_as_non_root": TargetOption((bool,), "whether containers that would run as root do not start"),
}

OPTIONS = TargetOptions(
    pipeline={
        "image": TargetOption((str,), "the image of tasks that name none; it has Python and your modules"),
        "helper_image": TargetOption(
            (str,), "the image of decisions, gates and what else only computes: Python 3.11 or later"
        ),
        "server_timezone": TargetOption(
            (str,),
            "the time zone in which the server reads every cron, `cronScheduleTimezone` in its config map "
            "`pipeline-install-config`; UTC by default",
        ),
        "enabled": TargetOption(
            (bool,), "whether the recurring run starts runs as soon as it is made; true by default"
        ),
        "display_name": TargetOption((str,), "the name that people see"),
        "ttl_seconds_after_finished": TargetOption((float,), "how long a run is kept after its end", minimum=1),
        "ttl_seconds_after_success": TargetOption((float,), "how long a run is kept after its success", minimum=1),
        "ttl_seconds_after_failure": TargetOption((float,), "how long a run is kept after its failure", minimum=1),
        "active_deadline_seconds": TargetOption((float,), "how long a run may take before it is ended", minimum=1),
        "workspace": TargetOption(
            (int,), "the size of a volume for each run, at /kfp-workspace in the tasks that say `workspace`", minimum=1
        ),
        "workspace_storage_class": TargetOption((str,), "the storage class of the workspace"),
        "workspace_access_modes": TargetOption(
            (list,),
            "how the workspace may be mounted",
            items=(str,),
            choices=("ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod"),
        ),
        **_POD,
    },
    task={
        "display_name": TargetOption((str,), "the name that people see"),
        "cache_key": TargetOption((str,), "tasks with the same key and inputs share their results, with cache = true"),
        "workspace": TargetOption((bool,), "whether the task sees the workspace of the run, at /kfp-workspace"),
        "ephemeral_volumes": TargetOption(
            (dict,), "volumes made for the pod alone, their sizes by the paths where they are", items=(int,), minimum=1
        ),
        "ephemeral_storage_class": TargetOption((str,), "the storage class of these volumes"),
        "config_map_env": TargetOption(
            (dict,), "environment variables that hold keys of config maps, written `name/key`", items=(str,)
        ),
        "field_path_env": TargetOption(
            (dict,), "environment variables that hold fields of the pod, such as `metadata.name`", items=(str,)
        ),
        **_POD,
    },
    refused={
        "cpu_limit": "write resources = { limits: { cpu: 2 } }",
        "memory_limit": "write resources = { limits: { memory: 4Gi } }",
        "accelerator_type": 'write resources = { gpu: 1, gpu_type: "…" }',
        "node_selector": "write resources = { node_selector: { … } }",
        "tolerations": 'write resources = { tolerations: ["key=value:Effect"] }',
        "timeout": "write timeout = 1h in the task",
    },
)


def settings_of(task: Task) -> dict[str, Any]:
    """Caching and retries of a task, and the name that people see."""
    found: dict[str, Any] = {}
    said = task.targets.get("kubeflow", {})
    if "display_name" in said:
        found["taskInfo"] = {"name": said["display_name"]}
    if not isinstance(task.implementation, PipelineCall):
        found["cachingOptions"] = {"enableCache": True} if task.options.cache else {}
        if task.options.cache and "cache_key" in said:
            found["cachingOptions"]["cacheKey"] = said["cache_key"]
    retry = task.options.retry
    is_gate = isinstance(task.implementation, GateCheck)  # what it requires will not hold a second time either
    if retry is not None and retry.max > 0 and not is_gate and not tries_inside(task):
        found["retryPolicy"] = _retry_policy(retry)
    return found


def _retry_policy(retry: Retry) -> dict[str, Any]:
    """The cluster knows whole seconds and whole factors alone, and no cap of a single wait."""
    grows = retry.max > 1 and retry.delay > 0
    return {
        "maxRetryCount": retry.max,
        "backoffDuration": f"{math.ceil(retry.delay)}s",
        "backoffFactor": float(retry.backoff) if grows else 1.0,
        "backoffMaxDuration": _LONGEST,
    }
