"""What names stand for, and the scopes they are looked up in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pipec.frozen import Frozen
from pipec.ir.expressions import LiteralValue
from pipec.ir.types import Type
from pipec.syntax import tree
from pipec.syntax.source import Span

if TYPE_CHECKING:
    from pipec.semantics.modules import Module
    from pipec.semantics.placement import Placed
    from pipec.semantics.typed import Typed


class ConstantSymbol(Frozen, by_identity=True):
    """A `const` or a loop variable in one iteration. `value` is None where its expression was faulty."""

    value: LiteralValue | None
    span: Span


class ParameterSymbol(Frozen, by_identity=True):
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


class OwnOutputSymbol(Frozen, by_identity=True):
    """An output of the task whose own `require` is looked at. `type` is None where it was faulty."""

    task: str
    output: str
    type: Type | None
    span: Span


@dataclass(eq=False)
class TaskSymbol:
    """A task as seen from a scope: `instances` by the spelled keys of the loops between that scope and the task.

    A task outside any such loop has the one key `()`. `depth` is how many keys pick one instance, `is_mapped` whether a
    `map` stands between. There is no instance where a loop has nothing to loop over, or the task stands in a branch
    that is left out when compiling; `faulty` is true where that is so because of a reported fault. `scope` is where
    the symbol stands.
    """

    name: str
    span: Span
    node: tree.Task | tree.Gate | tree.Approval | tree.Wait | tree.If
    scope: Scope
    depth: int = 0
    is_mapped: bool = False
    faulty: bool = False
    instances: dict[tuple[str, ...], Placed] = field(default_factory=dict)

    def pick(self, keys: tuple[str, ...]) -> list[Placed]:
        """The instances whose keys begin with these."""
        if len(keys) == self.depth:
            return [self.instances[keys]] if keys in self.instances else []
        return [placed for key, placed in self.instances.items() if key[: len(keys)] == keys]


class GroupSymbol(Frozen, by_identity=True):
    """A group, by its id."""

    id: str
    span: Span


@dataclass(eq=False)
class ImportSymbol:
    """An imported file; `module` is None where it could not be read."""

    module: Module | None
    span: Span
    used: bool = False


class ComponentSymbol(Frozen, by_identity=True):
    node: tree.Component
    module: Module
    span: Span


class PipelineSymbol(Frozen, by_identity=True):
    node: tree.Pipeline
    module: Module
    span: Span


class TypeSymbol(Frozen, by_identity=True):
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


def kind_of(symbol: Symbol) -> str:
    """What a symbol is, in the user's words."""
    match symbol:
        case ConstantSymbol():
            return "const"
        case ParameterSymbol() | ValueSymbol():
            return "parameter"
        case ItemSymbol():
            return "variable of a map"
        case OwnOutputSymbol():
            return "output"
        case TaskSymbol():
            return "task"
        case GroupSymbol():
            return "group"
        case ImportSymbol():
            return "imported file"
        case ComponentSymbol():
            return "component"
        case PipelineSymbol():
            return "pipeline"
        case TypeSymbol():
            return "type"


@dataclass(eq=False)
class Scope:
    """Names of one block, and the block around it. `key` is what a loop's iteration adds to the key of its tasks."""

    parent: Scope | None = None
    key: tuple[LiteralValue, ...] = ()
    names: dict[str, Symbol] = field(default_factory=dict)

    def find(self, name: str) -> Symbol | None:
        """What a name stands for here, the innermost where several blocks define it."""
        scope: Scope | None = self
        while scope is not None:
            if (symbol := scope.names.get(name)) is not None:
                return symbol
            scope = scope.parent
        return None

    def find_kind(self, name: str, *kinds: type[Symbol]) -> Symbol | None:
        """The innermost symbol of these kinds: implementations, files and types are looked up past tasks so named."""
        for scope in self.enclosing():
            if isinstance(symbol := scope.names.get(name), kinds):
                return symbol
        return None

    def enclosing(self) -> Iterator[Scope]:
        """This scope and those around it, innermost first."""
        scope: Scope | None = self
        while scope is not None:
            yield scope
            scope = scope.parent

    def names_of(self, *kinds: type[Symbol]) -> list[str]:
        """The names of symbols of these kinds, in this scope and those around it."""
        return [name for scope in self.enclosing() for name, found in scope.names.items() if isinstance(found, kinds)]

    def all_names(self) -> list[str]:
        return list(dict.fromkeys(name for scope in self.enclosing() for name in scope.names))


def scope_with_outputs(parent: Scope, task: str, outputs: Mapping[str, Type | None], span: Span) -> Scope:
    """The scope of a task's own `require`: its outputs before everything else. `span` is where the task is named."""
    names: dict[str, Symbol] = {name: OwnOutputSymbol(task, name, type, span) for name, type in outputs.items()}
    return Scope(parent, names=names)
