"""A run when it is over, as expressions and explanations look at it: instances, outputs, measures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from pipec.engine.layout import common
from pipec.engine.unknown import UncertainScope, json_value
from pipec.ir.model import PipelineCall, Task
from pipec.simulation.simulated import SimulatedTask
from pipec.testing.facts import Path, path_of
from pipec.testing.playing import Played

RUN = "run"


class Scene:
    """Looks at one run. `instances` are those of the pipeline's own tasks, by task and in item order."""

    def __init__(self, played: Played) -> None:
        self.played = played
        self.instances: dict[str, list[tuple[Path, SimulatedTask]]] = {}
        for instance, found in played.run.tasks.items():
            path = path_of(found.task, instance)
            if path is not None and played.tasks.get(found.task.id) is found.task:
                self.instances.setdefault(found.task.id, []).append((path, found))
        for listed in self.instances.values():
            listed.sort(key=lambda one: one[0])
        self._parents = {region.name: region.parent for region in played.pipeline.maps}

    def chain(self, region: str | None) -> tuple[str, ...]:
        """A map and those around it, outermost first."""
        names: list[str] = []
        while region is not None:
            names.insert(0, region)
            region = self._parents[region]
        return tuple(names)

    def upstream(self, task: Task, path: Path) -> Iterator[tuple[Task, SimulatedTask]]:
        """The instances directly upstream of one, in source and item order."""
        own = self.chain(task.map)
        for id in task.upstream:
            shared = common(own, self.chain(self.played.tasks[id].map))
            for other, found in self.instances.get(id, ()):
                if all(one == two for one, two in zip(path[:shared], other, strict=False)):
                    yield found.task, found

    def scope(
        self, path: Path = (), region: str | None = None, own: Mapping[tuple[str, str], Any] | None = None
    ) -> UncertainScope:
        """What an expression sees in the maps around and with `region`, at the items `path`; `own` goes before."""
        around = self.chain(region)
        outputs = _Outputs(self, around, path, own or {})
        items = _Items(self, around, path)
        return UncertainScope(self.played.facts.parameters, self._facts, outputs, items)

    @cached_property
    def _facts(self) -> dict[str, Any]:
        return self.played.facts.context.facts() | {"attempt": 1}

    @cached_property
    def after(self) -> UncertainScope:
        """What a test sees of the run."""
        return self.scope()

    def attempts(self, found: SimulatedTask) -> int:
        """How many attempts were made; a gate or decision that was looked at made one."""
        if found.attempts or found.started is None:
            return len(found.attempts) or int(found.state in ("success", "failed"))
        if not isinstance(found.task.implementation, PipelineCall):
            return 1
        prefix = f"{found.id}@"
        numbers = (
            other.partition("@")[2].partition("/")[0] for other in self.played.run.tasks if other.startswith(prefix)
        )
        return max((int(number) for number in numbers if number.isdigit()), default=1)

    def measure(self, task: str, output: str) -> Any:
        """`makespan` and `returns` of the run."""
        return self.played.run.makespan if output == "makespan" else self.played.run.returns


class _Outputs(Mapping[tuple[str, str], Any]):
    """Values by task and output, as `pipec.engine.scopes.OutputsView` shows them, and measures beside them."""

    def __init__(self, scene: Scene, around: tuple[str, ...], path: Path, own: Mapping[tuple[str, str], Any]) -> None:
        self._scene = scene
        self._around = around
        self._path = path
        self._own = own

    def __getitem__(self, key: tuple[str, str]) -> Any:
        if key in self._own:
            return self._own[key]
        task, output = key
        declared = self._scene.played.tasks.get(task)
        if declared is None:
            return self._scene.measure(task, output)
        chain = self._scene.chain(declared.map)
        shared = common(self._around, chain)
        found = [
            one
            for path, one in self._scene.instances.get(task, ())
            if path[:shared] == self._path[:shared] and len(path) == len(chain)
        ]
        is_attempts = output == "attempts" and all(one.name != output for one in declared.outputs)
        values = [self._scene.attempts(one) if is_attempts else one.outputs.get(output) for one in found]
        return values if shared < len(chain) else next(iter(values), None)

    def get(self, key: tuple[str, str], default: Any = None) -> Any:
        return self[key]

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._own)

    def __len__(self) -> int:
        return len(self._own)


class _Items(Mapping[str, Any]):
    """The current item of each map around, computed where it is asked for."""

    def __init__(self, scene: Scene, around: tuple[str, ...], path: Path) -> None:
        self._scene = scene
        self._around = around
        self._path = path

    def __getitem__(self, name: str) -> Any:
        depth = self._around.index(name)
        region = next(one for one in self._scene.played.pipeline.maps if one.name == name)
        return json_value(region.items, self._scene.scope(self._path[:depth], region.parent))[self._path[depth]]

    def __contains__(self, name: object) -> bool:
        return name in self._around

    def __iter__(self) -> Iterator[str]:
        return iter(self._around)

    def __len__(self) -> int:
        return len(self._around)
