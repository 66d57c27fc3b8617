"""Files for Kubeflow Pipelines written by hand, of parts: a task runs a command of the shell.

The command finds its parameters in `$0`, `$1` and so on, then the paths of its artifacts, of the artifacts that it
makes, and of the files of its outputs.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Document = dict[str, Any]

_KINDS = {
    "text": "STRING",
    "integer": "NUMBER_INTEGER",
    "number": "NUMBER_DOUBLE",
    "boolean": "BOOLEAN",
    "list": "LIST",
    "map": "STRUCT",
}
_ARTIFACT = {"artifactType": {"schemaTitle": "system.Dataset", "schemaVersion": "0.0.1"}}


@dataclass(slots=True)
class File:
    """A file as it is written: what of it is a component, and what of that runs a command."""

    components: Document = field(default_factory=dict)
    executors: Document = field(default_factory=dict)

    def shell(
        self, name: str, script: str, inputs: Mapping[str, str] | None = None, outputs: Mapping[str, str] | None = None
    ) -> None:
        """A component that runs a script. Inputs and outputs are types by name; `artifact` is one too."""
        values, artifacts = _sorted(inputs), _sorted(outputs)
        arguments = [
            *[f"{{{{$.inputs.parameters['{one}']}}}}" for one in values[0]],
            *[f"{{{{$.inputs.artifacts['{one}'].path}}}}" for one in values[1]],
            *[f"{{{{$.outputs.artifacts['{one}'].path}}}}" for one in artifacts[1]],
            *[f"{{{{$.outputs.parameters['{one}'].output_file}}}}" for one in artifacts[0]],
        ]
        self.components[f"comp-{name}"] = {
            "executorLabel": f"exec-{name}",
            "inputDefinitions": definitions(inputs),
            "outputDefinitions": definitions(outputs),
        }
        self.executors[f"exec-{name}"] = {
            "container": {"image": "python:3.11", "command": ["sh", "-euc", script], "args": arguments}
        }

    def part(
        self,
        name: str,
        tasks: Document,
        inputs: Mapping[str, str] | None = None,
        outputs: Document | None = None,
        gives: Mapping[str, str] | None = None,
    ) -> None:
        """A component of tasks: a loop's body, a branch, a pipeline in a pipeline. `gives` are types of `outputs`."""
        self.components[f"comp-{name}"] = {
            "dag": {"tasks": tasks, "outputs": {"parameters": outputs or {}}},
            "inputDefinitions": definitions(inputs),
            "outputDefinitions": definitions(gives),
        }

    def text(self, tasks: Document, inputs: Document | None = None, platform: Document | None = None) -> str:
        """The whole file; JSON is YAML."""
        pipeline = {
            "pipelineInfo": {"name": "by-hand"},
            "schemaVersion": "2.1.0",
            "sdkVersion": "kfp-2.17.0",
            "components": self.components,
            "deploymentSpec": {"executors": self.executors},
            "root": {"dag": {"tasks": tasks}, "inputDefinitions": {"parameters": inputs or {}}},
        }
        return "\n---\n".join(json.dumps(document) for document in (pipeline, platform) if document)


def definitions(kinds: Mapping[str, str] | None) -> Document:
    """Inputs or outputs that a component declares."""
    parameters, artifacts = _sorted(kinds)
    return {
        "parameters": {name: {"parameterType": _KINDS[(kinds or {})[name]]} for name in parameters},
        "artifacts": dict.fromkeys(artifacts, _ARTIFACT),
    }


def _sorted(kinds: Mapping[str, str] | None) -> tuple[list[str], list[str]]:
    names = list(kinds or {})
    parameters = [name for name in names if (kinds or {})[name] != "artifact"]
    return parameters, [name for name in names if name not in parameters]


def task(
    name: str,
    after: Sequence[str] = (),
    parameters: Document | None = None,
    artifacts: Document | None = None,
    component: str | None = None,
    **more: Any,
) -> Document:
    """A task, by its name."""
    specification = {
        "taskInfo": {"name": name},
        "componentRef": {"name": f"comp-{component or name}"},
        "dependentTasks": list(after),
        "inputs": {"parameters": parameters or {}, "artifacts": artifacts or {}},
        **more,
    }
    return {name: specification}


def constant(value: Any) -> Document:
    """An input that is always this."""
    return {"runtimeValue": {"constant": value}}


def own(name: str, selector: str | None = None) -> Document:
    """An input that is a parameter of what the task is in, or what a selector takes from it."""
    return {"componentInputParameter": name} | ({"parameterExpressionSelector": selector} if selector else {})


def output(task: str, name: str) -> Document:
    """An input that is an output of another task."""
    return {"taskOutputParameter": {"producerTask": task, "outputParameterKey": name}}


def artifact(task: str, name: str) -> Document:
    """An input that is an artifact of another task."""
    return {"taskOutputArtifact": {"producerTask": task, "outputArtifactKey": name}}


def gives(task: str, name: str) -> Document:
    """An output of a part that is an output of one of its tasks."""
    return {"valueFromParameter": {"producerSubtask": task, "outputParameterKey": name}}
