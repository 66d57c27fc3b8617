"""From the IR to an Airflow DAG of tasks that do what a plan says: made by hand, not by the compiler.

A decision is a branch operator, a map a mapped task group, a task of `finally` a teardown behind which an empty task
carries the failure, as in generated DAGs. In a map Airflow's branch operators skip nothing; there a decision is a plain
task, and the tasks right behind it skip themselves (`Actors`).
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from contextlib import ExitStack
from typing import Any

from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import DAG, BaseOperator, TaskGroup, task_group
from airflow.sdk.bases.branch import BaseBranchOperator
from airflow.sdk.exceptions import AirflowSkipException
from pipec.backends.airflow.embedded import RetryOn
from pipec.backends.airflow.names import VERDICT_ID, airflow_ids
from pipec.backends.airflow.wiring import all_edges

from pipec.ir.expressions import OutputReference, ParameterReference
from pipec.ir.model import MapRegion, Pipeline, Task
from pipec.optimisation.redundant_edges import without_redundant_edges
from tests.differential.acting import Act, Actors
from tests.differential.engine_play import EXCEPTIONS
from tests.differential.plans import Plan

ACTORS: dict[str, tuple[Actors, dict[str, str]]] = {}
"""The tasks of each DAG that Airflow may run the code of, and their ids by those in Airflow; by the id of the DAG."""


def _act(context: Any) -> Act:
    """What the task of a context does; raises what it fails or is skipped with."""
    instance = context["ti"]
    actors, ids = ACTORS[instance.dag_id]
    act = actors.act(
        ids[instance.task_id], -1 if instance.map_index is None else instance.map_index, instance.try_number
    )
    match act.ending:
        case "success":
            return act
        case "skip":
            raise AirflowSkipException("meant to be skipped")
        case ending:
            raise EXCEPTIONS[ending]("meant to fail")


class PlayedTask(BaseOperator):
    """Does what the plan says."""

    def execute(self, context: Any) -> Any:
        return _act(context).value


class PlayedDecision(BaseBranchOperator):
    """Takes a side; `sides` holds what stands right behind it on each, what joins them is on both."""

    sides: tuple[list[str], list[str]] = ([], [])

    def choose_branch(self, context: Any) -> list[str]:
        return self.sides[0 if _act(context).value else 1]


class Lowered:
    """`dag`, and `task_ids`: the ids of the tasks of the pipeline by those in Airflow."""

    def __init__(self, pipeline: Pipeline, plan: Plan, dag_id: str) -> None:
        self._pipeline = pipeline
        self._plan = plan
        self._ids: dict[str, str] = airflow_ids(pipeline.tasks)
        self._operators: dict[str, Any] = {}
        self._edges = _edges(pipeline)
        self.task_ids = {airflow_id: id for id, airflow_id in self._ids.items()}
        start = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
        with DAG(dag_id, schedule=None, start_date=start) as dag:
            self._create()
            self._connect(pipeline.tasks)
            self._check_edges()
        self.dag: Any = dag

    def _create(self) -> None:
        tasks = self._pipeline.tasks
        self._create_all((task for task in tasks if task.map is None), "")
        for region in self._pipeline.maps:
            self._create_map(region, [task for task in tasks if task.map == region.name])
        finals = [task.id for task in tasks if task.is_finally]
        if finals:
            [self._operators[id] for id in finals] >> EmptyOperator(task_id=VERDICT_ID)

    def _create_map(self, region: MapRegion, tasks: list[Task]) -> None:
        @task_group(group_id=f"map-{region.name}", prefix_group_id=False)
        def mapped(item: Any) -> None:
            self._create_all(tasks, f"{region.name}-")
            self._connect(tasks)  # before Airflow puts the list above those that have nothing else above them

        match region.items:
            case OutputReference(task=source, mapped=False):
                mapped.expand(item=self._operators[source].output)
            case ParameterReference(name=name):
                mapped.expand(item=self._plan.parameters[name])
            case other:
                raise ValueError(f"no list for a mapped group: {other}")

    def _create_all(self, tasks: Iterable[Task], prefix: str) -> None:
        parents = {group.name: group.parent for group in self._pipeline.groups}
        opened: dict[str, TaskGroup] = {}
        for task in tasks:
            path: list[str] = []
            group = task.group
            while group is not None:
                path.insert(0, group)
                group = parents[group]
            with ExitStack() as groups:
                for name in path:
                    if name not in opened:
                        opened[name] = TaskGroup(f"group-{prefix}{name}", prefix_group_id=False)
                    groups.enter_context(opened[name])
                self._operators[task.id] = self._operator(task)

    def _operator(self, task: Task) -> Any:
        options: dict[str, Any] = {"task_id": self._ids[task.id], "trigger_rule": task.trigger_rule}
        if task.implementation.kind == "decision" and task.map is None:
            decision = PlayedDecision(**options)
            decision.sides = (self._behind(task, True), self._behind(task, False))
            return decision
        if task.is_finally:
            return PlayedTask(task_id=self._ids[task.id]).as_teardown()
        retry = task.options.retry
        if retry is not None:
            options |= {"retries": retry.max, "retry_delay": datetime.timedelta(0)}
            options |= {"retry_policy": RetryOn(*retry.on)} if retry.on is not None else {}
        return PlayedTask(**options)

    def _behind(self, decision: Task, taken: bool) -> list[str]:
        """The Airflow ids directly downstream that run when a decision takes a side."""
        behind = []
        for task in self._pipeline.tasks:
            if decision.id in self._edges[task.id]:
                side = next((side.taken for side in task.branches if side.decision == decision.id), None)
                behind += [self._ids[task.id]] if side in (None, taken) else []
        return behind

    def _connect(self, tasks: Iterable[Task]) -> None:
        for task in tasks:
            operator = self._operators[task.id]
            for upstream in self._edges[task.id]:
                if upstream in self._operators and self._ids[upstream] not in operator.upstream_task_ids:
                    operator.set_upstream(self._operators[upstream])

    def _check_edges(self) -> None:
        for id, upstreams in self._edges.items():
            drawn = {self.task_ids[above] for above in self._operators[id].upstream_task_ids}
            assert drawn == set(upstreams), f"Airflow drew other edges to {id}: {drawn}"


def _edges(pipeline: Pipeline) -> dict[str, list[str]]:
    """The direct upstream tasks of every task; a task of `finally` waits for all work."""
    if not pipeline.maps:
        edges: dict[str, list[str]] = all_edges(without_redundant_edges(pipeline)[0], {})
        return edges
    work = [task.id for task in pipeline.tasks if not task.is_finally]
    return {
        task.id: list(dict.fromkeys([*(work if task.is_finally else ()), *task.upstream])) for task in pipeline.tasks
    }
