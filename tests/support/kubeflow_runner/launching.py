"""Runs the command of a task, by the rules of a cluster's launcher, as a process of this machine.

What is only there in a cluster does nothing here: images, resources and all that the second document says.
"""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

from tests.support.kubeflow_runner.expansion import environment, expanded
from tests.support.kubeflow_runner.values import plain, text_of, typed, value_of


@dataclass(slots=True)
class Attempt:
    """What came of a task that was started: its outputs, or why it failed; and what it wrote."""

    outputs: dict[str, Any] = field(default_factory=dict)
    error: str | None = None
    log: str = ""


def launch(
    container: Any, component: Any, arguments: dict[str, Any], root: Path, folder: str, variables: dict[str, str]
) -> Attempt:
    """Run a container's command in a folder, with its outputs below `root`."""
    executor_input = _executor_input(component, arguments, root)
    given = environment((variable.name, variable.value) for variable in container.env)
    command = _command(container, executor_input, given)
    if not command:
        return Attempt(error="the image's own command cannot be run here")
    places = {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": folder,
    }
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env={**os.environ, **places, **variables, **given},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
    except (OSError, ValueError) as error:  # no such program; a zero byte in an argument
        return Attempt(error=str(error))
    log = done.stdout.decode("utf-8", "replace")
    if done.returncode != 0:
        return Attempt(error=f"exit code {done.returncode}", log=log)
    try:
        return Attempt(_outputs(executor_input, component), log=log)
    except (OSError, ValueError) as error:
        return Attempt(error=str(error), log=log)


def _executor_input(component: Any, arguments: dict[str, Any], root: Path) -> Any:
    utils: Any = import_module("kfp.local.executor_input_utils")
    json_format: Any = import_module("google.protobuf.json_format")
    given = {name: arguments[name] for name in arguments if name in component.input_definitions.artifacts}
    found = utils.construct_executor_input(component, given, str(root), block_input_artifact=False)
    values = found.inputs.parameter_values
    for name in [name for name in arguments if name not in given]:
        json_format.ParseDict(arguments[name], values[name])
    for name in [name for name, value in values.items() if value.WhichOneof("kind") is None]:
        del values[name]  # optional, and not given
    root.mkdir(parents=True, exist_ok=True)
    for place in found.outputs.parameters.values():
        Path(place.output_file).parent.mkdir(parents=True, exist_ok=True)
        Path(place.output_file).unlink(missing_ok=True)  # of an attempt before
    return found


def _command(container: Any, executor_input: Any, variables: dict[str, str]) -> list[str]:
    placeholders: Any = import_module("kfp.local.placeholder_utils")
    given = [*executor_input.inputs.parameter_values, *executor_input.inputs.artifacts]
    texts = [expanded(part, variables) for part in (*container.command, *container.args)]
    parts = [placeholders.resolve_struct_placeholders(text, given) for text in texts]
    replacements = _replacements(executor_input)
    return [_replaced(part, replacements) for part in placeholders.flatten_list(parts)]


def _replacements(executor_input: Any) -> dict[str, str]:
    json_format: Any = import_module("google.protobuf.json_format")
    values: Any = import_module("kfp.local.executor_output_utils")
    found: dict[str, str] = {}
    for side, of_artifacts in (
        ("inputs", executor_input.inputs.artifacts),
        ("outputs", executor_input.outputs.artifacts),
    ):
        for name, artifacts in of_artifacts.items():
            if artifacts.artifacts:
                for what in ("uri", "path"):
                    found[f"{{{{$.{side}.artifacts['{name}'].{what}}}}}"] = artifacts.artifacts[0].uri
    for name, place in executor_input.outputs.parameters.items():
        found[f"{{{{$.outputs.parameters['{name}'].output_file}}}}"] = place.output_file
    parameters = {
        f"{{{{$.inputs.parameters['{name}']}}}}": text_of(values.pb2_value_to_python(value))
        for name, value in executor_input.inputs.parameter_values.items()
    }
    found |= {key: _replaced(text, {**found, **parameters}) for key, text in parameters.items()}
    found["{{$}}"] = json_format.MessageToJson(executor_input, indent=None)
    return found


def _replaced(text: str, replacements: dict[str, str]) -> str:
    for placeholder, replacement in replacements.items():
        text = text.replace(placeholder, replacement)
    return text


def _outputs(executor_input: Any, component: Any) -> dict[str, Any]:
    utils: Any = import_module("kfp.local.executor_output_utils")
    kinds: Any = import_module("kfp.pipeline_spec.pipeline_spec_pb2").ParameterType.ParameterTypeEnum
    told = utils.load_executor_output(executor_input.outputs.output_file)
    found: dict[str, Any] = {}
    for name, declared in component.output_definitions.parameters.items():
        if name in told.parameter_values:
            found[name] = utils.pb2_value_to_python(told.parameter_values[name])
            continue
        text = Path(executor_input.outputs.parameters[name].output_file).read_text("utf-8")
        try:
            found[name] = value_of(text, kinds.Name(declared.parameter_type))
        except ValueError as error:
            raise ValueError(f"output {name}: {error}") from error
    for name, artifacts in executor_input.outputs.artifacts.items():
        if name not in told.artifacts:
            told.artifacts[name].CopyFrom(artifacts)
    told = utils.add_type_to_executor_output(executor_input=executor_input, executor_output=told)
    for name, artifacts in told.artifacts.items():
        many = component.output_definitions.artifacts[name].is_artifact_list
        found[name] = utils.artifact_list_to_dsl_artifact(artifacts, is_artifact_list=many)
    return found


def told(outputs: dict[str, Any], definitions: Any) -> dict[str, Any]:
    """Outputs as an answer has them: values as their types say, artifacts with what their files say."""
    kinds: Any = import_module("kfp.pipeline_spec.pipeline_spec_pb2").ParameterType.ParameterTypeEnum
    return {
        name: typed(value, kinds.Name(definitions.parameters[name].parameter_type))
        if name in definitions.parameters
        else _artifacts(value)
        for name, value in sorted(outputs.items())
    }


def _artifacts(value: Any) -> Any:
    if isinstance(value, list):
        return [_artifacts(item) for item in value]
    try:
        text = Path(value.uri).read_text("utf-8")
    except (OSError, ValueError):  # there is none, or it is a folder, or no text
        text = None
    return {"type": value.schema_title, "uri": value.uri, "metadata": plain(value.metadata), "text": text}
