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
    *, chosen: Mapping[str, bool] = {}, succeeded: Sequence[str] = (), any_of: Sequence[str] = ()
) -> Callable[[Any], None]:
    """A check before a task runs, which skips it unless all of this is so.

    These decisions for the same item came out like this (a branch operator skips nothing in a mapped task group);
    these tasks succeeded; one of `any_of` did.
    """

    def check(context: Any) -> None:
        ti = context["ti"]
        for decision, taken in chosen.items():
            if ti.xcom_pull(task_ids=decision, map_indexes=ti.map_index) is not taken:
                raise AirflowSkipException(f"{decision} did not choose this side")
        states = upstream_states(ti, [*succeeded, *any_of])
        if any(states[id] != "success" for id in succeeded):
            raise AirflowSkipException(f"{', '.join(succeeded)} did not succeed")
        if any_of and all(states[id] != "success" for id in any_of):
            raise AirflowSkipException(f"none of {', '.join(any_of)} succeeded")

    return check


def upstream_states(ti: Any, task_ids: Sequence[str]) -> dict[str, Any]:
    """The states of tasks of this run; of a mapped one that of the same item."""
    states: dict[str, Any] = dict.fromkeys(task_ids)
    for map_index in {-1, ti.map_index} if task_ids else ():
        found = ti.get_task_states(
            dag_id=ti.dag_id, task_ids=list(task_ids), run_ids=[ti.run_id], map_index=map_index
        ).get(ti.run_id, {})
        suffix = "" if map_index < 0 else f"_{map_index}"
        states.update((id, found[id + suffix]) for id in task_ids if id + suffix in found)
    return states
