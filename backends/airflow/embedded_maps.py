"""What generated DAG files with maps, or with pipelines run as tasks, hold a copy of. This is never imported."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from airflow.sdk.exceptions import AirflowSkipException


def mapped_values(ti: Any, task_id: str, list_task_id: str) -> list[Any]:
    """What each instance of a mapped task returned, in item order: None where one gave nothing or did not succeed."""
    count = len(ti.xcom_pull(task_ids=list_task_id) or ())
    return [ti.xcom_pull(task_ids=task_id, map_indexes=index) for index in range(count)]


def only_if(
    *,
    chosen: Mapping[str, bool] = {},
    succeeded: Sequence[str] = (),
    any_of: Sequence[str] = (),
    any_done: Sequence[str] = (),
    none_skipped: Sequence[str] = (),
) -> Callable[[Any], None]:
    """A check before a task runs, which skips it unless all of this is so.

    None of these decisions chose the other side; these tasks succeeded; one of `any_of` did; one of `any_done` did or
    failed; none of `none_skipped` was skipped.
    """

    def check(context: Any) -> None:
        task, ti = context["task"], context["ti"]
        for decision, taken in chosen.items():
            index = ti.map_index if is_same_item(task, decision) else None
            if ti.xcom_pull(task_ids=decision, map_indexes=index) is (not taken):
                raise AirflowSkipException(f"{decision} chose the other side")
        for id in succeeded:
            if instance_states(task, ti, id) != {"success"}:
                raise AirflowSkipException(f"{id} did not succeed")
        for id in none_skipped:
            if "skipped" in instance_states(task, ti, id):
                raise AirflowSkipException(f"{id} was skipped")
        if any_done and all(instance_states(task, ti, id).isdisjoint({"success", "failed"}) for id in any_done):
            raise AirflowSkipException(f"none of {', '.join(any_done)} ran")
        if any_of and all("success" not in instance_states(task, ti, id) for id in any_of):
            raise AirflowSkipException(f"none of {', '.join(any_of)} succeeded")

    return check


def is_same_item(task: Any, other: str) -> bool:
    """Whether another task stands in the same mapped task group, so that only its instance for the same item counts."""
    group, its_group = (one.get_closest_mapped_task_group() for one in (task, task.dag.get_task(other)))
    return group is not None and its_group is not None and group.group_id == its_group.group_id


def instance_states(task: Any, ti: Any, other: str) -> set[str]:
    """The states in this run of another task's instances; of one in the same mapped task group that for the item.

    A task that is not run for any item may be final before it has instances: then its own state counts for each.
    """
    for index in (ti.map_index, -1) if is_same_item(task, other) else (None,):
        found = ti.get_task_states(dag_id=ti.dag_id, task_ids=[other], run_ids=[ti.run_id], map_index=index)
        if found.get(ti.run_id):
            return {str(state) for state in found[ti.run_id].values()}
    return set()
