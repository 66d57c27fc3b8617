"""First walk over a pipeline: loops unrolled, constant branches chosen, every task placed and named. No types yet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import product

from pipec.diagnostics.model import Diagnostics
from pipec.ir.expressions import LiteralValue
from pipec.ir.model import BranchSide, TriggerRule
from pipec.ir.types import BOOL, ListType, LiteralUnion, ScalarType, Type
from pipec.semantics.constants import define_constants
from pipec.semantics.definitions import check_name, define, report_duplicate
from pipec.semantics.expressions import Checker
from pipec.semantics.headers import Header, read_header
from pipec.semantics.layers import Layer, LayerReader
from pipec.semantics.ordering import names_in
from pipec.semantics.selection import spell_key
from pipec.semantics.symbols import (
    ConstantSymbol,
    GroupSymbol,
    ImportSymbol,
    ItemSymbol,
    Scope,
    TaskSymbol,
)
from pipec.syntax import tree
from pipec.syntax.source import Span

TaskNode = tree.Task | tree.Gate | tree.Approval | tree.Wait | tree.If


@dataclass(eq=False)
class Placed:
    """A task in its place. `upstream` and `trigger_rule` are filled in by linking."""

    id: str
    name: str
    keys: tuple[object, ...]
    node: TaskNode
    span: Span
    context: Context
    header: Header
    upstream: dict[Placed, Span] = field(default_factory=dict)
    trigger_rule: TriggerRule = "all_success"
    rule_is_written: bool = False

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


@dataclass(frozen=True)
class Context:
    """What surrounds a statement."""

    scope: Scope
    branches: tuple[BranchSide, ...] = ()
    group: str | None = None
    map: str | None = None
    is_finally: bool = False
    layers: tuple[Layer, ...] = ()


@dataclass(eq=False)
class PlacedMap:
    """A map region; the type of its item is known once its list is typed."""

    name: str
    node: tree.Map
    context: Context
    inner: Scope


@dataclass(frozen=True, eq=False)
class PlacedGroup:
    name: str
    node: tree.Group
    parent: str | None


@dataclass
class Placement:
    """All that stands in a pipeline's body, in source order."""

    tasks: list[Placed] = field(default_factory=list)
    groups: list[PlacedGroup] = field(default_factory=list)
    maps: list[PlacedMap] = field(default_factory=list)
    orders: list[tuple[tree.Order, Scope]] = field(default_factory=list)
    decisions: dict[str, Placed] = field(default_factory=dict)


@dataclass
class Placer:
    """Walks the body of one pipeline. `top` is the pipeline's own scope."""

    diagnostics: Diagnostics
    top: Scope
    task_names: frozenset[str] = frozenset()
    """Names of all tasks of the pipeline, wherever they stand."""
    placement: Placement = field(default_factory=Placement)

    def place(self, statements: Sequence[tree.Statement], context: Context, *, is_top: bool = False) -> None:
        """Places the statements of a block. The top block's options and such are its pipeline's business."""
        if not is_top:
            consts = [statement for statement in statements if isinstance(statement, tree.Const)]
            define_constants(consts, context.scope, self.diagnostics)
        for statement in statements:
            self._statement(statement, context, is_top)

    def _statement(self, statement: tree.Statement, context: Context, is_top: bool) -> None:
        match statement:
            case tree.Task() | tree.Gate() | tree.Approval() | tree.Wait():
                self._task(statement, context)
            case tree.If():
                self._if(statement, context)
            case tree.For():
                self._for(statement, context)
            case tree.Map():
                self._map(statement, context)
            case tree.Group():
                self._group(statement, context)
            case tree.Finally():
                self._finally(statement, context, is_top)
            case tree.Order():
                self.placement.orders.append((statement, context.scope))
            case tree.Const():
                pass
            case _ if not is_top:
                self._misplaced(statement)

    def _misplaced(self, statement: tree.Statement) -> None:
        word = statement.span.text.split(maxsplit=1)[0] if statement.span.text.strip() else "this"
        what = f"option `{statement.name.text}`" if isinstance(statement, tree.Option) else f"`{word}`"
        self.diagnostics.error(
            "P0405",
            f"{what} cannot stand in this block",
            statement.span,
            help="move it to the body of the pipeline or of a task",
        )

    # --- tasks -----------------------------------------------------------------------------------

    def _task(self, node: tree.Task | tree.Gate | tree.Approval | tree.Wait, context: Context) -> Placed | None:
        check_name(node.name, self.diagnostics)
        if context.is_finally and isinstance(node, tree.Approval | tree.Wait):
            word = "approval" if isinstance(node, tree.Approval) else "wait"
            self.diagnostics.error(
                "P0408",
                f"`finally` cannot hold the {word} `{node.name.text}`",
                node.name.span,
                help="finally tasks run at once at the end; wait or ask before it",
            )
        return self._enter(node.name, node, context)

    def _enter(self, name: tree.Name, node: TaskNode, context: Context) -> Placed | None:
        """Names a task and makes it known in all scopes from its own to the pipeline's."""
        keys = tuple(key for scope in reversed(list(self._scopes(context.scope))) for key in scope.key)
        header = read_header(node, context.scope, self.diagnostics)
        placed = Placed(spell_id(name.text, keys), name.text, keys, node, name.span, context, header)
        relative: tuple[object, ...] = ()
        for scope in self._scopes(context.scope):
            symbol = scope.names.get(name.text)
            if symbol is None:
                symbol = scope.names[name.text] = TaskSymbol(name.text, name.span)
            if not isinstance(symbol, TaskSymbol) or not _fits(symbol, relative, node):
                report_duplicate(name, symbol.span, self.diagnostics)
                return None
            symbol.instances[relative] = placed
            relative = (*scope.key, *relative)
        self.placement.tasks.append(placed)
        return placed

    def _scopes(self, scope: Scope) -> Iterable[Scope]:
        for one in scope.enclosing():
            yield one
            if one is self.top:
                return

    # --- regions ---------------------------------------------------------------------------------

    def _if(self, node: tree.If, context: Context) -> None:
        if self._is_constant(node.condition, context.scope):
            checker = Checker(self.diagnostics, context.scope)
            condition = checker.check_as(node.condition, BOOL, "the condition of `if`")
            if condition is not None and isinstance(condition.expression, LiteralValue):
                self.place(node.then if condition.expression.value else node.otherwise or (), context)
            return
        if context.is_finally:
            self.diagnostics.error(
                "P0408", "`finally` cannot hold an `if` decided in the run", node.condition.span,
                help="finally tasks run whatever happened; decide in the code of the task",
            )  # fmt: skip
            return
        first = _first_task(node.then) or _first_task(node.otherwise or ())
        if first is None:
            self.diagnostics.error("P0405", "this `if` holds no task", node.condition.span, help="put tasks inside")
            return
        name = node.name or tree.Name(node.condition.span, f"decide_{first.text}")
        if node.name is not None:
            check_name(name, self.diagnostics)
        decision = self._enter(name, node, context)
        if decision is None:
            return
        self.placement.decisions[decision.id] = decision
        for statements, taken in ((node.then, True), (node.otherwise or (), False)):
            side = BranchSide(decision=decision.id, taken=taken)
            self.place(statements, replace(context, branches=(*context.branches, side)))

    def _is_constant(self, node: tree.Expression, scope: Scope) -> bool:
        return all(isinstance(scope.find(name), ConstantSymbol | ImportSymbol) for name in names_in(node))

    def _for(self, node: tree.For, context: Context) -> None:
        values = [self._loop_values(variable, context.scope) for variable in node.variables]
        sound = [one for one in values if one is not None]
        if len(sound) < len(values):
            return
        for combination in product(*sound):
            inner = Scope(context.scope, key=tuple(value.value for value in combination))
            for variable, value in zip(node.variables, combination, strict=True):
                define(inner, variable.name, ConstantSymbol(value, variable.name.span), self.diagnostics)
            self.place(node.body, replace(context, scope=inner))

    def _loop_values(self, variable: tree.LoopVariable, scope: Scope) -> list[LiteralValue] | None:
        """The values of one loop variable, each of the narrowest type."""
        if not self._is_constant(variable.iterable, scope):
            self._not_constant(variable, scope)
            return None
        literal = Checker(self.diagnostics, scope).constant(variable.iterable, "the list of a `for`")
        if literal is None:
            return None
        if not isinstance(literal.value, list) or not isinstance(literal.type, ListType):
            self.diagnostics.error(
                "P0201", f"`for` needs a list, this is {literal.type}", variable.iterable.span, label=str(literal.type)
            )
            return None
        simple = isinstance(literal.type.element, ScalarType | LiteralUnion)
        if not simple or any(isinstance(value, list | dict) or value is None for value in literal.value):
            self.diagnostics.error(
                "P0403",
                "a `for` needs simple values: they become the keys of its tasks",
                variable.iterable.span,
                label=str(literal.type),
            )
            return None
        if len({spell_key(value) for value in literal.value}) < len(literal.value):
            self.diagnostics.error(
                "P0403", "the list of a `for` holds a value twice", variable.iterable.span, label="keys must differ"
            )
            return None
        element = literal.type.element
        return [
            LiteralValue(
                value=value, type=LiteralUnion(values=(value,)) if isinstance(element, LiteralUnion) else element
            )
            for value in literal.value
        ]

    def _not_constant(self, variable: tree.LoopVariable, scope: Scope) -> None:
        """A list known only in the run, or a name that is nothing at all."""
        for name in sorted(names_in(variable.iterable)):
            if scope.find(name) is None and name not in self.task_names and name != "run":
                Checker(self.diagnostics, scope).check(variable.iterable)
                return
        self.diagnostics.error(
            "P0402",
            f"`for` needs a list known when compiling, `{variable.iterable.span.text}` is known only in the run",
            variable.iterable.span,
            label="known only in the run",
            help=f"use map: `map {variable.name.text} in {variable.iterable.span.text} {{ … }}`",
        )

    def _map(self, node: tree.Map, context: Context) -> None:
        if context.is_finally:
            self.diagnostics.error("P0408", "`finally` cannot hold a `map`", node.variable.span)
            return
        first = _first_task(node.body)
        if first is None:
            self.diagnostics.error("P0405", "this `map` holds no task", node.variable.span, help="put tasks inside")
            return
        keys = tuple(key for scope in reversed(list(self._scopes(context.scope))) for key in scope.key)
        name = spell_id(f"map_{first.text}", keys)
        inner = Scope(context.scope)
        define(inner, node.variable.name, ItemSymbol(name, None, node.variable.name.span), self.diagnostics)
        self.placement.maps.append(PlacedMap(name, node, context, inner))
        body = [statement for statement in node.body if not isinstance(statement, tree.Option)]
        self.place(body, replace(context, scope=inner, map=name))

    def _group(self, node: tree.Group, context: Context) -> None:
        check_name(node.name, self.diagnostics)
        keys = tuple(key for scope in reversed(list(self._scopes(context.scope))) for key in scope.key)
        name = spell_id(node.name.text, keys)
        existing = context.scope.names.get(node.name.text)
        if existing is not None:
            report_duplicate(node.name, existing.span, self.diagnostics)
            return
        context.scope.names[node.name.text] = GroupSymbol(name, node.name.span)
        self.placement.groups.append(PlacedGroup(name, node, context.group))
        reader = LayerReader(self.diagnostics)
        options = [statement for statement in node.body if isinstance(statement, tree.Option)]
        layer = reader.read(options, "group", context.scope, f"group `{node.name.text}`")
        layers = context.layers
        for option in options:
            if option.name.text in layer:
                subject = f"the defaults of group `{node.name.text}`"
                layers = (*layers, reader.read_defaults(option.value, context.scope, subject))
        body = [statement for statement in node.body if not isinstance(statement, tree.Option)]
        self.place(body, replace(context, group=name, layers=layers))

    def _finally(self, node: tree.Finally, context: Context, is_top: bool) -> None:
        if not is_top:
            self._misplaced(node)
            return
        self.place(node.body, replace(context, is_finally=True))


def _fits(symbol: TaskSymbol, key: tuple[object, ...], node: TaskNode) -> bool:
    """Whether a further instance of the same statement belongs to a symbol."""
    return all(placed.node is node for placed in symbol.instances.values()) and key not in symbol.instances


def _first_task(statements: Iterable[tree.Statement]) -> tree.Name | None:
    """The name of the first task in a block, however deep."""
    for statement in statements:
        match statement:
            case tree.Task(name=name) | tree.Gate(name=name) | tree.Approval(name=name) | tree.Wait(name=name):
                return name
            case tree.If(then=then, otherwise=otherwise):
                found = _first_task(then) or _first_task(otherwise or ())
            case tree.For(body=body) | tree.Map(body=body) | tree.Group(body=body):
                found = _first_task(body)
            case _:
                continue
        if found is not None:
            return found
    return None


def task_names(statements: Iterable[tree.Statement]) -> set[str]:
    """The names of all tasks declared in a block, however deep."""
    names: set[str] = set()
    for statement in statements:
        match statement:
            case tree.Task(name=name) | tree.Gate(name=name) | tree.Approval(name=name) | tree.Wait(name=name):
                names.add(name.text)
            case tree.If(then=then, otherwise=otherwise):
                names |= task_names(then) | task_names(otherwise or ())
            case tree.For(body=body) | tree.Map(body=body) | tree.Group(body=body) | tree.Finally(body=body):
                names |= task_names(body)
    return names


def spell_id(name: str, keys: tuple[object, ...]) -> str:
    """The id of a task: its name, with the keys of its loops."""
    return f"{name}[{', '.join(spell_key(key) for key in keys)}]" if keys else name
