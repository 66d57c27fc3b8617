"""What placing finds in the body of a pipeline: tasks, groups, maps and orders, each in its surroundings."""

from __future__ import annotations

from dataclasses import dataclass, field

from pipec.frozen import Frozen
from pipec.ir.expressions import LiteralValue
from pipec.ir.model import BranchSide, TriggerRule
from pipec.ir.types import Type
from pipec.semantics.headers import Header
from pipec.semantics.layers import Layer
from pipec.semantics.symbols import Scope
from pipec.syntax import tree
from pipec.syntax.source import Span

TaskNode = tree.Task | tree.Gate | tree.Approval | tree.Wait | tree.If


@dataclass(eq=False)
class Placed:
    """A task in its place. `upstream` and `trigger_rule` are filled in by linking.

    `rule_is_unknown` is true where the written rule, or an option that may be meant for it, is none.
    """

    id: str
    name: str
    keys: tuple[LiteralValue, ...]
    node: TaskNode
    span: Span
    context: Context
    header: Header
    upstream: dict[Placed, Span] = field(default_factory=dict)
    trigger_rule: TriggerRule = "all_success"
    rule_is_written: bool = False
    rule_is_unknown: bool = False

    @property
    def scope(self) -> Scope:
        return self.context.scope

    @property
    def branches(self) -> tuple[BranchSide, ...]:
        return self.context.branches

    @property
    def map(self) -> str | None:
        return self.context.map

    @property
    def is_finally(self) -> bool:
        return self.context.is_finally

    @property
    def outputs(self) -> dict[str, Type | None]:
        return self.header.outputs

    @property
    def single_output(self) -> bool:
        return self.header.single_output


class Context(Frozen):
    """What surrounds a statement."""

    scope: Scope
    branches: tuple[BranchSide, ...] = ()
    group: str | None = None
    map: str | None = None
    is_finally: bool = False
    layers: tuple[Layer, ...] = ()
    is_chosen: bool = False
    """Whether it stands in a branch that was chosen when compiling."""


@dataclass(eq=False)
class PlacedMap:
    """A map region; the type of its item is known once its list is typed."""

    name: str
    node: tree.Map
    context: Context
    inner: Scope


class PlacedGroup(Frozen, by_identity=True):
    name: str
    node: tree.Group
    parent: str | None


@dataclass(eq=False, repr=False)
class Placement:
    """All that stands in a pipeline's body, in source order."""

    tasks: list[Placed] = field(default_factory=list)
    groups: list[PlacedGroup] = field(default_factory=list)
    maps: list[PlacedMap] = field(default_factory=list)
    orders: list[tuple[tree.Order, Scope]] = field(default_factory=list)
    decisions: dict[str, Placed] = field(default_factory=dict)
    map_ancestors: dict[str | None, tuple[str, ...]] = field(default_factory=lambda: {None: ()})
    """Each map region and those around it, innermost first."""
