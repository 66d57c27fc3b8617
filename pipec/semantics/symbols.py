"""What names stand for, and the scopes they are looked up in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pipec.ir.expressions import LiteralValue
from pipec.ir.types import Type
from pipec.syntax import tree
from pipec.syntax.source import Span

if TYPE_CHECKING:
    from pipec.semantics.expressions import Typed
    from pipec.semantics.modules import Module
    from pipec.semantics.placing import Placed


@dataclass(frozen=True, eq=False)
class ConstantSymbol:
    """A `const` or a loop variable in one iteration. `value` is None where its expression was faulty."""

    value: LiteralValue | None
    span: Span


@dataclass(frozen=True, eq=False)
class ParameterSymbol:
    """A parameter of the pipeline, known when the run starts. `type` is None where it was faulty."""

    name: str
    type: Type | None
    span: Span


@dataclass(eq=False)
class ValueSymbol:
    """A parameter of a component, standing for what the placed task hands it: filled in when that was typed."""

    value: Typed | None
    span: Span


@dataclass(eq=False)
class ItemSymbol:
    """The variable of a `map`; its type is filled in when the list of the map was typed, and None if faulty."""

    map: str
    type: Type | None
    span: Span


@dataclass(frozen=True, eq=False)
class OwnOutputSymbol:
    """An output of the task whose own `require` is looked at."""

    task: str
    output: str
    type: Type
    span: Span


@dataclass(eq=False)
class TaskSymbol:
    """A task as seen from a scope: `instances` by the values of the loops between that scope and the task.

    A task outside any such loop has the one key `()`.
    """

    name: str
    span: Span
    instances: dict[tuple[object, ...], Placed] = field(default_factory=dict)

    @property
    def depth(self) -> int:
        """How many loop keys pick one instance."""
        return len(next(iter(self.instances), ()))


@dataclass(frozen=True, eq=False)
class GroupSymbol:
    """A group, by its id."""

    id: str
    span: Span


@dataclass(eq=False)
class ImportSymbol:
    """An imported file; `module` is None where it could not be read."""

    module: Module | None
    span: Span
    used: bool = False


@dataclass(frozen=True, eq=False)
class ComponentSymbol:
    node: tree.Component
    module: Module
    span: Span


@dataclass(frozen=True, eq=False)
class PipelineSymbol:
    node: tree.Pipeline
    module: Module
    span: Span


@dataclass(frozen=True, eq=False)
class TypeSymbol:
    """A `type` alias; None where it was faulty."""

    type: Type | None
    span: Span


Symbol = (
    ConstantSymbol
    | ParameterSymbol
    | ValueSymbol
    | ItemSymbol
    | OwnOutputSymbol
    | TaskSymbol
    | GroupSymbol
    | ImportSymbol
    | ComponentSymbol
    | PipelineSymbol
    | TypeSymbol
)


@dataclass(eq=False)
class Scope:
    """Names of one block, and the block around it. `key` is what a loop's iteration adds to the key of its tasks."""

    parent: Scope | None = None
    key: tuple[object, ...] = ()
    names: dict[str, Symbol] = field(default_factory=dict)

    def find(self, name: str) -> Symbol | None:
        scope: Scope | None = self
        while scope is not None:
            if (symbol := scope.names.get(name)) is not None:
                return symbol
            scope = scope.parent
        return None

    def enclosing(self) -> Iterator[Scope]:
        """This scope and those around it, innermost first."""
        scope: Scope | None = self
        while scope is not None:
            yield scope
            scope = scope.parent

    def all_names(self) -> list[str]:
        return list(dict.fromkeys(name for scope in self.enclosing() for name in scope.names))
