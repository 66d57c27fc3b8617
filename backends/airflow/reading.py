"""How a task comes to the values it reads: as arguments of its function, or by asking XCom for them in its body."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from pipec.frozen import Frozen
from pipec.ir.expressions import Expression, ItemReference, ListExpression, OutputReference, children, walk
from pipec.ir.model import Task
from pipec.ir.traverse import task_expressions
from pipec.ir.types import ListType, OptionalType

from .forms import may_be_null
from .literals import py
from .names import Names
from .references import upstream_read

Family = tuple[str, ...]
"""All instances of a loop, in source order."""


_FUNCTIONS = ("python", "shell", "command")
"""Kinds of tasks that are functions where they have outputs."""


class Reads(Frozen):
    """What a task reads: `tasks` and the items of `maps` are arguments, `pulled` statements that ask for the rest.

    `families` are all instances of a loop, which are one argument, a list.
    """

    tasks: tuple[str, ...]
    maps: tuple[str, ...]
    pulled: tuple[str, ...]
    families: tuple[Family, ...] = ()


class Reader(Frozen):
    """Knows where values are: `list_tasks` holds the task that gives the list of each map."""

    names: Names
    tasks: Mapping[str, Task]
    list_tasks: Mapping[str, str]

    def of_function(self, task: Task, expressions: Sequence[Expression]) -> Reads:
        """Of a task with a function. An argument draws an edge, so that what is not upstream is asked for."""
        tasks, pulled = [], []
        gathered = self._gathered(task, expressions)
        families = self._families(task, expressions)
        alone = set(_read_alone(expressions, families))
        for id in upstream_read(expressions, own=task.id):
            if id not in alone:
                continue
            if id in task.upstream and id not in gathered:
                tasks.append(id)
            else:
                pulled.append(self._pull(task, id))
        return Reads(tuple(tasks), tuple(_maps_read(expressions)), tuple(pulled), tuple(families))

    def of_fields(self, task: Task, expressions: Sequence[Expression]) -> Reads:
        """Of a function that the templates of an operator call: it is given nothing but the context."""
        pulled = [self._pull(task, id) for id in upstream_read(expressions, own=task.id)]
        pulled += [
            f"{self.names.items[region]} = ti.xcom_pull(task_ids={self._id(self.list_tasks[region])})[ti.map_index]"
            for region in _maps_read(expressions)
        ]
        return Reads((), (), tuple(pulled))

    def _families(self, task: Task, expressions: Sequence[Expression]) -> list[Family]:
        """The loops that are read as a whole, `train[*].auc`."""
        found = (family_of(part) for expression in expressions for part in walk(expression))
        known = (family for family in found if family in self.names.families and set(family) <= set(task.upstream))
        return list(dict.fromkeys(known))

    def _gathered(self, task: Task, expressions: Sequence[Expression]) -> set[str]:
        """The mapped tasks whose list is not Airflow's, which leaves out instances that gave nothing."""
        return {
            part.task
            for expression in expressions
            for part in walk(expression)
            if isinstance(part, OutputReference) and part.mapped
            if task.trigger_rule != "all_success"
            or task.is_finally
            or _may_hold_null(part)
            or not self._is_mapped_alone(self.tasks[part.task])
        }

    def _is_mapped_alone(self, task: Task) -> bool:
        """Whether a task is mapped by itself. Of a mapped group for one item Airflow gives the value, not a list."""
        in_map = [other for other in self.tasks.values() if other.map == task.map]
        expressions = [expression for _, expression in task_expressions(task)]
        return len(in_map) == 1 and task.implementation.kind in _FUNCTIONS and task.map in _maps_read(expressions)

    def _pull(self, task: Task, id: str) -> str:
        variable, read = self.names.functions[id], self.tasks[id]
        if read.map is None:
            return f"{variable} = ti.xcom_pull(task_ids={self._id(id)})"
        if read.map == task.map:
            return f"{variable} = ti.xcom_pull(task_ids={self._id(id)}, map_indexes=ti.map_index)"
        return f"{variable} = mapped_values(ti, {self._id(id)}, {self._id(self.list_tasks[read.map])})"

    def _id(self, id: str) -> str:
        return py(self.names.ids[id])


def family_of(expression: Expression) -> Family:
    """The tasks whose output of one name a list is made of; none for anything else."""
    items = expression.items if isinstance(expression, ListExpression) else ()
    reads = [item for item in items if isinstance(item, OutputReference) and not item.mapped]
    is_uniform = len(reads) == len(items) and len({(read.output, str(read.type)) for read in reads}) == 1
    return tuple(read.task for read in reads) if is_uniform else ()


def _read_alone(expressions: Sequence[Expression], families: Sequence[Family]) -> Iterator[str]:
    """The tasks that are read other than in a list of their loop."""
    pending = list(expressions)
    while pending:
        part = pending.pop()
        if isinstance(part, OutputReference):
            yield part.task
        elif family_of(part) not in families:
            pending.extend(children(part))


def _maps_read(expressions: Sequence[Expression]) -> list[str]:
    found = (part.map for expression in expressions for part in walk(expression) if isinstance(part, ItemReference))
    return list(dict.fromkeys(found))


def _may_hold_null(reference: OutputReference) -> bool:
    listed = reference.type.inner if isinstance(reference.type, OptionalType) else reference.type
    return not isinstance(listed, ListType) or may_be_null(listed.element)
