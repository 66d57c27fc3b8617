"""A file for Kubeflow without the names that a compiler makes up.

Two files with equal normal forms say the same: the same tasks with the same images, commands, settings, inputs and
outputs, in the same parts, after the same tasks. What is left out:

- names of parts, which are what is in them here, and the names under which values go through parts: an input is where
  its value is made;
- inputs of parts that nothing in them reads: the SDK hands the inputs of a condition to all parts inside of it;
- the command of a container that only brings in code, and under which names that code gets its inputs. Such a container
  is told from others by an argument that is all that the launcher knows, `{{$}}`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Document = dict[str, Any]

_INPUT = re.compile(r"inputs\.parameter_values\['([^']+)'\]")
"""An input in a condition."""


def normal_form(documents: Mapping[str, Document]) -> Document:
    """What the canonical documents `pipeline` and `platform` say."""
    pipeline, platform = documents["pipeline"], documents["platform"]
    whole = {name: value for name, value in pipeline.items() if name not in ("components", "deploymentSpec", "root")}
    kubernetes = dict(platform.get("platforms", {}).get("kubernetes", {}))
    executors = kubernetes.pop("deploymentSpec", {}).get("executors", {})
    root = pipeline["root"]
    inputs = {name: ["parameter", name] for name in root.get("inputDefinitions", {}).get("parameters", {})}
    file = _File(pipeline.get("components", {}), pipeline["deploymentSpec"]["executors"], executors)
    part = _Part(file, root, inputs, (), "")
    return {
        **whole,
        "inputs": root.get("inputDefinitions", {}),
        "output types": root.get("outputDefinitions", {}),
        "platform": kubernetes,
        **part.written(),
    }


@dataclass(frozen=True, slots=True)
class _File:
    components: Mapping[str, Document]
    executors: Mapping[str, Document]
    platform: Mapping[str, Document]

    def component(self, task: Document) -> Document:
        return self.components[task["componentRef"]["name"]]

    def read(self, task: Document) -> set[str]:
        """The inputs of a task that say something: for itself, or for what is in it."""
        component = self.component(task)
        if "dag" not in component:
            return set(_types(component, "inputDefinitions"))
        iterator = task.get("parameterIterator", {})
        found = {iterator.get("itemInput"), iterator.get("items", {}).get("inputParameter")}
        found |= set(_INPUT.findall(task.get("triggerPolicy", {}).get("condition", "")))
        for inside in component["dag"]["tasks"].values():
            read = self.read(inside)
            given = inside.get("inputs", {})
            for key, one in [*given.get("parameters", {}).items(), *given.get("artifacts", {}).items()]:
                if key in read:
                    found |= {one.get("componentInputParameter"), one.get("componentInputArtifact")}
        return found - {None}


@dataclass(frozen=True, slots=True)
class _Part:
    """A component of tasks: where its inputs are made, the names of its task and those around it, and its place."""

    file: _File
    component: Document
    inputs: Mapping[str, Any]
    around: tuple[str, ...]
    place: str

    @property
    def tasks(self) -> Mapping[str, Document]:
        tasks: Mapping[str, Document] = self.component["dag"]["tasks"]
        return tasks

    def written(self) -> Document:
        outputs = self.component["dag"].get("outputs", {})
        found = {
            name: self.selected(one)
            for kind in ("parameters", "artifacts")
            for name, one in outputs.get(kind, {}).items()
        }
        return {
            "tasks": {self.name_of(name): self.task(name, task) for name, task in sorted(self.tasks.items())},
            "outputs": found if not self.place else sorted(map(json.dumps, found.values())),
        }

    def name_of(self, task: str) -> str:
        """A task by its name, a part by what is in it."""
        component = self.file.component(self.tasks[task])
        if "dag" not in component:
            return next((task.removeprefix(f"{name}--") for name in self.around if task.startswith(f"{name}--")), task)
        inside = _Part(self.file, component, {}, (*self.around, task), "")
        return f"({', '.join(sorted(map(inside.name_of, inside.tasks)))})"

    def task(self, name: str, task: Document) -> Document:
        component = self.file.component(task)
        found = {
            key: value
            for key, value in task.items()
            if key not in ("componentRef", "inputs", "taskInfo", "triggerPolicy")
        }
        found["dependentTasks"] = sorted(map(self.name_of, task.get("dependentTasks", [])))
        given = task.get("inputs", {})
        sources = {
            key: self.source(one) for kind in ("parameters", "artifacts") for key, one in given.get(kind, {}).items()
        }
        if policy := task.get("triggerPolicy"):
            found["triggerPolicy"] = {**policy, "condition": _condition(policy.get("condition", ""), sources)}
        types = _types(component, "inputDefinitions")
        if "dag" in component:
            found |= self.part_of_tasks(name, task, component, sources)
            read = self.file.read(task)
            return {**found, "inputs": _nameless(sources, {key: one for key, one in types.items() if key in read})}
        executor = component["executorLabel"]
        container = self.file.executors[executor]
        is_code = "{{$}}" in container.get("container", {}).get("args", [])
        return {
            **found,
            "executor": _without_code(container) if is_code else container,
            "platform": self.file.platform.get(executor, {}),
            "inputs": _nameless(sources, types) if is_code else {key: [sources.get(key), types[key]] for key in types},
            "outputs": component.get("outputDefinitions", {}),
        }

    def part_of_tasks(self, name: str, task: Document, component: Document, sources: Mapping[str, Any]) -> Document:
        place = f"{self.place}/{self.name_of(name)}"
        found: Document = {}
        inputs = {
            key: ["default", json.dumps(one.get("defaultValue"))]
            for key, one in _types(component, "inputDefinitions").items()
        }
        inputs |= sources
        if "parameterIterator" in task:
            iterator = task["parameterIterator"]
            inputs[iterator["itemInput"]] = ["item", place]
            items = iterator["items"]
            over = sources[items["inputParameter"]] if "inputParameter" in items else json.loads(items["raw"])
            found["parameterIterator"] = over
        part = _Part(self.file, component, inputs, (*self.around, name), place)
        return {
            **found,
            **part.written(),
            "output types": sorted(map(json.dumps, _types(component, "outputDefinitions").values())),
        }

    def source(self, given: Document) -> Any:
        """Where the value of an input is made."""
        match given:
            case {"runtimeValue": {"constant": value}}:
                return ["constant", value]
            case {"componentInputParameter": name, "parameterExpressionSelector": selector}:
                return ["selected", selector, self.inputs[name]]
            case {"componentInputParameter": name} | {"componentInputArtifact": name}:
                return self.inputs[name]
            case {"taskOutputParameter": {"producerTask": task, "outputParameterKey": key}}:
                return self.made(task, key)
            case {"taskOutputArtifact": {"producerTask": task, "outputArtifactKey": key}}:
                return self.made(task, key)
            case {"taskFinalStatus": {"producerTask": task}}:
                return ["status", self.name_of(task)]
            case _:
                raise ValueError(f"an input that is not known here: {given}")

    def made(self, task: str, key: str) -> Any:
        """Where an output of a task is made."""
        component = self.file.component(self.tasks[task])
        place = f"{self.place}/{self.name_of(task)}"
        if "dag" not in component:
            return ["output", place, key]
        inside = _Part(self.file, component, {}, (*self.around, task), place)
        outputs = component["dag"]["outputs"]
        found = inside.selected({**outputs.get("parameters", {}), **outputs.get("artifacts", {})}[key])
        return ["collected", found] if "parameterIterator" in self.tasks[task] else found

    def selected(self, output: Document) -> Any:
        """Where an output of the part is made."""
        match output:
            case {"valueFromParameter": {"producerSubtask": task, "outputParameterKey": key}}:
                return self.made(task, key)
            case {"valueFromOneof": {"parameterSelectors": selectors}}:
                return ["one of", [self.made(one["producerSubtask"], one["outputParameterKey"]) for one in selectors]]
            case {"artifactSelectors": selectors}:
                return ["one of", [self.made(one["producerSubtask"], one["outputArtifactKey"]) for one in selectors]]
            case _:
                raise ValueError(f"an output that is not known here: {output}")


def _types(component: Document, what: str) -> Document:
    definitions = component.get(what, {})
    return {**definitions.get("parameters", {}), **definitions.get("artifacts", {})}


def _nameless(sources: Mapping[str, Any], types: Document) -> list[str]:
    return sorted(json.dumps([sources.get(name), types[name]]) for name in types)


def _condition(text: str, sources: Mapping[str, Any]) -> str:
    return _INPUT.sub(lambda match: json.dumps(sources[match[1]]), text)


def _without_code(executor: Document) -> Document:
    left = {name: value for name, value in executor["container"].items() if name not in ("command", "args")}
    return {"container": left}
