"""What a task is given, by the rules of a cluster's driver: each part of a pipeline knows its own inputs alone."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from tests.support.kubeflow_runner import cel
from tests.support.kubeflow_runner.values import plain, text_of

Arguments = dict[str, Any]

_TYPES: dict[str, Any] = {"NUMBER_INTEGER": (int, float), "NUMBER_DOUBLE": (int, float), "BOOLEAN": bool, "LIST": list}


class InputError(ValueError):
    """An input of a task cannot be had: in a cluster the task fails before it starts."""


class OmittedError(InputError):
    """A task that an input comes from did not run, or was skipped: then a cluster does not start what follows."""


def arguments(task: Any, component: Any, store: Any, constants: dict[str, str]) -> Arguments:
    """The parameters and artifacts of a task by name. `constants` are the values of placeholders."""
    artifacts = {name: _artifact(name, source, store) for name, source in task.inputs.artifacts.items()}
    return {**parameters(task, component, store, constants), **artifacts}


def parameters(task: Any, component: Any, store: Any, constants: dict[str, str]) -> Arguments:
    """The parameters alone."""
    found: Arguments = {}
    for name, source in task.inputs.parameters.items():
        value = _parameter(name, source, store, constants)
        if value is None and source.WhichOneof("kind") == "component_input_parameter":
            if name in component.input_definitions.parameters and _declared(component, name).is_optional:
                continue
            raise InputError(f"{name}: null")
        if source.parameter_expression_selector:
            value = _selected(name, value, source.parameter_expression_selector)
        found[name] = value
    _as_declared(found, task, component)
    return found


def _declared(component: Any, name: str) -> Any:
    return component.input_definitions.parameters[name]


def _parameter(name: str, source: Any, store: Any, constants: dict[str, str]) -> Any:
    match source.WhichOneof("kind"):
        case "runtime_value":
            constant = plain(_protobuf().pb2_value_to_python(source.runtime_value.constant))
            return constants.get(constant, constant) if isinstance(constant, str) else constant
        case "task_output_parameter":
            place = source.task_output_parameter
            return plain(_output(name, store, place.producer_task, place.output_parameter_key))
        case "component_input_parameter":
            return plain(_own(name, store, source.component_input_parameter))
        case "task_final_status":
            specification: Any = import_module("kfp.pipeline_spec.pipeline_spec_pb2")
            utils: Any = import_module("kfp.local.orchestrator.orchestrator_utils")
            alone = specification.TaskInputsSpec(parameters={name: source})
            return utils.OrchestratorUtils.make_task_arguments(alone, store)[name]
        case other:
            raise InputError(f"{name}: {other}")


def _artifact(name: str, source: Any, store: Any) -> Any:
    match source.WhichOneof("kind"):
        case "task_output_artifact":
            place = source.task_output_artifact
            return _output(name, store, place.producer_task, place.output_artifact_key)
        case "component_input_artifact":
            return _own(name, store, source.component_input_artifact)
        case other:
            raise InputError(f"{name}: {other}")


def _output(name: str, store: Any, task: str, key: str) -> Any:
    try:
        return store.get_task_output(task, key)
    except ValueError as error:
        raise OmittedError(f"{name}: {error}") from error


def _own(name: str, store: Any, key: str) -> Any:
    try:
        return store.get_parent_input(key)
    except ValueError as error:
        raise InputError(f"{name}: {error}") from error


def _selected(name: str, value: Any, selector: str) -> Any:
    try:
        return plain(cel.selected(value, selector))
    except ValueError as error:
        raise InputError(f"{name}: {error}") from error


def _as_declared(found: Arguments, task: Any, component: Any) -> None:
    """Holds that the parameters are those that are declared. One that is a text gets the text of any value."""
    kinds: Any = import_module("kfp.pipeline_spec.pipeline_spec_pb2").ParameterType.ParameterTypeEnum
    iterator = task.parameter_iterator
    not_yet = iterator.items.input_parameter if iterator.item_input in found else iterator.item_input
    for name, declared in component.input_definitions.parameters.items():
        if name not in found:
            if name != not_yet and not declared.is_optional and not declared.HasField("default_value"):
                raise InputError(f"{name}: neither a value nor a default")
            continue
        kind = kinds.Name(declared.parameter_type)
        value = found[name]
        if kind == "STRING":
            found[name] = text_of(value)
        elif not isinstance(value, _TYPES.get(kind, dict)) or (isinstance(value, bool) and kind != "BOOLEAN"):
            raise InputError(f"{name}: {value!r} is no {kind}")


def _protobuf() -> Any:
    return import_module("kfp.local.executor_output_utils")
