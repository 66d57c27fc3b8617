"""Waits for tasks of other pipelines: what these are called on Airflow."""

from __future__ import annotations

from pipec.frozen import Frozen
from pipec.ir.model import Pipeline, Program
from pipec.semantics.references import task_reference

from ..embedded_ids import named_task
from ..names import airflow_ids
from ..prepare import prepared


class OtherTask(Frozen):
    """A task of another DAG; several ids where it stands in a loop. The dates of its runs are in `timezone`."""

    dag_id: str
    ids: tuple[str, ...]
    timezone: str


def other_task(text: str, program: Program, timezone: str) -> OtherTask:
    """What a reference names. Of a pipeline that the program has not, the time zone is taken to be the one given."""
    reference = task_reference(text)
    assert reference is not None
    key = next((key for key, one in program.pipelines.items() if one.name == reference.pipeline), None)
    if key is None:
        dag_id, named_ids = named_task(text)
        return OtherTask(dag_id, tuple(named_ids), timezone)
    pipeline: Pipeline = prepared(program, key).pipeline
    ids = airflow_ids(pipeline.tasks)
    named = [task for task in pipeline.tasks if task.id == reference.task] or [
        task for task in pipeline.tasks if task.name == reference.task
    ]
    return OtherTask(pipeline.name, tuple(ids[task.id] for task in named) or (reference.task,), pipeline.timezone)
