"""What expressions of a run see: outputs by instance, lists of them over the items of a map."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pipec.engine.evaluate import Scope
from pipec.engine.graph import Graph, Node, Path, RegionNode
from pipec.engine.unknown import UncertainScope


class Outputs:
    """The outputs of every instance that succeeded, in JSON form."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._values: dict[Node, Mapping[str, Any]] = {}

    def set(self, node: Node, outputs: Mapping[str, Any]) -> None:
        self._values[node] = outputs

    def of(self, node: Node) -> Mapping[str, Any]:
        """By name; empty until it succeeded."""
        return self._values.get(node, {})

    def seen_from(self, path: Path, around: tuple[str, ...], own: Mapping[tuple[str, str], Any]) -> OutputsView:
        """What an expression inside the maps `around`, at the items `path`, reads; what is in `own` goes before."""
        return OutputsView(self, self._graph, path, around, own)


class OutputsView(Mapping[tuple[str, str], Any]):
    """Values by task id and output name. Of a task that is mapped for who looks it is the list in item order.

    A missing value is null: of an instance that did not succeed, also at its place in a list.
    """

    def __init__(
        self, outputs: Outputs, graph: Graph, path: Path, around: tuple[str, ...], own: Mapping[tuple[str, str], Any]
    ) -> None:
        self._outputs = outputs
        self._graph = graph
        self._path = path
        self._around = around
        self._own = own

    def __getitem__(self, key: tuple[str, str]) -> Any:
        if key in self._own:
            return self._own[key]
        task, output = key
        found = self._graph.read(task, self._path, self._around)
        if isinstance(found, Node):
            return self._outputs.of(found).get(output)
        return [self._outputs.of(node).get(output) for node in found]

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._own)

    def __len__(self) -> int:
        return len(self._own)


class Scopes:
    """What names stand for in the expressions of one pipeline in a run; `facts` are those behind `run.…`.

    Where `is_certain` is false values may be unknown.
    """

    def __init__(
        self,
        graph: Graph,
        outputs: Outputs,
        parameters: Mapping[str, Any],
        facts: Mapping[str, Any],
        is_certain: bool = True,
    ) -> None:
        self._graph = graph
        self._outputs = outputs
        self._parameters = parameters
        self._facts = facts
        self._scope = Scope if is_certain else UncertainScope

    def of_node(self, node: Node, own: Mapping[tuple[str, str], Any] | None = None) -> Scope:
        """In a task; `own` are outputs it has just given, by its id and their names."""
        outputs = self._outputs.seen_from(node.path, self._graph.chain(node.task.id), own or {})
        return self._scope(self._parameters, self._run(node.attempt), outputs, self._graph.items(node))

    def of_region(self, region: RegionNode) -> Scope:
        """In the list of a map."""
        outputs = self._outputs.seen_from(region.path, self._graph.around(region), {})
        return self._scope(self._parameters, self._run(attempt=1), outputs, self._graph.items(region))

    def of_pipeline(self) -> Scope:
        """In what the pipeline returns."""
        return self._scope(self._parameters, self._run(attempt=1), self._outputs.seen_from((), (), {}))

    def _run(self, attempt: int) -> Mapping[str, Any]:
        return {**self._facts, "attempt": attempt}
