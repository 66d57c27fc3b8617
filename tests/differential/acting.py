"""What the tasks of a case do inside Airflow: the same whether Airflow runs their code or a test ends them itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pipec.engine.attempts import failed_requirements
from pipec.engine.evaluate import EvaluationError, Scope, evaluate
from pipec.ir.expressions import outputs_used
from pipec.ir.model import Pipeline, Task
from tests.differential.plans import Plan, instance_id


@dataclass(frozen=True, slots=True)
class Act:
    """How an attempt of an instance ends; `value` is what it returns, for a decision the side it chose."""

    ending: Literal["success", "error", "busy", "skip"]
    value: Any = None


class Actors:
    """The tasks of one run. What they returned is kept, so that expressions can read it."""

    def __init__(self, pipeline: Pipeline, plan: Plan) -> None:
        self._plan = plan
        self._tasks = {task.id: task for task in pipeline.tasks}
        self._regions = {region.name: region for region in pipeline.maps}
        self._returned: dict[tuple[str, int], Any] = {}

    def act(self, task_id: str, index: int, attempt: int) -> Act:
        """Play an attempt, counted from 1, of an instance; the index is -1 for one that stands for itself."""
        act = self._act(self._tasks[task_id], index, attempt)
        if act.ending == "success":
            self._returned[task_id, index] = act.value
        return act

    def _act(self, task: Task, index: int, attempt: int) -> Act:
        if task.map is not None and self._is_untaken(task, index):
            return Act("skip")
        scope = self._scope(task, index)
        match task.implementation.kind:
            case "decision":
                try:
                    return Act("success", bool(evaluate(task.implementation.condition, scope)))
                except EvaluationError:
                    return Act("error")
            case "gate":
                return Act("error" if failed_requirements(task.requirements, scope) else "success")
            case _:
                instance = instance_id(task.id, index)
                return Act(self._plan.ending(instance, attempt), self._plan.value(instance))

    def _is_untaken(self, task: Task, index: int) -> bool:
        """Whether a decision of the same item, directly upstream, chose the other side.

        Airflow's branch operators skip nothing inside a mapped group, so the tasks of a branch ask themselves.
        """
        sides = [side for side in task.branches if side.decision in task.upstream]
        inside = [side for side in sides if self._tasks[side.decision].map == task.map]
        return any(self._returned.get((side.decision, index), side.taken) != side.taken for side in inside)

    def _scope(self, task: Task, index: int) -> Scope:
        outputs = _Outputs(self._returned, self._tasks, task, index)
        return Scope(self._plan.parameters, {}, outputs, {} if index < 0 else self._items(task, index))

    def _items(self, task: Task, index: int) -> Mapping[str, Any]:
        assert task.map is not None
        region = self._regions[task.map]
        sources = {(read.task, read.output): self._returned.get((read.task, -1)) for read in outputs_used(region.items)}
        return {task.map: evaluate(region.items, Scope(self._plan.parameters, {}, sources))[index]}


class _Outputs(Mapping[tuple[str, str], Any]):
    """What a task reads of others: those of its own item, or of all items of a map it is not in."""

    def __init__(
        self, returned: Mapping[tuple[str, int], Any], tasks: Mapping[str, Task], reader: Task, index: int
    ) -> None:
        self._returned = returned
        self._tasks = tasks
        self._reader = reader
        self._index = index

    def __getitem__(self, key: tuple[str, str]) -> Any:
        region = self._tasks[key[0]].map
        assert region is None or region == self._reader.map, "the cases read no lists of outputs"
        return self._returned.get((key[0], -1 if region is None else self._index))

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(())

    def __len__(self) -> int:
        return 0
