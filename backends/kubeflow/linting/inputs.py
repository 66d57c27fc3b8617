"""What tasks are given: from where, of what type, and that nothing is missing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .document import KINDS, Data, Document, Graph, Kind, Use, declared, given, listed, produced, type_of
from .placeholders import hidden, is_filled_in, is_of_the_run
from .values import problem

_FROM_INPUT = {"parameters": "componentInputParameter", "artifacts": "componentInputArtifact"}
_FROM_OUTPUT = {"parameters": "taskOutputParameter", "artifacts": "taskOutputArtifact"}
_OUTPUT_KEY = {"parameters": "outputParameterKey", "artifacts": "outputArtifactKey"}
_ANY_ARTIFACT = "system.Artifact"
_STATUS_TYPES = ("TASK_FINAL_STATUS", "STRUCT")


def check(document: Document) -> Iterator[str]:
    """The faults in the inputs of tasks, and in the defaults of components."""
    for use in document.tasks():
        component = document.component_of(use.task)
        if component is not None:
            for kind in KINDS:
                yield from _inputs(document, use, component, kind)
    yield from _defaults("root", document.pipeline.get("root", {}))  # the server uses it with and without isOptional
    for name, component in document.components.items():
        yield from _defaults(f"components.{name}", component)


def _inputs(document: Document, use: Use, component: Data, kind: Kind) -> Iterator[str]:
    wanted = declared(component, "inputDefinitions", kind)
    sources = given(use.task, kind)
    item = use.task.get("parameterIterator", {}).get("itemInput")
    if kind == "parameters" and item is not None and item not in wanted:
        return  # which is said of the loop; the input that was meant would seem to be missing
    for name, declaration in wanted.items():
        if name not in sources and not declaration.get("isOptional") and name != item:
            yield f'{use.path}.inputs.{kind}: "{name}" is missing, which its component needs'
    for name, source in sources.items():
        path = f"{use.path}.inputs.{kind}.{name}"
        if name not in wanted:
            if kind == "artifacts" or not is_filled_in(document, component, name):
                yield f"{path}: its component has no such input; {listed(wanted)}"
        else:
            yield from _source(document, use.graph, source, type_of(wanted[name], kind), path, kind)


def _source(document: Document, graph: Graph, source: Data, wanted: str, path: str, kind: Kind) -> Iterator[str]:
    """The faults in where one input comes from."""
    match source:
        case {"taskFinalStatus": _}:
            if wanted not in _STATUS_TYPES:
                yield f"{path}: the status of a task is no {wanted}"
        case {"runtimeValue": {"constant": constant}}:
            yield from _constant(constant, wanted, path)
        case _ if _FROM_INPUT[kind] in source:
            name = source[_FROM_INPUT[kind]]
            available = available_inputs(document, graph, kind)
            if name not in available:
                yield f'{path}: there is no input "{name}" of {graph.path}; {listed(available)}'
            else:
                yield from _types(available[name], source, wanted, path, kind)
        case _ if _FROM_OUTPUT[kind] in source:
            yield from _output(document, graph, source, wanted, path, kind)
        case _:
            yield f"{path}: nothing says where it comes from"


def available_inputs(document: Document, graph: Graph, kind: Kind) -> Mapping[str, Data]:
    """The inputs of a graph that its tasks can take: in a loop there is the item and no longer the list."""
    inputs = declared(graph.component, "inputDefinitions", kind)
    lists = {
        use.task.get("parameterIterator", {}).get("items", {}).get("inputParameter")
        for use in document.uses.get(graph.name, ())
    }
    return {name: each for name, each in inputs.items() if kind == "artifacts" or name not in lists}


def _constant(constant: Any, wanted: str, path: str) -> Iterator[str]:
    if is_of_the_run(constant):
        if wanted != "STRING":
            yield f"{path}: {constant} is text, and a {wanted} is wanted"
        return
    wrong = problem(constant, wanted) or hidden(constant)
    if wrong:
        yield f"{path}: {wrong}"


def _output(document: Document, graph: Graph, source: Data, wanted: str, path: str, kind: Kind) -> Iterator[str]:
    reference = source[_FROM_OUTPUT[kind]]
    producer, key = reference.get("producerTask", ""), reference.get(_OUTPUT_KEY[kind], "")
    found = produced(document, graph, producer, key, kind)
    if isinstance(found, str):
        yield f"{path}: {found}"
    elif found is not None:
        yield from _types(found, source, wanted, path, kind)


def _types(declaration: Data, source: Data, wanted: str, path: str, kind: Kind) -> Iterator[str]:
    selector = source.get("parameterExpressionSelector")
    if selector is not None:  # a part of a value: what it is shows when it runs
        yield from _selector(selector, path)
        return
    found = type_of(declaration, kind)
    if not agree(found, wanted):
        yield f"{path}: is given a {found}, and a {wanted} is wanted"


def agree(found: str, wanted: str) -> bool:
    """Whether a value of the type `found` is one of the type `wanted`."""
    return (
        found == wanted
        or (found, wanted) == _STATUS_TYPES
        or (wanted == _ANY_ARTIFACT and "." in found and " " not in found)
    )


def _selector(selector: str, path: str) -> Iterator[str]:
    from .cel import syntax_problem

    wrong = syntax_problem(selector)
    if wrong:
        yield f"{path}.parameterExpressionSelector: {wrong}"


def _defaults(path: str, component: Data) -> Iterator[str]:
    for name, declaration in declared(component, "inputDefinitions", "parameters").items():
        if "defaultValue" not in declaration:
            continue
        where = f"{path}.inputDefinitions.parameters.{name}"
        value = declaration["defaultValue"]
        wrong = problem(value, type_of(declaration, "parameters")) or hidden(value)
        if wrong:
            yield f"{where}.defaultValue: {wrong}"
        elif not declaration.get("isOptional") and path != "root":
            yield f"{where}: has a default, which the backend uses only with isOptional"
