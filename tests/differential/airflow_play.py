"""Plays a case in Airflow, with Airflow's own scheduling and a database of its own.

`play_scheduled` creates a DAG run and lets `DagRun.update_state` decide what may start, what is skipped and expanded,
and the verdict; only the ends of the attempts are written by hand, a branch's through Airflow's `BranchMixIn` and the
route of its API that skips tasks. `play_tested` runs the same DAG by `dag.test()`, code and all: much slower.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from random import Random
from types import SimpleNamespace
from typing import Any

from airflow.api_fastapi.execution_api.datamodels.taskinstance import TISkippedDownstreamTasksStatePayload
from airflow.api_fastapi.execution_api.routes.task_instances import ti_skip_downstream
from airflow.models.dag import DagModel
from airflow.models.dagbundle import DagBundleModel
from airflow.models.serialized_dag import SerializedDagModel
from airflow.models.taskmap import TaskMap
from airflow.models.xcom import XComModel
from airflow.sdk import RetryAction
from airflow.sdk.exceptions import DownstreamTasksSkipped
from airflow.serialization.serialized_objects import DagSerialization, LazyDeserializedDAG
from airflow.utils.session import create_session
from airflow.utils.state import DagRunState, TaskInstanceState
from airflow.utils.types import DagRunTriggeredByType, DagRunType
from pipec.backends.airflow.names import VERDICT_ID

from pipec.ir.model import Pipeline
from tests.differential.acting import Act, Actors
from tests.differential.engine_play import EXCEPTIONS
from tests.differential.lowering import ACTORS, Lowered, PlayedDecision
from tests.differential.plans import Plan
from tests.differential.results import Result

_BUNDLE = "dags-folder"
_IDLE_TURNS = 40
"""How often the scheduler may find nothing to start before the run counts as stuck; a turn may hand on one state."""


Instance = tuple[str, int]
"""A task and the index of its instance, -1 for one that stands for itself."""

Choose = Callable[[Sequence[Instance]], Sequence[Instance]]
"""Which of the attempts that were started end next, before the scheduler looks again."""


def play_scheduled(pipeline: Pipeline, plan: Plan, random: Random) -> Result:
    """Play a case with attempts that end in a random order. Nothing stays in the database."""
    return play_in_order(pipeline, plan, lambda started: [random.choice(started)])


def play_in_order(pipeline: Pipeline, plan: Plan, choose: Choose) -> Result:
    """Play a case with attempts that end as chosen. Nothing stays in the database."""
    with create_session() as session:
        try:
            return _ScheduledRun(pipeline, plan, choose, session).play()
        finally:
            session.rollback()


def play_tested(pipeline: Pipeline, plan: Plan, dag_id: str) -> Result:
    """Play a case by `dag.test()`. The id of the DAG must be a new one."""
    lowered = Lowered(pipeline, plan, dag_id)
    ACTORS[dag_id] = (Actors(pipeline, plan), lowered.task_ids)
    try:
        with create_session() as session:
            register(lowered.dag, session)
        run = lowered.dag.test()
        with create_session() as session:
            return _result(pipeline, lowered, run, run.get_task_instances(session=session))
    finally:
        del ACTORS[dag_id]


def register(dag: Any, session: Any) -> None:
    """Make a DAG known to the database."""
    if session.get(DagBundleModel, _BUNDLE) is None:
        session.add(DagBundleModel(name=_BUNDLE))
        session.flush()
    model: Any = DagModel
    session.add(model(dag_id=dag.dag_id, bundle_name=_BUNDLE))
    session.flush()
    SerializedDagModel.write_dag(LazyDeserializedDAG.from_dag(dag), bundle_name=_BUNDLE, session=session)
    session.flush()


class _ScheduledRun:
    def __init__(self, pipeline: Pipeline, plan: Plan, choose: Choose, session: Any) -> None:
        self._pipeline = pipeline
        self._actors = Actors(pipeline, plan)
        self._choose = choose
        self._session = session
        self._lowered = Lowered(pipeline, plan, "differential")
        register(self._lowered.dag, session)
        dag: Any = DagSerialization.deserialize_dag(DagSerialization.serialize_dag(self._lowered.dag))
        now = datetime.datetime.now(datetime.UTC)
        self._run = dag.create_dagrun(
            run_id="run",
            logical_date=now,
            data_interval=(now, now),
            run_after=now,
            run_type=DagRunType.MANUAL,
            state=DagRunState.RUNNING,
            triggered_by=DagRunTriggeredByType.TEST,
            start_date=now,
            session=session,
        )
        self._run.dag = dag

    def play(self) -> Result:
        idle = 0
        while True:
            self._session.expire_all()
            schedulable, _ = self._run.update_state(session=self._session, execute_callbacks=False)
            if self._run.state != DagRunState.RUNNING:
                return _result(self._pipeline, self._lowered, self._run, self._instances())
            self._run.schedule_tis(schedulable, session=self._session)
            self._session.expire_all()
            started = self._started()
            idle = 0 if started else idle + 1
            assert idle < _IDLE_TURNS, f"Airflow is stuck: {[(one.task_id, one.state) for one in self._instances()]}"
            for instance in self._choose(sorted(started)) if started else ():
                self._end(*instance, started[instance])

    def _instances(self) -> list[Any]:
        return list(self._run.get_task_instances(session=self._session))

    def _started(self) -> dict[Instance, Any]:
        scheduled = [one for one in self._instances() if one.state == TaskInstanceState.SCHEDULED]
        return {(self._lowered.task_ids[one.task_id], one.map_index): one for one in scheduled}

    def _end(self, task: str, index: int, instance: Any) -> None:
        """Write the end of an attempt as the worker and the API server do."""
        act = self._actors.act(task, index, instance.try_number)
        operator = self._lowered.dag.task_dict[instance.task_id]
        match act.ending:
            case "success" if isinstance(operator, PlayedDecision):
                self._branch(instance, operator, act)
                state = TaskInstanceState.SUCCESS
            case "success":
                self._push(instance, "return_value", act.value)
                state = TaskInstanceState.SUCCESS
            case "skip":
                state = TaskInstanceState.SKIPPED
            case ending:
                is_retried = _is_retried(operator, EXCEPTIONS[ending]("meant to fail"), instance)
                state = TaskInstanceState.UP_FOR_RETRY if is_retried else TaskInstanceState.FAILED
        instance.set_state(state, session=self._session)
        if state == TaskInstanceState.UP_FOR_RETRY:
            instance.end_date = datetime.datetime.now(datetime.UTC) - datetime.timedelta(hours=1)
        self._session.flush()

    def _branch(self, instance: Any, operator: PlayedDecision, act: Act) -> None:
        worker = SimpleNamespace(
            task=operator,
            map_index=instance.map_index,
            xcom_push=lambda key, value: self._push(instance, key, value),
        )
        context: Any = {"ti": worker}
        try:
            operator.do_branch(context, operator.sides[0 if act.value else 1])
        except DownstreamTasksSkipped as skipped:
            tasks = [one if isinstance(one, str) else tuple(one) for one in skipped.tasks]
            ti_skip_downstream(instance.id, TISkippedDownstreamTasksStatePayload(tasks=tasks), self._session)
            self._session.expire_all()

    def _push(self, instance: Any, key: str, value: Any) -> None:
        place = {
            "dag_id": instance.dag_id,
            "task_id": instance.task_id,
            "run_id": instance.run_id,
            "map_index": instance.map_index,
        }
        XComModel.set(key=key, value=value, session=self._session, **place)
        if key == "return_value" and isinstance(value, list):
            self._session.merge(TaskMap(length=len(value), keys=None, **place))


def _is_retried(operator: Any, raised: Exception, instance: Any) -> bool:
    if instance.try_number > instance.max_tries:
        return False
    if operator.retry_policy is None:
        return True
    decision = operator.retry_policy.evaluate(raised, instance.try_number, instance.max_tries)
    return bool(decision.action != RetryAction.FAIL)


def _result(pipeline: Pipeline, lowered: Lowered, run: Any, instances: list[Any]) -> Result:
    kinds = {task.id: task.implementation.kind for task in pipeline.tasks}
    states: dict[str, dict[int, str]] = {}
    attempts = {}
    for instance in instances:
        if instance.task_id == VERDICT_ID:
            continue
        task = lowered.task_ids[instance.task_id]
        state = str(getattr(instance.state, "value", instance.state))
        states.setdefault(task, {})[instance.map_index] = state
        if kinds[task] == "python" and state in ("success", "failed"):
            attempts[task, instance.map_index] = instance.try_number
    return Result(str(getattr(run.state, "value", run.state)), states, attempts)
