"""What `target airflow { … }` may set: options of Airflow that tune and do not change what a pipeline means."""

from __future__ import annotations

from pipec.backend import TargetOption, TargetOptions

_TASK = {
    "executor": TargetOption((str,), "the executor that runs the task, where Airflow has several"),
    "max_active_tis_per_dag": TargetOption((int,), "how many of its attempts may run at once, over all runs"),
    "pool": TargetOption((str,), "the pool whose slots the task takes; it has to exist"),
    "pool_slots": TargetOption((int,), "how many slots of the pool the task takes"),
    "priority_weight": TargetOption((int,), "the higher, the earlier among tasks that wait for a slot"),
    "queue": TargetOption((str,), "the queue of the executor"),
    "task_display_name": TargetOption((str,), "what the user interface shows in place of the id"),
    "weight_rule": TargetOption((str,), "absolute, downstream or upstream: how priority weights add up"),
}

_DEFAULTS = ("executor", "pool", "pool_slots", "priority_weight", "queue", "weight_rule")
"""Options of tasks that a pipeline may set for all of its tasks."""

_PIPELINE = {
    "dag_display_name": TargetOption((str,), "what the user interface shows in place of the id"),
    "disable_bundle_versioning": TargetOption((bool,), "run with the newest files, not those a run began with"),
    "is_paused_upon_creation": TargetOption((bool,), "whether the DAG is paused when Airflow sees it first"),
    "max_consecutive_failed_dag_runs": TargetOption((int,), "pause the DAG after so many failed runs in a row"),
    "owner_links": TargetOption((dict,), "a link for each owner"),
}

OPTIONS = TargetOptions(pipeline={**_PIPELINE, **{name: _TASK[name] for name in _DEFAULTS}}, task=_TASK)
TASK_DEFAULTS = frozenset(_DEFAULTS)
