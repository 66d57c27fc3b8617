"""What functions of tasks call for queries, notebooks, and Python functions with packages of their own.

Everywhere `inputs` and `outputs` are maps of values and of types.
"""

from __future__ import annotations

from pipec.ir.model import Options, PythonFunction, SqlQuery, Task

from .layout import Call, DictNode, Node
from .literals import py, text_source
from .secrets import environment_node


def query_call(query: SqlQuery, inputs: Node | None, outputs: Node | None, single: bool) -> Call:
    """The call that runs a query in a function."""
    text: Node = text_source(query.text) if query.text is not None else Call("query_file", ((None, py(query.file)),))
    arguments: list[tuple[str | None, Node]] = [(None, text), ("conn", py(query.connection))]
    arguments += _given(inputs, outputs)
    if single:
        arguments.append(("single", "True"))
    return Call("run_query", tuple(arguments))


def notebook_call(path: str, task: Task, inputs: Node | None, outputs: Node | None) -> Call:
    """The call that runs a notebook."""
    arguments: list[tuple[str | None, Node]] = [(None, py(path)), *_given(inputs, outputs)]
    return Call("run_notebook", (*arguments, *_surroundings(task.options)))


def packages_call(function: PythonFunction, task: Task, inputs: Node | None, outputs: Node | None) -> Call:
    """The call of a Python function in an environment that has the packages of its task."""
    name = f"{function.module}:{function.function}"
    arguments: list[tuple[str | None, Node]] = [(None, py(list(task.options.packages))), (None, py(name))]
    arguments += _given(inputs, outputs)
    if task.inputs:
        types = DictNode(tuple((py(given.name), py(str(given.type))) for given in task.inputs))
        arguments.insert(3, ("types", types))
    if task.single_output:
        arguments.append(("single", "True"))
    return Call("run_with_packages", (*arguments, *_surroundings(task.options)))


def _given(inputs: Node | None, outputs: Node | None) -> list[tuple[str | None, Node]]:
    found = (("inputs", inputs), ("outputs", outputs))
    return [(name, node) for name, node in found if node is not None]


def _surroundings(options: Options) -> list[tuple[str | None, Node]]:
    arguments: list[tuple[str | None, Node]] = []
    if options.env or options.secrets:
        arguments.append(("env", environment_node(options)))
    if options.working_dir:
        arguments.append(("working_dir", py(options.working_dir)))
    return arguments
