"""Third walk: every expression typed, every task turned into its IR form."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from pipec.diagnostics.model import Diagnostics, Label
from pipec.diagnostics.suggest import correction, hint
from pipec.engine.trigger_rules import STARTS_EARLY
from pipec.ir.assignable import contains_secret
from pipec.ir.base import Location
from pipec.ir.expressions import Expression, outputs_used
from pipec.ir.model import (
    Alert,
    ApprovalRequest,
    Decision,
    GateCheck,
    Implementation,
    Input,
    Output,
    PipelineCall,
    Requirement,
    Task,
    WaitCondition,
)
from pipec.ir.traverse import task_expressions
from pipec.ir.types import BOOL, STR
from pipec.semantics.constructors import ConstructorReader
from pipec.semantics.expressions import Checker
from pipec.semantics.layers import Layer
from pipec.semantics.linking import binding_value, own_scope, place_of
from pipec.semantics.nullability import Reason, may_miss
from pipec.semantics.options import OptionReader
from pipec.semantics.placement import Placed
from pipec.semantics.requirements import read_requirements
from pipec.semantics.statements import read_alerts, read_targets, target_locations
from pipec.semantics.symbols import ComponentSymbol, PipelineSymbol, Scope, ValueSymbol, scope_with_outputs
from pipec.semantics.typed import Typed
from pipec.semantics.types import may_be_null, widen
from pipec.semantics.waits import read_wait
from pipec.semantics.written_types import resolve_type
from pipec.syntax import tree
from pipec.syntax.source import Span


@dataclass(eq=False, repr=False)
class TaskBuilder:
    """Builds the tasks of one pipeline.

    `options` are the merged layers of each task, `reasons` why each may be skipped, `position` the source order,
    `map_ancestors` the regions around each map (itself included), `pipeline_key` the key of a called pipeline.
    """

    diagnostics: Diagnostics
    options: Mapping[Placed, Layer]
    reasons: dict[Placed, frozenset[Reason]]
    position: Mapping[Placed, int]
    map_ancestors: Mapping[str | None, tuple[str, ...]]
    pipeline_key: Callable[[PipelineSymbol], str]
    location: Callable[[Span], Location]

    def build(self, placed: Placed) -> Task:
        """The task in its IR form. Where parts are faulty they are reported and left out."""
        merged = self.options[placed]
        inputs = self._inputs(placed)
        implementation = self._implementation(placed, merged)
        reader = OptionReader(self.diagnostics)
        node = placed.node
        if "trigger_rule" in merged:
            reader.value("trigger_rule", place_of(node), *merged["trigger_rule"])
        body = () if isinstance(node, tree.If) else node.body
        doc = None if isinstance(node, tree.If) else node.doc
        if doc is None and isinstance(placed.header.use, ComponentSymbol):
            doc = placed.header.use.node.doc
        task = Task(
            id=placed.id,
            name=placed.name,
            keys=tuple([key.value for key in placed.keys]),
            doc=doc,
            inputs=inputs,
            outputs=tuple([Output(name=name, type=type) for name, type in placed.outputs.items() if type is not None]),
            single_output=placed.single_output,
            upstream=tuple([one.id for one in sorted(placed.upstream, key=self.position.__getitem__)]),
            trigger_rule=placed.trigger_rule,
            implementation=implementation or GateCheck(),
            requirements=self._requirements(placed, body),
            options=reader.task_options(merged),
            alerts=self._alerts(placed, body),
            branches=placed.branches,
            group=placed.context.group,
            map=placed.map,
            is_finally=placed.is_finally,
            targets=self._targets(placed, body),
            location=self.location(placed.span),
            locations=self._locations(placed, merged, body),
        )
        self._warn_of_timing(task, placed)
        return task

    def _alerts(self, placed: Placed, body: tuple[tree.Statement, ...]) -> tuple[Alert, ...]:
        """The alerts of the component, then the task's own."""
        alerts: tuple[Alert, ...] = ()
        if isinstance(placed.header.use, ComponentSymbol):
            scope = placed.header.inner or placed.scope
            alerts = read_alerts(placed.header.use.node.body, scope, self.diagnostics, self.location)
        return alerts + read_alerts(body, placed.scope, self.diagnostics, self.location)

    def _targets(self, placed: Placed, body: tuple[tree.Statement, ...]) -> dict[str, dict[str, Any]]:
        targets = read_targets(body, placed.scope, self.diagnostics)
        if isinstance(placed.header.use, ComponentSymbol):
            inherited = read_targets(placed.header.use.node.body, placed.header.inner, self.diagnostics)
            for name, values in inherited.items():
                targets[name] = values | targets.get(name, {})
        return targets

    def _locations(self, placed: Placed, merged: Layer, body: tuple[tree.Statement, ...]) -> dict[str, Location]:
        """Where options, inputs and the implementation were written."""
        node = placed.node
        found = {name: self.location(entry[0].span) for name, entry in merged.items()}
        if isinstance(node, tree.Task):
            found |= {f"inputs.{binding.name.text}": self.location(binding.span) for binding in node.inputs}
        found |= target_locations(body, self.location)
        if isinstance(node, tree.Task | tree.Wait) and node.implementation is not None:
            found["implementation"] = self.location(node.implementation.span)
        return found

    def _checker(self, placed: Placed, scope: Scope | None = None) -> Checker:
        ancestors = self.map_ancestors[placed.map]
        missing = may_miss(placed, self.reasons, ancestors)
        return Checker(self.diagnostics, scope or placed.scope, missing, ancestors, placed.rule_is_unknown)

    # --- inputs ----------------------------------------------------------------------------------

    def _inputs(self, placed: Placed) -> tuple[Input, ...]:
        node = placed.node
        if not isinstance(node, tree.Task) or (not node.inputs and placed.header.use is None):
            return ()
        checker = self._checker(placed)
        given: dict[str, tuple[tree.Binding, Typed | None]] = {}
        for binding in node.inputs:
            if binding.name.text in given:
                self.diagnostics.error("P0102", f"input `{binding.name.text}` is given twice", binding.name.span)
                continue
            given[binding.name.text] = (binding, checker.check(binding_value(binding)))
        match placed.header.use:
            case ComponentSymbol(node=tree.Component(parameters=parameters)) as use:
                return self._bound(placed, given, parameters, use, checker)
            case PipelineSymbol(node=tree.Pipeline(parameters=parameters)) as use:
                return self._bound(placed, given, parameters, use, checker)
            case _:
                return self._free(given, checker)

    def _warn_of_timing(self, task: Task, placed: Placed) -> None:
        """What a task reads that may start before it is there."""
        if task.trigger_rule not in STARTS_EARLY:
            return
        waits_for_one = len(task.upstream) < 2 and task.trigger_rule != "always"
        for location, expression in task_expressions(task):
            reads = [one for one in outputs_used(expression) if one.task != task.id]
            for output in [one for one in reads if one.mapped or not waits_for_one][:1]:
                self.diagnostics.warning(
                    "L003",
                    f"timing decides whether `{output.task}` has ended when `{task.id}` reads it",
                    Span(placed.span.source, location.start, location.end),
                    notes=(f"by the rule `{task.trigger_rule}` it may start before its other upstream tasks end",),
                    help="take a rule that waits for all of them, such as `all_done`",
                )

    def _free(self, given: Mapping[str, tuple[tree.Binding, Typed | None]], checker: Checker) -> tuple[Input, ...]:
        inputs: list[Input] = []
        for name, (binding, typed) in given.items():
            if typed is None:
                continue
            if contains_secret(typed.type):
                self.diagnostics.error(
                    "P0210",
                    f"input `{name}` cannot be a secret",
                    binding.span,
                    help=f'pass it as a variable: secrets = {{ {name.upper()}: secret("…") }}',
                )
                continue
            if typed.may_be_skipped and may_be_null(typed.type):
                checker.possibly_null(typed, f"input `{name}` needs a value or `?? null`")
                continue
            inputs.append(Input(name=name, type=widen(typed.type), value=typed.expression))
        return tuple(inputs)

    def _bound(
        self,
        placed: Placed,
        given: dict[str, tuple[tree.Binding, Typed | None]],
        parameters: tuple[tree.Parameter, ...],
        use: ComponentSymbol | PipelineSymbol,
        checker: Checker,
    ) -> tuple[Input, ...]:
        """Inputs bound to the parameters of a component or pipeline."""
        from pipec.semantics.habits import meant_by_input  # here, because a file without faults has no such words

        kind = "component" if isinstance(use, ComponentSymbol) else "pipeline"
        known = [parameter.name.text for parameter in parameters]
        for name, (binding, _) in given.items():
            if name not in known:
                self.diagnostics.error(
                    "P0205",
                    f"{kind} `{use.node.name.text}` has no input `{name}`",
                    binding.name.span,
                    labels=(Label(use.span, "defined here"),),
                    help=hint(name, known) or meant_by_input(name) or f"it has: {', '.join(known) or 'none'}",
                    fix=correction(binding.name.span, name, known),
                )
        inputs: list[Input] = []
        for parameter in parameters:
            bound = self._bind(placed, given.get(parameter.name.text), parameter, use, checker)
            if bound is not None:
                inputs.append(bound)
        return tuple(inputs)

    def _bind(
        self,
        placed: Placed,
        given: tuple[tree.Binding, Typed | None] | None,
        parameter: tree.Parameter,
        use: ComponentSymbol | PipelineSymbol,
        checker: Checker,
    ) -> Input | None:
        name = parameter.name.text
        type = resolve_type(parameter.type, use.module.scope, Diagnostics())
        if given is None and parameter.default is None:
            self.diagnostics.error(
                "P0204",
                f"task `{placed.id}` does not give the input `{name}` that `{use.node.name.text}` needs",
                placed.span,
                labels=(Label(parameter.span, "needed here"),),
                help=f"add `{name} = …` to the inputs of `{placed.name}`",
            )
            return None
        if given is None:
            if isinstance(use, PipelineSymbol):
                return None
            assert parameter.default is not None
            typed = Checker(Diagnostics(), use.module.scope).check_as(parameter.default, type, name) if type else None
        else:
            typed = checker.fitted(given[1], type, f"input `{name}`") if given[1] and type else None
        if typed is None or type is None:
            return None
        if placed.header.inner is not None:
            symbol = placed.header.inner.names[name]
            assert isinstance(symbol, ValueSymbol)
            symbol.value = Typed(typed.expression, type, typed.phase, typed.span, typed.may_be_skipped)
        return Input(name=name, type=type, value=typed.expression)

    # --- implementations -------------------------------------------------------------------------

    def _implementation(self, placed: Placed, merged: Layer) -> Implementation | None:
        match placed.node:
            case tree.Task() as node:
                return self._task_implementation(placed, node)
            case tree.If(condition=condition):
                typed = self._checker(placed).check_as(condition, BOOL, "the condition of `if`")
                return Decision(condition=typed.expression) if typed is not None else None
            case tree.Wait() as node:
                return self._wait(placed, node, merged)
            case tree.Approval():
                return self._approval(placed, merged)
            case _:
                return GateCheck()

    def _task_implementation(self, placed: Placed, node: tree.Task) -> Implementation | None:
        use = placed.header.use
        if isinstance(use, PipelineSymbol):
            return PipelineCall(pipeline=self.pipeline_key(use))
        if isinstance(use, ComponentSymbol):
            checker = self._checker(placed, placed.header.inner)
            return ConstructorReader(self.diagnostics, checker).read(use.node.implementation)
        if node.implementation is None:
            if node.inputs or placed.outputs:
                self.diagnostics.error(
                    "P0405",
                    f"task `{placed.id}` has inputs or outputs and no implementation",
                    placed.span,
                    help='say what it does: `= python("module:function")`',
                )
            return GateCheck()
        checker = self._checker(placed)
        checker.inputs = node.inputs
        return ConstructorReader(self.diagnostics, checker).read(node.implementation)

    def _wait(self, placed: Placed, node: tree.Wait, merged: Layer) -> WaitCondition | None:
        reader = OptionReader(self.diagnostics)
        read = read_wait(node.implementation, self._checker(placed), self.diagnostics)
        poll = reader.value("poll", "wait", *merged["poll"]) if "poll" in merged else None
        then = reader.value("on_timeout", "wait", *merged["on_timeout"]) if "on_timeout" in merged else None
        if read is None:
            return None
        return WaitCondition(
            condition=cast(Any, read.condition),
            arguments=read.arguments,
            argument_types=read.argument_types,
            poll=60.0 if poll is None else poll,
            on_timeout=then or "fail",
        )

    def _approval(self, placed: Placed, merged: Layer) -> ApprovalRequest:
        reader = OptionReader(self.diagnostics)
        message: Expression | None = None
        for part in cast(tree.Approval, placed.node).body:
            if isinstance(part, tree.Option) and part.name.text == "message":
                typed = self._checker(placed).check_as(part.value, STR, "the message of an approval")
                message = typed.expression if typed is not None else None
        approvers = reader.value("approvers", "approval", *merged["approvers"]) if "approvers" in merged else None
        then = reader.value("on_timeout", "approval", *merged["on_timeout"]) if "on_timeout" in merged else None
        return ApprovalRequest(message=message, approvers=approvers or (), on_timeout=then or "fail")

    # --- requirements ----------------------------------------------------------------------------

    def _requirements(self, placed: Placed, body: tuple[tree.Statement, ...]) -> tuple[Requirement, ...]:
        use = placed.header.use
        if not (body or use) or not isinstance(placed.node, tree.Task | tree.Gate):
            return ()
        found = read_requirements(body, self._checker(placed, own_scope(placed)), self.location)
        if isinstance(use, ComponentSymbol) and placed.header.inner is not None:
            inner = scope_with_outputs(placed.header.inner, placed.id, placed.outputs, placed.span)
            found = read_requirements(use.node.body, self._checker(placed, inner), self.location) + found
        return found
