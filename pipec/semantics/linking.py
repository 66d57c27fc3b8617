"""Second walk: who depends on whom, and the rules by which tasks join branches. No types yet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import cast, get_args

from pipec.diagnostics.model import Diagnostics
from pipec.diagnostics.suggest import correction, nearest
from pipec.ir.model import BranchSide, TriggerRule
from pipec.semantics.layers import Layer, LayerReader, Leaf, merge
from pipec.semantics.ordering import operands
from pipec.semantics.placement import Placed, Placement, TaskNode
from pipec.semantics.selection import Selection, select, select_reference
from pipec.semantics.settings import settings_of
from pipec.semantics.symbols import ComponentSymbol, GroupSymbol, Scope, TaskSymbol, scope_with_outputs
from pipec.syntax import tree
from pipec.syntax.source import Span

COUNTING_RULES: frozenset[str] = frozenset(
    {"none_failed_min_one_success", "one_success", "one_done", "all_failed", "all_done_min_one_success"}
)
"""Rules whose result a decision among the upstream tasks would change, because it is a success of its own."""


@dataclass(eq=False, repr=False)
class Linker:
    """Fills in `upstream` and `trigger_rule` of every placed task, and `options`, its merged layers."""

    placement: Placement
    pipeline_layers: tuple[Layer, ...]
    diagnostics: Diagnostics
    options: dict[Placed, Layer] = field(default_factory=dict)

    def link(self) -> None:
        """Reads what tasks read and name, then adds what branches and joins need."""
        reader = LayerReader(self.diagnostics)
        for placed in self.placement.tasks:
            self.options[placed] = self._merged_options(placed, reader)
            self._read_rule(placed)
            for node, scope in read_expressions(placed):
                for upstream, span in references(node, scope):
                    self._depend(placed, upstream, span)
            own = placed.scope
            for reference in _after(placed):
                for upstream in self._named_tasks(reference, own):
                    self._depend(placed, upstream, reference.span)
        for order, scope in self.placement.orders:
            self._order(order, scope)
        if self.placement.maps:
            self._enter_maps()
        for placed in self.placement.tasks:
            if placed.is_finally:
                self._finally(placed)
            elif self.placement.decisions:
                self._branches(placed)

    def _depend(self, placed: Placed, upstream: Placed, span: Span) -> None:
        if upstream.is_finally and not placed.is_finally:
            self.diagnostics.error(
                "P0408",
                f"task `{placed.id}` depends on the finally task `{upstream.id}`",
                span,
                help="finally tasks run when everything else has ended",
            )
            return
        placed.upstream.setdefault(upstream, span)

    # --- options ---------------------------------------------------------------------------------

    def _merged_options(self, placed: Placed, reader: LayerReader) -> Layer:
        layers: list[Layer] = []
        if isinstance(placed.node, tree.Task):
            layers.extend((*self.pipeline_layers, *placed.context.layers))
            if isinstance(placed.header.use, ComponentSymbol):
                component = placed.header.use
                subject = f"component `{component.node.name.text}`"
                layers.append(reader.read(component.node.body, "task", placed.header.inner or placed.scope, subject))
        if not isinstance(placed.node, tree.If) and placed.node.body:
            place = place_of(placed.node)
            layers.append(reader.read(placed.node.body, place, placed.scope, f"{place} `{placed.name}`"))
        return merge(layers)

    def _read_rule(self, placed: Placed) -> None:
        if "trigger_rule" not in self.options[placed]:
            placed.rule_is_unknown = _has_unknown_option(placed.node)
            return
        written, raw = self.options[placed]["trigger_rule"]
        if not isinstance(raw, Leaf) or not isinstance(raw.node, tree.NameReference):
            placed.rule_is_unknown = True
            return
        if raw.node.name not in get_args(TriggerRule):
            placed.rule_is_unknown = True
            return
        placed.trigger_rule = cast(TriggerRule, raw.node.name)
        placed.rule_is_written = True
        if placed.is_finally and raw.node.name != "all_done":
            self.diagnostics.error(
                "P0408",
                f"finally task `{placed.id}` cannot have the trigger rule `{raw.node.name}`",
                written.span,
                help="finally tasks run whatever happened; leave the rule out",
            )

    # --- names -----------------------------------------------------------------------------------

    def _named_tasks(self, reference: tree.Reference, scope: Scope) -> list[Placed]:
        """The tasks a reference of `after` or `order` names: instances, or all tasks of a group."""
        symbol = scope.find(reference.name.text)
        if isinstance(symbol, TaskSymbol):
            return select_reference(reference, scope, symbol, self.diagnostics)
        if isinstance(symbol, GroupSymbol):
            return self._grouped[symbol.id]
        if not reference.name.text:  # a missing name was reported where it is missing
            return []
        known = scope.names_of(TaskSymbol, GroupSymbol)
        similar = nearest(reference.name.text, known)
        what = "is not a task" if symbol is not None else "is not defined"
        self.diagnostics.error(
            "P0101",
            f"task `{reference.name.text}` {what}" if symbol is None else f"`{reference.name.text}` {what}",
            reference.name.span,
            help=f"there is a task `{similar}`" if similar else None,
            fix=correction(reference.name.span, reference.name.text, known),
        )
        return []

    @cached_property
    def _grouped(self) -> dict[str, list[Placed]]:
        """The tasks of each group and of the groups inside it, in source order."""
        parents = {group.name: group.parent for group in self.placement.groups}
        tasks: dict[str, list[Placed]] = {name: [] for name in parents}
        for placed in self.placement.tasks:
            group = placed.context.group
            while group is not None:
                tasks[group].append(placed)
                group = parents[group]
        return tasks

    def _order(self, order: tree.Order, scope: Scope) -> None:
        links = [
            [(placed, reference.span) for reference in link for placed in self._named_tasks(reference, scope)]
            for link in order.links
        ]
        for earlier, later in pairwise(links):
            for placed, _ in later:
                for upstream, span in earlier:
                    self._depend(placed, upstream, span)

    # --- regions ---------------------------------------------------------------------------------

    def _enter_maps(self) -> None:
        """Tasks of a map with nothing upstream inside it wait for what its list is read from."""
        around = self.placement.map_ancestors
        needed = {
            region.name: list(references(region.node.variable.iterable, region.context.scope))
            for region in self.placement.maps
        }
        for placed in self.placement.tasks:
            for region in around[placed.map]:
                if not any(region in around[upstream.map] for upstream in placed.upstream):
                    for upstream, span in needed[region]:
                        self._depend(placed, upstream, span)

    def _finally(self, placed: Placed) -> None:
        placed.trigger_rule = "all_done"

    def _branches(self, placed: Placed) -> None:
        if placed.rule_is_unknown:
            return
        own = set(placed.branches)
        own_decisions = {side.decision for side in own}
        left = [side for upstream in placed.upstream for side in upstream.branches if side not in own]
        if not placed.rule_is_written or placed.trigger_rule == "all_success":
            self._check_can_run(placed, left, own_decisions)
        joined = [side.decision for side in left if side.decision not in own_decisions]
        if joined and not placed.rule_is_written:
            placed.trigger_rule = "none_failed_min_one_success"
            for decision in dict.fromkeys(joined):
                self._wait_for(placed, decision)
        if placed.branches:
            self._stand_in_branch(placed, is_join=bool(joined) and not placed.rule_is_written)

    def _stand_in_branch(self, placed: Placed, *, is_join: bool) -> None:
        """Makes a task of a branch wait for the decisions that may skip it."""
        innermost = placed.branches[-1]
        inside = [upstream for upstream in placed.upstream if innermost in upstream.branches]
        outside = [upstream for upstream in placed.upstream if innermost not in upstream.branches]
        rule = placed.trigger_rule
        if rule == "all_success":
            if not inside:
                self._wait_for(placed, innermost.decision)
            return
        counts = rule in COUNTING_RULES and not is_join
        if rule in ("always", "all_skipped") or (counts and outside):
            self.diagnostics.error(
                "P0407",
                f"`{rule}` cannot keep its meaning on `{placed.id}`, in a branch of `{innermost.decision}`",
                placed.span,
                notes=("a task of the branch that is not taken is skipped, whatever its other upstream tasks did",),
                help="move the task out of the `if`, or let it depend on tasks of its own branch only",
            )
        if not counts or not inside:
            for side in placed.branches if inside or not counts else (innermost,):
                self._wait_for(placed, side.decision)

    def _wait_for(self, placed: Placed, decision: str) -> None:
        found = self.placement.decisions[decision]
        if found is not placed:
            placed.upstream.setdefault(found, placed.span)

    def _check_can_run(self, placed: Placed, left: list[BranchSide], own_decisions: set[str]) -> None:
        other_side = next((side for side in left if side.decision in own_decisions), None)
        conflict = other_side
        if placed.trigger_rule == "all_success" and placed.rule_is_written and conflict is None:
            sides = set(left)
            conflict = next((s for s in left if BranchSide(decision=s.decision, taken=not s.taken) in sides), None)
        if conflict is None:
            return
        self.diagnostics.error(
            "P0406",
            f"task `{placed.id}` can never run",
            placed.span,
            notes=(f"it needs tasks of both sides of `{conflict.decision}`, and one of them is always skipped",),
            help="move it out of the `if`, where it joins the branches"
            if other_side
            else "drop the trigger rule: a task that joins branches runs whichever way it went",
        )


def place_of(node: tree.Statement) -> str:
    """The place of a task statement in the settings table."""
    match node:
        case tree.Gate():
            return "gate"
        case tree.Approval():
            return "approval"
        case tree.Wait():
            return "wait"
        case _:
            return "task"


def _has_unknown_option(node: TaskNode) -> bool:
    """Whether a misspelt option may be the trigger rule."""
    if isinstance(node, tree.If) or not node.body:
        return False
    known = settings_of(place_of(node))
    return any(isinstance(part, tree.Option) and part.name.text not in known for part in node.body)


def _after(placed: Placed) -> tuple[tree.Reference, ...]:
    return () if isinstance(placed.node, tree.If) else placed.node.after


def read_expressions(placed: Placed) -> Iterator[tuple[tree.Expression, Scope]]:
    """What a task computes before or while it runs, as written, with the scope of each."""
    node, scope = placed.node, placed.scope
    match node:
        case tree.If(condition=condition):
            yield condition, scope
        case tree.Task(inputs=inputs, implementation=implementation):
            for binding in inputs:
                yield binding_value(binding), scope
            if isinstance(implementation, tree.Call):
                yield from ((argument.value, scope) for argument in implementation.arguments)
        case tree.Wait(implementation=tree.Call(arguments=arguments)):
            yield from ((argument.value, scope) for argument in arguments)
    if isinstance(node, tree.Task | tree.Gate) and node.body:
        own = own_scope(placed)
        for part in node.body:
            if isinstance(part, tree.Require):
                yield part.condition, own
                if part.message is not None:
                    yield part.message, own
    if isinstance(node, tree.Approval):
        for part in node.body:
            if isinstance(part, tree.Option) and part.name.text == "message":
                yield part.value, scope


def own_scope(placed: Placed) -> Scope:
    """The scope of a task's own `require`: its outputs before everything else."""
    return scope_with_outputs(placed.scope, placed.id, placed.outputs, placed.span)


def binding_value(binding: tree.Binding) -> tree.Expression:
    """The value of an input, `name` for `name = name`."""
    return binding.value or tree.NameReference(binding.name.span, binding.name.text)


def references(node: tree.Expression, scope: Scope) -> Iterator[tuple[Placed, Span]]:
    """The tasks an expression reads; faults are left for typing to report."""
    if isinstance(node, tree.Text) and node.plain is not None:
        return
    quiet = Diagnostics()
    pending: list[tree.Expression] = [node]
    while pending:
        current = pending.pop()
        if isinstance(current, tree.NameReference | tree.Index | tree.Splat):
            selection = select(current, scope, quiet)
            if isinstance(selection, Selection):
                yield from ((placed, current.span) for placed in selection.placed)
                continue
        pending.extend(reversed(operands(current)))
