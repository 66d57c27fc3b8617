"""The graph of a specification before it is written: DAGs in DAGs, and tasks that name what they read directly.

A task may read an input of any DAG around it and an output of any other task. How the value gets there, through the
components between the two, is worked out in `plumbing`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from pipec.frozen import Frozen

from .channels import Channel


class Constant(Frozen):
    """A value known when compiling, in its JSON form."""

    value: Any


class DagInput(Frozen):
    """An input of a DAG around the task."""

    dag: Dag
    name: str


class TaskOutput(Frozen):
    node: Node
    key: str


Source = Constant | DagInput | TaskOutput


class Given(Frozen):
    """What an input is given, and what carries it."""

    channel: Channel
    source: Source


class DagOutput(Frozen):
    """An output of a DAG: that of a task in it, or of the first of several that ran."""

    channel: Channel
    choices: tuple[TaskOutput, ...]


@dataclass(eq=False, repr=False, slots=True)
class Dag:
    """Tasks of one DAG component, or of the root, whose owner is None."""

    owner: Node | None = None
    nodes: list[Node] = field(default_factory=list)
    inputs: dict[str, Channel] = field(default_factory=dict)
    outputs: dict[str, DagOutput] = field(default_factory=dict)

    def inside(self) -> Iterator[Node]:
        """The tasks of this DAG and of those inside of it, each before what is in it."""
        for node in self.nodes:
            yield node
            if node.body is not None:
                yield from node.body.inside()

    def around(self) -> Iterator[Dag]:
        """This DAG and those around it, innermost first."""
        dag: Dag | None = self
        while dag is not None:
            yield dag
            dag = dag.owner.dag if dag.owner is not None else None


@dataclass(eq=False, repr=False, slots=True)
class Node:
    """A task of Kubeflow with a component of its own: a container by `executor`, or a DAG by `body`.

    `settings` are further fields of the task (retry policy, caching, iterator, trigger policy), `platform` what the
    document for Kubernetes says of its executor. `collects` says that the outputs of all iterations are lists.
    """

    name: str
    dag: Dag
    inputs: dict[str, Given] = field(default_factory=dict)
    outputs: dict[str, Channel] = field(default_factory=dict)
    after: list[Node] = field(default_factory=list)
    condition: str = ""
    executor: dict[str, Any] | None = None
    body: Dag | None = None
    settings: dict[str, Any] = field(default_factory=dict)
    platform: dict[str, Any] = field(default_factory=dict)
    collects: bool = False
    needs_no_success: bool = False

    def __post_init__(self) -> None:
        self.dag.nodes.append(self)

    def with_body(self) -> Dag:
        """Make it a DAG component; its DAG."""
        self.body = Dag(self)
        return self.body
