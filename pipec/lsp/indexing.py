"""Builds the index of a file: a walk over its tree that looks names up as compiling does."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from pipec.lsp.blocks import Block, fill, header_scope, loop_scope
from pipec.lsp.index import Index, Kind
from pipec.lsp.names import Names, Outputs, results_of
from pipec.semantics.modules import Module
from pipec.semantics.references import task_reference
from pipec.semantics.settings import settings
from pipec.semantics.symbols import ComponentSymbol, PipelineSymbol, Scope, TaskSymbol
from pipec.syntax import tree

BARE_NAMES = frozenset(setting.name for setting in settings() if setting.type == "name")
"""Options whose values are words of their own and no names of the file."""


def build_index(module: Module) -> Index:
    """The index of a module whose imports were loaded."""
    builder = _Builder(module)
    builder.run()
    return Index([one for definition in builder.definitions.values() for one in definition.occurrences], builder.blocks)


@dataclass
class _Builder(Names):
    blocks: list[Block] = field(default_factory=list)
    pipelines: dict[str, Scope] = field(default_factory=dict)
    """The scope of each pipeline of the file, by its name."""

    def run(self) -> None:
        file, scope = self.module.file, self.module.scope
        self.blocks.append(Block(file.span, scope, None))
        for item in file.items:
            if isinstance(item, tree.Pipeline):
                inner = header_scope(item.parameters, scope)
                fill(inner, item.body)
                self.pipelines.setdefault(item.name.text, inner)
                self.pipeline(item, inner)
        for item in file.items:
            self.item(item, scope)

    def item(self, item: tree.Node, scope: Scope) -> None:
        match item:
            case tree.Import(alias=alias):
                self.declare("import", alias, item, scope)
            case tree.Const():
                self.const(item, scope)
            case tree.TypeAlias(name=name, type=type):
                self.declare("type", name, item, scope)
                self.type(type, scope)
            case tree.Component():
                self.component(item, scope)
            case tree.Test():
                self.test(item, scope)

    # --- items of a file -------------------------------------------------------------------------

    def pipeline(self, node: tree.Pipeline, scope: Scope) -> None:
        self.declare("pipeline", node.name, node, self.module.scope)
        self.blocks.append(Block(node.span, scope, node))
        self.parameters(node.parameters, "parameter", scope)
        self.results(node.results)
        self.statements(node.body, scope)

    def component(self, node: tree.Component, around: Scope) -> None:
        self.declare("component", node.name, node, around)
        scope = header_scope(node.parameters, around)
        self.blocks.append(Block(node.span, scope, node))
        self.parameters(node.parameters, "own parameter", scope)
        outputs = self.results(node.results)
        self.implementation(node.implementation, scope)
        self.body(node.body, scope, outputs)

    def parameters(self, parameters: Iterable[tree.Parameter], kind: Kind, scope: Scope) -> None:
        for parameter in parameters:
            self.declare(kind, parameter.name, parameter, scope)
            self.type(parameter.type, self.module.scope)
            if parameter.default is not None:
                self.expression(parameter.default, scope)

    def results(self, results: tree.Results | None) -> Outputs:
        """The outputs that are declared, by name."""
        if results is None:
            return {}
        if results.single is not None:
            self.type(results.single, self.module.scope)
        outputs: Outputs = {}
        for output in results.fields:
            self.type(output.type, self.module.scope)
            outputs.setdefault(output.name.text, self.declare("output", output.name, output, None))
        return outputs

    def const(self, node: tree.Const, scope: Scope) -> None:
        self.declare("const", node.name, node, scope)
        if node.type is not None:
            self.type(node.type, scope)
        self.expression(node.value, scope)

    def test(self, node: tree.Test, scope: Scope) -> None:
        self.use(scope.find_kind(node.pipeline.text, PipelineSymbol), node.pipeline.text, node.pipeline.span)
        inner = self.pipelines.get(node.pipeline.text, scope)
        self.blocks.append(Block(node.span, inner, node))
        for part in node.body:
            match part:
                case tree.Given(subject=subject, value=value):
                    self.expression(subject, inner)
                    if value is not None:
                        self.expression(value, scope)
                case tree.Expect(subjects=subjects):
                    for subject in subjects:
                        self.expression(subject, inner)

    # --- statements ------------------------------------------------------------------------------

    def statements(self, body: Iterable[tree.Statement], scope: Scope) -> None:
        for statement in body:
            self.statement(statement, scope)

    def statement(self, node: tree.Statement, scope: Scope) -> None:
        match node:
            case tree.Const():
                self.const(node, scope)
            case tree.Task() | tree.Wait() | tree.Gate() | tree.Approval():
                self.task(node, scope)
            case tree.If(condition=condition, name=name, then=then, otherwise=otherwise):
                self.expression(condition, scope)
                if name is not None:
                    self.declare("task", name, node, scope)
                self.statements((*then, *(otherwise or ())), scope)
            case tree.For() | tree.Map():
                self.loop(node, scope)
            case tree.Group(name=name, body=body):
                self.declare("group", name, node, scope)
                self.statements(body, scope)
            case tree.Finally(body=body):
                self.statements(body, scope)
            case tree.Order(links=links):
                for link in links:
                    self.references(link, scope)
            case tree.Return(value=value):
                self.expression(value, scope)
            case _:
                self.body((node,), scope, {})

    def loop(self, node: tree.For | tree.Map, around: Scope) -> None:
        scope = loop_scope(node, around)
        self.blocks.append(Block(node.span, scope, node))
        for variable in (node.variable,) if isinstance(node, tree.Map) else node.variables:
            self.declare("item" if isinstance(node, tree.Map) else "variable", variable.name, variable, scope)
            self.expression(variable.iterable, around)
        self.statements(node.body, scope)

    def task(self, node: tree.Task | tree.Wait | tree.Gate | tree.Approval, scope: Scope) -> None:
        self.declare("task", node.name, node, scope)
        outputs: Outputs = {}
        if isinstance(node, tree.Task):
            for binding in node.inputs:
                self.binding(binding, scope)
            outputs = self.results(node.results) or self.outputs_of(results_of(node, scope))
        self.references(node.after, scope)
        if isinstance(node, tree.Task | tree.Wait) and node.implementation is not None:
            self.implementation(node.implementation, scope)
        self.body(node.body, scope, outputs)

    def binding(self, node: tree.Binding, scope: Scope) -> None:
        name = node.name
        if node.value is None:
            self.use(scope.find(name.text), name.text, name.span, shorthand=True)
            return
        self.declare("input", name, node, None)
        self.expression(node.value, scope)

    def implementation(self, node: tree.Expression, scope: Scope) -> None:
        match node:
            case tree.NameReference(name=name):
                self.use(scope.find_kind(name, ComponentSymbol, PipelineSymbol), name, node.span)
            case tree.Attribute(base=tree.NameReference(name=alias) as base, name=name):
                self.imported(alias, base.span, name.text, name.span, scope)
            case tree.Call(
                function=tree.NameReference(name="task"), arguments=(tree.Argument(value=tree.Text() as text),)
            ):
                self.waited_for(text)
            case tree.Call():
                self.expression(node, scope)

    def waited_for(self, text: tree.Text) -> None:
        """The task and pipeline that a text such as `"etl.load"` names."""
        plain = text.plain or ""
        found = task_reference(plain)
        start = text.span.start + 1
        if found is None or text.span.source.text[start : text.span.end - 1] != plain:
            return
        source = text.span.source
        task = found.task.partition("[")[0]
        middle = start + len(found.pipeline)
        pipeline = self.module.scope.find_kind(found.pipeline, PipelineSymbol)
        self.use(pipeline, found.pipeline, source.span(start, middle))
        scope = self.pipelines.get(found.pipeline)
        symbol = scope.names.get(task) if scope is not None else None
        if isinstance(symbol, TaskSymbol):
            self.use(symbol, task, source.span(middle + 1, middle + 1 + len(task)))

    def references(self, references: Iterable[tree.Reference], scope: Scope) -> None:
        for reference in references:
            self.use(scope.find(reference.name.text), reference.name.text, reference.name.span)
            for key in reference.keys:
                self.expression(key, scope)

    def body(self, body: Iterable[tree.Statement], scope: Scope, outputs: Outputs) -> None:
        """Options, target blocks, requirements and alerts; requirements know the outputs by their bare names."""
        for part in body:
            match part:
                case tree.Option(name=name, value=value) if name.text not in BARE_NAMES:
                    self.expression(value, scope)
                case tree.TargetBlock(options=options):
                    for option in options:
                        self.expression(option.value, scope)
                case tree.Require(condition=condition, message=message):
                    self.expression(condition, scope, outputs)
                    if message is not None:
                        self.expression(message, scope, outputs)
                case tree.On(value=value):
                    self.expression(value, scope)
