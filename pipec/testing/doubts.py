"""What of a run nobody can know, because it hangs on values that no `given` fixes."""

from __future__ import annotations

from functools import cached_property

from pipec.frozen import Frozen
from pipec.ir.base import Location
from pipec.ir.expressions import Expression
from pipec.ir.model import Decision, GateCheck, Task
from pipec.ir.traverse import location_of
from pipec.testing.scene import Scene
from pipec.testing.wording import shown_condition


class Doubt(Frozen):
    """`what` needed the values called `names`, at `place`. `advice` says what to give."""

    what: str
    names: tuple[str, ...]
    place: Location | None
    advice: str


class Doubts:
    """Of one run. A task is in doubt where its state hangs on something unknown."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._by_task: dict[str, Doubt] = {}
        for instance, names in scene.played.run.needed.items():
            self._enter(instance, names)

    @property
    def any(self) -> Doubt | None:
        """The first of them."""
        return next(iter(self._by_task.values()), None)

    def of(self, task: str) -> Doubt | None:
        """Why the state of a task is in doubt, None where it is not."""
        return self._reached.get(task)

    def _enter(self, instance: str, names: tuple[str, ...]) -> None:
        played = self._scene.played
        found = played.run.tasks.get(instance)
        own = [task for task in played.pipeline.tasks if instance == task.id or instance.startswith(f"{task.id}[")]
        if found is not None and own and found.task is played.tasks[own[-1].id]:
            if isinstance(found.task.implementation, Decision | GateCheck):
                self._by_task.setdefault(found.task.id, _of_task(found.task, names))
            return
        for region in played.pipeline.maps:
            if region.name == instance:
                self._enter_map(region.name, region.items, region.location, names)
                return
        self._enter_called(instance, names)

    def _enter_map(self, name: str, items: Expression, place: Location, names: tuple[str, ...]) -> None:
        doubt = Doubt(f"the map over `{shown_condition(items)}`", names, place, _advice(names))
        for task in self._scene.played.pipeline.tasks:
            if name in self._scene.chain(task.map):
                self._by_task.setdefault(task.id, doubt)

    def _enter_called(self, instance: str, names: tuple[str, ...]) -> None:
        """Something in a pipeline that is run as a task."""
        caller = next(
            (
                task
                for task in self._scene.played.pipeline.tasks
                if instance.startswith(task.id) and instance[len(task.id) : len(task.id) + 1] in ("/", "@", "[")
            ),
            None,
        )
        if caller is None:
            return
        found = self._scene.played.run.tasks.get(instance)
        if found is not None and not isinstance(found.task.implementation, Decision | GateCheck):
            return
        outputs = ", ".join(
            f"`given {caller.id} = …`" if caller.single_output else f"`given {caller.id}.{output.name} = …`"
            for output in caller.outputs
        )
        advice = f"give what the pipeline `{caller.id}` returns, then none of its tasks are played: " + (
            outputs or f"`given {caller.id} is success`"
        )
        self._by_task.setdefault(caller.id, Doubt(f"`{instance}`", names, caller.location, advice))

    @cached_property
    def _reached(self) -> dict[str, Doubt]:
        """All tasks that come after one in doubt."""
        reached = dict(self._by_task)
        downstream: dict[str, list[Task]] = {}
        for task in self._scene.played.pipeline.tasks:
            for id in task.upstream:
                downstream.setdefault(id, []).append(task)
        pending = list(reached)
        while pending:
            id = pending.pop()
            for task in downstream.get(id, ()):
                if task.id not in reached:
                    reached[task.id] = reached[id]
                    pending.append(task.id)
        return reached


def _of_task(task: Task, names: tuple[str, ...]) -> Doubt:
    if isinstance(task.implementation, Decision):
        return Doubt(f"the condition of `{task.id}`", names, location_of(task, "implementation"), _advice(names))
    place = task.requirements[0].location if task.requirements else task.location
    return Doubt(f"gate `{task.id}`", names, place, _advice(names))


def _advice(names: tuple[str, ...]) -> str:
    return "add " + " and ".join(f"`given {name} = …`" for name in names)
