"""What graphs give: each declared output is taken from tasks that have it, with the type that is declared."""

from __future__ import annotations

from collections.abc import Iterator

from .document import KINDS, Data, Document, Graph, Kind, declared, listed, produced, selectors, type_of
from .inputs import agree

_OUTPUT_KEY = {"parameters": "outputParameterKey", "artifacts": "outputArtifactKey"}


def check(document: Document) -> Iterator[str]:
    """The faults in the outputs of graphs."""
    for graph in document.graphs:
        for kind in KINDS:
            yield from _outputs(document, graph, kind)


def _outputs(document: Document, graph: Graph, kind: Kind) -> Iterator[str]:
    wanted = declared(graph.component, "outputDefinitions", kind)
    selected = graph.component["dag"].get("outputs", {}).get(kind, {})
    base = f"{graph.path}.dag.outputs.{kind}"
    for name in wanted:
        if name not in selected:
            yield f'{base}: nothing says where the declared output "{name}" comes from'
    for name, selection in selected.items():
        if name not in wanted:
            yield f"{base}.{name}: no such output is declared; {listed(wanted)}"
            continue
        chosen = selectors(selection)
        if not chosen:
            yield f"{base}.{name}: nothing says which task it comes from"
        if document.is_iterated(graph.name) and ("valueFromOneof" in selection or len(chosen) > 1):
            yield f"{base}.{name}: the backend finds none of several in a loop: choose in a dag inside of it"
            continue
        for selector in chosen:
            yield from _selector(document, graph, selector, type_of(wanted[name], kind), f"{base}.{name}", kind)


def _collected(kind: Kind, found: str) -> str:
    """The type of all outputs of the type `found` together."""
    return "LIST" if kind == "parameters" else f"list of {found}"


def _selector(document: Document, graph: Graph, selector: Data, wanted: str, path: str, kind: Kind) -> Iterator[str]:
    producer, key = selector.get("producerSubtask", ""), selector.get(_OUTPUT_KEY[kind], "")
    output = produced(document, graph, producer, key, kind)
    if isinstance(output, str):
        yield f"{path}: {output}"
    if output is None or isinstance(output, str):
        return
    found = type_of(output, kind)
    if document.is_iterated(graph.name):
        if wanted != "LIST" and not wanted.startswith("list of "):
            yield f"{path}: of a loop all values are collected, and it is declared as {wanted}: declare a list"
    elif wanted == _collected(kind, found) and graph.name in document.inside_loops:
        return  # as the SDK does it for what is collected around the loop
    elif not agree(found, wanted):
        yield f'{path}: "{producer}" gives a {found}, and it is declared as {wanted}'
