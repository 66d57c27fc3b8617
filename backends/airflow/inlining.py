"""Pipelines run as tasks of another, put into it: Airflow knows tasks and groups only.

A call `cleaned` becomes the tasks of its pipeline, `cleaned/scrub`, between two more: `cleaned-start` has the
upstream tasks and the trigger rule of the call and gives the parameters; `cleaned` is what others see as the call, it
gives what the pipeline returns. `cleaned` is upstream_failed where the pipeline failed by its own verdict.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from pipec.frozen import Frozen
from pipec.ir.expressions import (
    DictExpression,
    Expression,
    ItemReference,
    OutputReference,
    ParameterReference,
)
from pipec.ir.model import (
    Alert,
    BranchSide,
    GateCheck,
    Group,
    Implementation,
    Input,
    MapRegion,
    Output,
    Pipeline,
    PipelineCall,
    Program,
    Task,
)
from pipec.ir.rewriting import rewrite, rewrite_implementation, rewrite_requirement

from .names import base_id
from .synthetic import GivenValues, as_implementation

TASK_EVENTS = frozenset({"retry", "skipped"})
"""What an alert of a pipeline tells of each of its tasks rather than of the run."""


class Flat(Frozen):
    """A pipeline without calls; `starts` holds, for each task that stands in a part, the first task of that part."""

    pipeline: Pipeline
    starts: Mapping[str, str]


def inlined(program: Program, key: str) -> Flat:
    """The pipeline without calls, and with the alerts about each task in its tasks."""
    pipeline = _with_task_alerts(program.pipelines[key])
    tasks: list[Task] = []
    groups = list(pipeline.groups)
    maps = list(pipeline.maps)
    starts: dict[str, str] = {}
    for task in pipeline.tasks:
        if isinstance(task.implementation, PipelineCall):
            called = inlined(program, task.implementation.pipeline)
            part = _Part(task, called.pipeline)
            tasks.extend(part.tasks())
            groups.extend(part.groups())
            maps.extend(part.maps())
            starts.update((part.inside(one.id), part.start) for one in called.pipeline.tasks)
            starts.update((part.inside(inner), part.inside(start)) for inner, start in called.starts.items())
            starts[task.id] = part.start
        else:
            tasks.append(task)
    flat = pipeline.model_copy(update={"tasks": tuple(tasks), "groups": tuple(groups), "maps": tuple(maps)})
    return Flat(flat, starts)


def start_id(call: str) -> str:
    """The first task of a call."""
    return f"{call}-start"


def _with_task_alerts(pipeline: Pipeline) -> Pipeline:
    """Airflow has no alerts of a DAG about its tasks."""
    of_tasks = tuple(_of_events(alert, TASK_EVENTS) for alert in pipeline.alerts if TASK_EVENTS & set(alert.events))
    if not of_tasks:
        return pipeline
    others = (alert for alert in pipeline.alerts if set(alert.events) - TASK_EVENTS)
    return pipeline.model_copy(
        update={
            "alerts": tuple(_of_events(alert, set(alert.events) - TASK_EVENTS) for alert in others),
            "tasks": tuple(task.model_copy(update={"alerts": task.alerts + of_tasks}) for task in pipeline.tasks),
        }
    )


def _of_events(alert: Alert, events: Collection[str]) -> Alert:
    return alert.model_copy(update={"events": tuple(event for event in alert.events if event in events)})


class _Part:
    """One call and the pipeline it runs, itself without calls."""

    def __init__(self, call: Task, called: Pipeline) -> None:
        self.call = call
        self.called = called
        self.start = start_id(call.id)
        self.group = call.id
        given = {one.name: one.value for one in call.inputs}
        self.values: dict[str, Expression] = {}
        for parameter in called.parameters:
            value = given.get(parameter.name, parameter.default)
            assert value is not None
            self.values[parameter.name] = value if parameter.name in given else rewrite(value, self._of_values)

    def tasks(self) -> list[Task]:
        work = [task for task in self.called.tasks if not task.is_finally]
        finals = [task for task in self.called.tasks if task.is_finally]
        return [
            self._start(),
            *map(self._work, work),
            *(self._final(task, work, finals) for task in finals),
            self._end(),
        ]

    def groups(self) -> list[Group]:
        doc = self.called.doc
        whole = Group(name=self.group, doc=doc, parent=self.call.group, location=self.call.location)
        inner = (
            group.model_copy(update={"name": self.inside(group.name), "parent": self._group(group.parent)})
            for group in self.called.groups
        )
        return [whole, *inner]

    def maps(self) -> list[MapRegion]:
        return [
            region.model_copy(
                update={
                    "name": self.inside(region.name),
                    "parent": self.call.map if region.parent is None else self.inside(region.parent),
                    "items": rewrite(region.items, self._of_part),
                }
            )
            for region in self.called.maps
        ]

    # --- tasks ---------------------------------------------------------------------------------------

    def _start(self) -> Task:
        """Has what the call waits for."""
        call = self.call
        types = {parameter.name: parameter.type for parameter in self.called.parameters}
        inputs = tuple(Input(name=name, type=types[name], value=value) for name, value in self.values.items())
        outputs = tuple(Output(name=name, type=type_) for name, type_ in types.items())
        implementation: Implementation = as_implementation(GivenValues()) if inputs else GateCheck()
        return Task(
            id=self.start,
            name=f"{base_id(call)}-start",
            doc=f"The parameters of `{self.called.name}`." if inputs else None,
            inputs=inputs,
            outputs=outputs,
            upstream=call.upstream,
            trigger_rule=call.trigger_rule,
            implementation=implementation,
            branches=call.branches,
            group=self.group,
            map=call.map,
            is_finally=call.is_finally,
            location=call.location,
        )

    def _work(self, task: Task) -> Task:
        """A task that may start at once starts with the part."""
        if not task.upstream or task.trigger_rule == "always":
            return self._placed(task, (self.start,)).model_copy(update={"trigger_rule": "all_success"})
        return self._placed(task, tuple(map(self.inside, task.upstream)))

    def _final(self, task: Task, work: list[Task], finals: list[Task]) -> Task:
        """A `finally` task of the part runs when all of its work is final."""
        own = {other.id for other in finals}
        upstream = [other.id for other in work] if not own.intersection(task.upstream) else []
        upstream = list(dict.fromkeys([*upstream, *task.upstream]))
        placed = self._placed(task, tuple(map(self.inside, upstream)) or (self.start,))
        return placed.model_copy(update={"is_finally": False, "trigger_rule": "all_done"})

    def _end(self) -> Task:
        """What others see as the call."""
        call, called = self.call, self.called
        work = [task for task in called.tasks if not task.is_finally]
        followed = {id for task in work for id in task.upstream}
        last = [task.id for task in work if task.id not in followed]
        last += [task.id for task in called.tasks if task.is_finally]
        inputs: tuple[Input, ...] = ()
        if called.returns is not None and call.outputs:
            inputs = self._returned(rewrite(called.returns, self._of_part), call)
        upstream = dict.fromkeys([self.start, *map(self.inside, last)])
        implementation: Implementation = as_implementation(GivenValues()) if inputs else GateCheck()
        return call.model_copy(
            update={
                "name": base_id(call),
                "keys": (),
                "inputs": inputs,
                "upstream": tuple(upstream),
                "trigger_rule": "none_failed",
                "implementation": implementation,
                "group": self.group,
                "options": type(call.options)(tags=call.options.tags),
            }
        )

    def _returned(self, returns: Expression, call: Task) -> tuple[Input, ...]:
        if call.single_output:
            return (Input(name="output", type=call.outputs[0].type, value=returns),)
        assert isinstance(returns, DictExpression)
        types = {output.name: output.type for output in call.outputs}
        return tuple(Input(name=entry.key, type=types[entry.key], value=entry.value) for entry in returns.entries)

    def _placed(self, task: Task, upstream: tuple[str, ...]) -> Task:
        options = task.options
        if options.priority is None and self.call.options.priority is not None:
            options = options.model_copy(update={"priority": self.call.options.priority})
        sides = (BranchSide(decision=self.inside(side.decision), taken=side.taken) for side in task.branches)
        inputs = (one.model_copy(update={"value": rewrite(one.value, self._of_part)}) for one in task.inputs)
        return task.model_copy(
            update={
                "id": self.inside(task.id),
                "name": f"{base_id(self.call)}.{base_id(task)}",
                "keys": (),
                "inputs": tuple(inputs),
                "upstream": upstream,
                "implementation": rewrite_implementation(task.implementation, self._of_part),
                "requirements": tuple(rewrite_requirement(one, self._of_part) for one in task.requirements),
                "options": options,
                "branches": (*self.call.branches, *sides),
                "group": self._group(task.group),
                "map": self.call.map if task.map is None else self.inside(task.map),
            }
        )

    # --- names ---------------------------------------------------------------------------------------

    def inside(self, name: str) -> str:
        """A task or map of the part."""
        return f"{self.call.id}/{name}"

    def _group(self, name: str | None) -> str:
        return self.group if name is None else self.inside(name)

    def _of_values(self, reference: Expression) -> Expression:
        """In the default of a parameter: other parameters."""
        return self.values[reference.name] if isinstance(reference, ParameterReference) else reference

    def _of_part(self, reference: Expression) -> Expression:
        """In the part: parameters are what its first task gives."""
        match reference:
            case ParameterReference(name=name, type=type_):
                return OutputReference(task=self.start, output=name, type=type_)
            case OutputReference(task=task):
                return reference.model_copy(update={"task": self.inside(task)})
            case ItemReference(map=region):
                return reference.model_copy(update={"map": self.inside(region)})
            case _:
                return reference
