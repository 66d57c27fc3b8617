"""A PipelineSpec as the checks read it: components, executors and the graphs of tasks, with the paths to them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any, Literal

from pipec.frozen import Frozen

Data = Mapping[str, Any]
Side = Literal["inputDefinitions", "outputDefinitions"]
Kind = Literal["parameters", "artifacts"]
SIDES: tuple[Side, ...] = ("inputDefinitions", "outputDefinitions")
KINDS: tuple[Kind, ...] = ("parameters", "artifacts")

ROOT = "root"


class Graph(Frozen):
    """The tasks of one DAG, with the component it belongs to: `name` is that of the component, or `root`."""

    name: str
    path: str
    component: Data
    tasks: Mapping[str, Data]

    def path_of(self, task: str) -> str:
        """Where a task of this graph is written."""
        return f"{self.path}.dag.tasks.{task}"


class Use(Frozen):
    """A place where a component is used: a task of a graph."""

    graph: Graph
    name: str
    task: Data

    @property
    def path(self) -> str:
        """Where the task is written."""
        return self.graph.path_of(self.name)


class Document(Frozen):
    """A PipelineSpec and its PlatformSpec, which is empty where there is none."""

    pipeline: Data
    platform: Data

    @cached_property
    def components(self) -> Mapping[str, Data]:
        """The components by name, without the root."""
        components: Mapping[str, Data] = self.pipeline.get("components", {})
        return components

    @cached_property
    def executors(self) -> Mapping[str, Data]:
        """The executors by label."""
        executors: Mapping[str, Data] = self.pipeline.get("deploymentSpec", {}).get("executors", {})
        return executors

    @cached_property
    def graphs(self) -> tuple[Graph, ...]:
        """The graph of the root and those of the components that have one."""
        all_components = [(ROOT, ROOT, self.pipeline.get(ROOT, {}))]
        all_components += [(name, f"components.{name}", each) for name, each in self.components.items()]
        return tuple(
            Graph(name, path, component, component["dag"].get("tasks", {}))
            for name, path, component in all_components
            if "dag" in component
        )

    @cached_property
    def uses(self) -> Mapping[str, tuple[Use, ...]]:
        """The tasks that use a component, by its name."""
        found: defaultdict[str, list[Use]] = defaultdict(list)
        for use in self.tasks():
            found[component_name(use.task)].append(use)
        return {name: tuple(uses) for name, uses in found.items()}

    def tasks(self) -> Iterator[Use]:
        """Every task of every graph."""
        for graph in self.graphs:
            for name, task in graph.tasks.items():
                yield Use(graph, name, task)

    def component_of(self, task: Data) -> Data | None:
        """The component of a task, or None where there is none of that name."""
        return self.components.get(component_name(task))

    def executor_of(self, component: Data) -> Data:
        """What executes a component: empty for one that is a graph, and where there is none of that label."""
        return self.executors.get(component.get("executorLabel", ""), {})

    def is_iterated(self, component: str) -> bool:
        """Whether a component is the body of a loop."""
        return any(is_loop(use.task) for use in self.uses.get(component, ()))

    @cached_property
    def inside_loops(self) -> frozenset[str]:
        """The components that are inside of the body of a loop, at any depth."""
        found: set[str] = set()
        waiting = [graph for graph in self.graphs if self.is_iterated(graph.name)]
        while waiting:
            graph = waiting.pop()
            new = {component_name(task) for task in graph.tasks.values()} - found
            found |= new
            waiting += [each for each in self.graphs if each.name in new]
        return frozenset(found)


def component_name(task: Data) -> str:
    """The name of the component that a task refers to."""
    name: str = task.get("componentRef", {}).get("name", "")
    return name


def is_loop(task: Data) -> bool:
    """Whether a task runs its component once for each of several items."""
    return "parameterIterator" in task or "artifactIterator" in task


def declared(component: Data, side: Side, kind: Kind) -> Mapping[str, Data]:
    """The parameters or artifacts that a component declares, by name."""
    found: Mapping[str, Data] = component.get(side, {}).get(kind, {})
    return found


def given(task: Data, kind: Kind) -> Mapping[str, Data]:
    """Where the parameters or artifacts of a task come from, by name."""
    found: Mapping[str, Data] = task.get("inputs", {}).get(kind, {})
    return found


def type_of(declaration: Data, kind: Kind) -> str:
    """The type of a declared parameter, as `LIST`, or of an artifact, as `system.Model` or `list of system.Model`."""
    if kind == "parameters":
        return str(declaration.get("parameterType", "of no type"))
    artifact = declaration.get("artifactType", {})
    title = artifact.get("schemaTitle") or artifact.get("instanceSchema") or "of no type"
    return f"list of {title}" if declaration.get("isArtifactList") else str(title)


def producers(task: Data) -> Iterator[tuple[str, str]]:
    """The tasks whose outputs a task takes, each with the path from the task to where it says so."""
    for name, source in given(task, "parameters").items():
        if "taskOutputParameter" in source:
            yield f"inputs.parameters.{name}", source["taskOutputParameter"].get("producerTask", "")
    for name, source in given(task, "artifacts").items():
        if "taskOutputArtifact" in source:
            yield f"inputs.artifacts.{name}", source["taskOutputArtifact"].get("producerTask", "")


def listed(names: Mapping[str, Any]) -> str:
    """What there is, for the end of a message: `there are "a", "b"`."""
    quoted = [f'"{name}"' for name in sorted(names)]
    return f"there are {', '.join(quoted)}" if names else "there is none"


def produced(document: Document, graph: Graph, producer: str, key: str, kind: Kind) -> Data | str | None:
    """The declaration of an output of a task in a graph, or what is wrong with it.

    None where the task names no component that there is, which is said elsewhere.
    """
    if producer not in graph.tasks:
        return f'there is no task "{producer}" in this dag; {listed(graph.tasks)}'
    component = document.component_of(graph.tasks[producer])
    if component is None:
        return None
    outputs = declared(component, "outputDefinitions", kind)
    return outputs[key] if key in outputs else f'"{producer}" has no output "{key}"; {listed(outputs)}'


def selectors(selection: Data) -> list[Data]:
    """The outputs of tasks among which an output of a graph is chosen: one, or that of the first which ran."""
    if "valueFromParameter" in selection:
        return [selection["valueFromParameter"]]
    if "valueFromOneof" in selection:
        return list(selection["valueFromOneof"].get("parameterSelectors", []))
    return list(selection.get("artifactSelectors", []))
