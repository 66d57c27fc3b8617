"""First walk over a pipeline: loops unrolled, constant branches chosen, every task placed and named. No types yet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from math import prod

from pipec.diagnostics.model import Diagnostics
from pipec.frozen import Frozen
from pipec.ir.expressions import LiteralValue
from pipec.ir.model import BranchSide
from pipec.ir.types import BOOL
from pipec.semantics.constants import define_constants
from pipec.semantics.definitions import check_name, define, report_duplicate
from pipec.semantics.expressions import Checker
from pipec.semantics.headers import read_header
from pipec.semantics.keys import spell_id, spell_key
from pipec.semantics.layers import LayerReader
from pipec.semantics.loops import is_constant, loop_values
from pipec.semantics.placement import Context, Placed, PlacedGroup, PlacedMap, Placement, TaskNode
from pipec.semantics.symbols import (
    ConstantSymbol,
    GroupSymbol,
    ItemSymbol,
    Scope,
    TaskSymbol,
)
from pipec.syntax import tree

ITERATION_LIMIT = 50_000


@dataclass(eq=False, repr=False)
class Placer:
    """Walks the body of one pipeline. `top` is the pipeline's own scope."""

    diagnostics: Diagnostics
    top: Scope
    placement: Placement = field(default_factory=Placement)
    iterations: int = 0

    def place(self, statements: Sequence[tree.Statement], context: Context, *, is_top: bool = False) -> None:
        """Places the statements of a block. The top block's options and such are its pipeline's business."""
        if not is_top:
            consts = [statement for statement in statements if isinstance(statement, tree.Const)]
            define_constants(consts, context.scope, self.diagnostics)
        for task in declared_tasks(statements):
            self._declare(task, context.scope)
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

    def _declare(self, task: Declared, scope: Scope) -> None:
        """Makes a task known before it is placed, so that the order of statements carries no meaning."""
        name = task.node.name
        symbol = scope.names.get(name.text)
        if symbol is None:
            scope.names[name.text] = TaskSymbol(name.text, name.span, task.node, scope, task.depth, task.is_mapped)
        elif not isinstance(symbol, TaskSymbol):
            report_duplicate(name, symbol.span, self.diagnostics)

    def _enter(self, name: tree.Name, node: TaskNode, context: Context) -> Placed | None:
        """Names a task and makes it known in all scopes from its own to the pipeline's."""
        found: list[tuple[TaskSymbol, tuple[str, ...]]] = []
        relative: tuple[str, ...] = ()
        is_sound = True
        for scope in self._scopes(context.scope):
            symbol = scope.names.get(name.text)
            if symbol is None:
                symbol = scope.names[name.text] = TaskSymbol(name.text, name.span, node, scope, len(relative))
            if isinstance(symbol, TaskSymbol) and not symbol.instances:
                symbol.node, symbol.span = node, name.span
            if isinstance(symbol, TaskSymbol) and symbol.node is node and relative not in symbol.instances:
                found.append((symbol, relative))
            else:
                report_duplicate(name, symbol.span, self.diagnostics)
                is_sound = False
            relative = (*map(spell_key, scope.key), *relative)
        if not is_sound:
            for symbol, _ in found:
                symbol.faulty = True
            return None
        keys = self._keys(context.scope)
        header = read_header(node, context.scope, self.diagnostics)
        placed = Placed(spell_id(name.text, keys), name.text, keys, node, name.span, context, header)
        for symbol, key in found:
            symbol.instances[key] = placed
        self.placement.tasks.append(placed)
        return placed

    def _keys(self, scope: Scope) -> tuple[LiteralValue, ...]:
        """The keys of all loops from the pipeline's scope to this one."""
        keys: tuple[LiteralValue, ...] = ()
        for one in self._scopes(scope):
            keys = (*one.key, *keys)
        return keys

    def _scopes(self, scope: Scope) -> Iterable[Scope]:
        for one in scope.enclosing():
            yield one
            if one is self.top:
                return

    # --- regions ---------------------------------------------------------------------------------

    def _if(self, node: tree.If, context: Context) -> None:
        if is_constant(node.condition, context.scope):
            self._constant_if(node, context)
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

    def _constant_if(self, node: tree.If, context: Context) -> None:
        """Places the chosen branch; both, to find what else is wrong, where the condition is faulty."""
        checker = Checker(self.diagnostics, context.scope)
        condition = checker.check_as(node.condition, BOOL, "the condition of `if`")
        chosen = condition.value if condition is not None else None
        inside = replace(context, is_chosen=True)
        if chosen is not False:
            self.place(node.then, inside)
        if chosen is not True:
            self.place(node.otherwise or (), inside)

    def _for(self, node: tree.For, context: Context) -> None:
        values = [loop_values(variable, context.scope, self.diagnostics) for variable in node.variables]
        sound = [one for one in values if one is not None]
        if len(sound) < len(values):
            self._lose(node.body, context.scope)
            return
        is_outermost = not context.scope.key
        tasks, maps = len(self.placement.tasks), len(self.placement.maps)
        self.iterations += prod(map(len, sound))
        if self.iterations <= ITERATION_LIMIT:
            for combination in product(*sound):
                inner = Scope(context.scope, key=combination)
                for variable, value in zip(node.variables, combination, strict=True):
                    define(inner, variable.name, ConstantSymbol(value, variable.name.span), self.diagnostics)
                self.place(node.body, replace(context, scope=inner))
                if self.iterations > ITERATION_LIMIT:
                    break
        if is_outermost and self.iterations > ITERATION_LIMIT:
            self._refuse_to_unroll(node, context.scope)
            del self.placement.tasks[tasks:], self.placement.maps[maps:]

    def _refuse_to_unroll(self, node: tree.For, scope: Scope) -> None:
        """Reports that there are too many iterations; what one loop has too many does not count for the next."""
        self.iterations = 0
        self.diagnostics.error(
            "P0021",
            f"this loop is unrolled more than {ITERATION_LIMIT:_} times",
            node.variables[0].span,
            help="loop over fewer values, or use `map`",
        )
        self._lose(node.body, scope)

    def _lose(self, statements: Sequence[tree.Statement], scope: Scope) -> None:
        """Marks the tasks of a faulty loop, so that what refers to them is not reported as well."""
        for task in declared_tasks(statements):
            for one in self._scopes(scope):
                symbol = one.names.get(task.node.name.text)
                if isinstance(symbol, TaskSymbol):
                    symbol.faulty = True

    def _map(self, node: tree.Map, context: Context) -> None:
        if context.is_finally:
            self.diagnostics.error("P0408", "`finally` cannot hold a `map`", node.variable.span)
            return
        first = _first_task(node.body)
        if first is None:
            self.diagnostics.error("P0405", "this `map` holds no task", node.variable.span, help="put tasks inside")
            return
        name = self._map_name(first.text, context)
        inner = Scope(context.scope)
        define(inner, node.variable.name, ItemSymbol(name, None, node.variable.name.span), self.diagnostics)
        self.placement.maps.append(PlacedMap(name, node, context, inner))
        self.placement.map_ancestors[name] = (name, *self.placement.map_ancestors[context.map])
        body = [statement for statement in node.body if not isinstance(statement, tree.Option)]
        self.place(body, replace(context, scope=inner, map=name))

    def _map_name(self, first: str, context: Context) -> str:
        """After the first task inside, numbered where that is the first task of a map around it as well."""
        keys = self._keys(context.scope)
        name = spell_id(f"map_{first}", keys)
        number = 1
        while name in self.placement.map_ancestors:
            number += 1
            name = spell_id(f"map_{first}_{number}", keys)
        return name

    def _group(self, node: tree.Group, context: Context) -> None:
        check_name(node.name, self.diagnostics)
        name = spell_id(node.name.text, self._keys(context.scope))
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


class Declared(Frozen):
    """A task as it is written: how many loop variables and whether a `map` stand around it in its block."""

    node: tree.Task | tree.Gate | tree.Approval | tree.Wait
    depth: int
    is_mapped: bool


def declared_tasks(statements: Iterable[tree.Statement], depth: int = 0, is_mapped: bool = False) -> Iterator[Declared]:
    """The tasks declared in a block, however deep."""
    for statement in statements:
        match statement:
            case tree.Task() | tree.Gate() | tree.Approval() | tree.Wait():
                yield Declared(statement, depth, is_mapped)
            case tree.If(then=then, otherwise=otherwise):
                yield from declared_tasks((*then, *(otherwise or ())), depth, is_mapped)
            case tree.For(variables=variables, body=body):
                yield from declared_tasks(body, depth + len(variables), is_mapped)
            case tree.Map(body=body):
                yield from declared_tasks(body, depth, is_mapped=True)
            case tree.Group(body=body) | tree.Finally(body=body):
                yield from declared_tasks(body, depth, is_mapped)
