"""Tasks in container images as `KubernetesPodOperator`s.

Those that give outputs, check requirements, or whose failures have to be told apart are `PodOperator`s, and Python
functions are `PythonPodOperator`s, both of which stand in the generated file.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from pipec.analysis.pods import secret_key, secret_variables
from pipec.ir.model import CommandLine, ContainerImage, PythonFunction, SecretReference, ShellScript, Task

from ..escape import jinja_escape
from ..layout import Call, DictNode, ListNode, Node, lay_out
from ..literals import py, text_source
from ..options import kubernetes_arguments
from ..references import context_keys
from ..setting import Arguments, Setting, Written
from ..views import FunctionView
from .escape import container_escape
from .fields import ContainerFields
from .resources import container_resources, placement, tree
from .volumes import volume_nodes

OUTPUTS_FOLDER = "/airflow/xcom"
"""The folder that the containers of a pod share with the XCom sidecar."""


def write_pod(task: Task, setting: Setting) -> Written:
    """The operator, and the functions that its templates and its check call."""
    fields = ContainerFields(task, setting)
    arguments: Arguments = [("image", _image(task, fields)), *_program(task, fields), *_environment(task, fields)]
    arguments += _needs(task)
    if task.options.working_dir is not None:
        arguments.append(("full_pod_spec", _pod_in(task.options.working_dir, setting, task)))
    options = kubernetes_arguments(setting.pipeline, task)
    arguments += [(name, tree(value)) for name, value in options.items()]
    operator = _operator(task, options)
    if operator != "KubernetesPodOperator":
        arguments += _checks(task, setting)
    return Written(
        task,
        setting.operator(operator, task, arguments),
        functions=(*fields.functions(), *_requirements(task, setting)),
        macros=fields.macros(),
    )


def _operator(task: Task, options: dict[str, Any]) -> str:
    if isinstance(task.implementation, PythonFunction):
        return "PythonPodOperator"
    retry = task.options.retry
    tells_failures = retry is not None and retry.on is not None and retry.max > 0
    # Airflow's operator ends a pod that takes too long by its clean-up, if at all.
    ends_itself = task.options.timeout is not None and options.get("on_finish_action", "delete_pod") != "delete_pod"
    is_plain = not (task.outputs or task.requirements or tells_failures or ends_itself)
    return "KubernetesPodOperator" if is_plain else "PodOperator"


# --- the container -------------------------------------------------------------------------------


def _image(task: Task, fields: ContainerFields) -> Node:
    if isinstance(task.implementation, ContainerImage):
        return fields.text("the image", task.implementation.image)
    return py(jinja_escape(task.options.image or ""))


def _program(task: Task, fields: ContainerFields) -> Iterator[tuple[str, Node]]:
    match task.implementation:
        case ContainerImage(command=command, arguments=arguments):
            if command:
                yield "cmds", _list(fields, "command", command)
            if arguments:
                yield "arguments", _list(fields, "argument", arguments)
        case CommandLine(arguments=arguments):
            yield "cmds", _list(fields, "command", arguments[:1])
            if arguments[1:]:
                yield "arguments", _list(fields, "argument", arguments[1:])
        case ShellScript(text=text):
            yield "cmds", ListNode((py("bash"), py("-c")))
            yield "arguments", ListNode((text_source(container_escape(text)),))
        case PythonFunction(module=module, function=function):
            inputs = {given.name: str(given.type) for given in task.inputs}
            outputs = {output.name: str(output.type) for output in task.outputs}
            request = [f"{module}:{function}", *map(_json, (inputs, outputs, task.single_output))]
            yield "arguments", ListNode(tuple(py(container_escape(part)) for part in request))


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _list(fields: ContainerFields, name: str, parts: tuple[Any, ...]) -> Node:
    return ListNode(tuple(fields.argument(f"{name} {number}", part) for number, part in enumerate(parts, 1)))


def _environment(task: Task, fields: ContainerFields) -> Iterator[tuple[str, Node]]:
    """`env_vars` and `secrets`. Airflow's `Secret` writes the names of variables in capitals."""
    values: dict[str, Node] = {
        name: py(container_escape(value))
        for name, value in task.options.env.items()
        if not isinstance(value, SecretReference)
    }
    secrets = secret_variables(task)
    values = {name: node for name, node in values.items() if name not in secrets}
    if isinstance(task.implementation, PythonFunction):
        if task.inputs:
            values["PIPEC_INPUTS"] = fields.inputs(task.inputs)
    else:
        values |= {given.name: fields.variable(given) for given in task.inputs}
    if task.outputs:
        values["PIPEC_OUTPUTS"] = py(OUTPUTS_FOLDER)
    secrets = {name: secret for name, secret in secrets.items() if name not in values}
    if any(name != name.upper() for name in secrets):
        plain = [Call("k8s.V1EnvVar", (("name", py(name)), ("value", node))) for name, node in values.items()]
        yield "env_vars", ListNode((*plain, *(_secret_variable(name, secret) for name, secret in secrets.items())))
        return
    if values:
        yield "env_vars", DictNode(tuple((py(name), node) for name, node in values.items()))
    if secrets:
        yield "secrets", ListNode(tuple(_secret(name, secret) for name, secret in secrets.items()))


def _secret(name: str, secret: str) -> Node:
    found = secret_key(secret)
    return Call("Secret", tuple((None, py(text)) for text in ("env", name, found.secret, found.key)))


def _secret_variable(name: str, secret: str) -> Node:
    found = secret_key(secret)
    selector = Call("k8s.V1SecretKeySelector", (("name", py(found.secret)), ("key", py(found.key))))
    source = Call("k8s.V1EnvVarSource", (("secret_key_ref", selector),))
    return Call("k8s.V1EnvVar", (("name", py(name)), ("value_from", source)))


def _pod_in(folder: str, setting: Setting, task: Task) -> Node:
    """A pod that says nothing but the working directory, for which the operator has no argument."""
    name = kubernetes_arguments(setting.pipeline, task).get("base_container_name", "base")
    container = Call("k8s.V1Container", (("name", py(name)), ("working_dir", py(folder))))
    return Call("k8s.V1Pod", (("spec", Call("k8s.V1PodSpec", (("containers", ListNode((container,))),))),))


def _needs(task: Task) -> Arguments:
    """Cores, memory and GPUs, where the pod may run, and what is mounted."""
    resources = task.options.resources
    needed = container_resources(resources) if resources is not None else None
    arguments: Arguments = [] if needed is None else [("container_resources", needed)]
    arguments += placement(resources)
    volumes, mounts = volume_nodes(task)
    if mounts:
        arguments += [("volumes", ListNode(tuple(volumes))), ("volume_mounts", ListNode(tuple(mounts)))]
    return arguments


# --- what is checked afterwards ------------------------------------------------------------------


def _checks(task: Task, setting: Setting) -> Iterator[tuple[str, Node]]:
    if task.outputs:
        entries = tuple((py(output.name), py(str(output.type))) for output in task.outputs)
        yield "outputs", DictNode(entries)
    if task.single_output:
        yield "single_output", "True"
    if task.requirements:
        yield "requirements", setting.names.check_functions[task.id]


def _requirements(task: Task, setting: Setting) -> tuple[FunctionView, ...]:
    """The function that checks the requirements of a task, given its outputs by name."""
    if not task.requirements:
        return ()
    expressions = [
        part
        for requirement in task.requirements
        for part in (requirement.condition, requirement.message)
        if part is not None
    ]
    reads = setting.reader.of_fields(task, expressions)
    context = context_keys(expressions, setting.parameters, ["ti"] if reads.pulled else [])
    parameters = ("outputs", *context)
    header = Call(f"def {setting.names.check_functions[task.id]}", tuple((None, one) for one in parameters))
    return (
        FunctionView(
            decorator=None,
            header=lay_out(header, 0, after=1) + ":",
            docstring=f'"""What `{setting.names.ids[task.id]}` requires of its outputs."""',
            body=setting.body(task, reads.pulled, parameters).requirements(),
        ),
    )
