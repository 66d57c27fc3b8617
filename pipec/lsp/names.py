"""The names that a walk over a tree comes by: looked up as compiling does, and entered with what declares them."""

from __future__ import annotations

from dataclasses import dataclass, field

from pipec.lsp.index import Definition, Kind, Occurrence
from pipec.semantics.modules import Module
from pipec.semantics.ordering import operands
from pipec.semantics.symbols import (
    ComponentSymbol,
    ConstantSymbol,
    GroupSymbol,
    ImportSymbol,
    ItemSymbol,
    ParameterSymbol,
    PipelineSymbol,
    Scope,
    Symbol,
    TaskSymbol,
    TypeSymbol,
)
from pipec.syntax import tree
from pipec.syntax.source import Span

Outputs = dict[str, Definition]

_KINDS: dict[type[Symbol], Kind] = {
    ConstantSymbol: "const",
    ParameterSymbol: "parameter",
    ItemSymbol: "item",
    TaskSymbol: "task",
    GroupSymbol: "group",
    ImportSymbol: "import",
    ComponentSymbol: "component",
    PipelineSymbol: "pipeline",
    TypeSymbol: "type",
}


@dataclass
class Names:
    """Everything named in a module, by the place where it is declared."""

    module: Module
    definitions: dict[Span, Definition] = field(default_factory=dict)

    def declare(self, kind: Kind, name: tree.Name, node: tree.Node, scope: Scope | None) -> Definition:
        """Enters the place where a name is declared."""
        symbol = scope.names.get(name.text) if scope is not None else None
        if symbol is not None and symbol.span != name.span:
            symbol = None
        definition = self.definitions.setdefault(name.span, Definition(kind, name.text, name.span, node))
        definition.kind, definition.node, definition.symbol, definition.scope = kind, node, symbol, scope
        definition.occurrences.append(Occurrence(name.span, definition, declares=True))
        return definition

    def use(self, symbol: Symbol | None, name: str, span: Span, *, shorthand: bool = False) -> None:
        """Enters a use of what was found for a name."""
        kind = _KINDS.get(type(symbol)) if symbol is not None else None
        if symbol is None or kind is None:
            return
        definition = self.definitions.get(symbol.span)
        if definition is None:
            definition = Definition(kind, name, symbol.span, self.declaration(symbol), symbol)
            self.definitions[symbol.span] = definition
        definition.occurrences.append(Occurrence(span, definition, shorthand=shorthand))

    def declaration(self, symbol: Symbol) -> tree.Node:
        """What declares a symbol, which may stand in an imported file."""
        if isinstance(symbol, ComponentSymbol | PipelineSymbol | TaskSymbol):
            return symbol.node
        for imported in self.module.scope.names.values():
            if isinstance(imported, ImportSymbol) and imported.module is not None:
                for item in imported.module.file.items:
                    if isinstance(item, tree.Const | tree.TypeAlias) and item.name.span == symbol.span:
                        return item
        return tree.Name(symbol.span, symbol.span.text)

    def type(self, node: tree.TypeExpression, scope: Scope) -> None:
        match node:
            case tree.NamedType(parts=parts, arguments=arguments):
                if len(parts) == 1:
                    self.use(scope.find_kind(parts[0].text, TypeSymbol), parts[0].text, parts[0].span)
                else:
                    self.imported(parts[0].text, parts[0].span, parts[1].text, parts[1].span, scope)
                for argument in arguments:
                    self.type(argument, scope)
            case tree.UnionType(members=members):
                for member in members:
                    self.type(member, scope)
            case tree.OptionalType(inner=inner):
                self.type(inner, scope)

    def imported(self, alias: str, alias_span: Span, name: str, span: Span, scope: Scope) -> None:
        """`alias.name`."""
        found = scope.find_kind(alias, ImportSymbol)
        self.use(found, alias, alias_span)
        if isinstance(found, ImportSymbol) and found.module is not None:
            self.use(found.module.scope.names.get(name), name, span)

    def expression(self, node: tree.Expression, scope: Scope, outputs: Outputs | None = None) -> None:
        match node:
            case tree.NameReference(name=name) if outputs and name in outputs:
                outputs[name].occurrences.append(Occurrence(node.span, outputs[name]))
            case tree.NameReference(name=name):
                self.use(scope.find(name), name, node.span)
            case tree.Attribute(base=tree.NameReference(name=alias) as base, name=name) if isinstance(
                scope.find(alias), ImportSymbol
            ):
                self.imported(alias, base.span, name.text, name.span, scope)
            case tree.Attribute(base=base, name=name):
                self.expression(base, scope, outputs)
                self.output(base, name, scope)
            case _:
                for part in operands(node):
                    self.expression(part, scope, outputs)

    def output(self, base: tree.Expression, name: tree.Name, scope: Scope) -> None:
        """The output that a member of a task is."""
        while isinstance(base, tree.Index | tree.Splat):
            base = base.base
        symbol = scope.find(base.name) if isinstance(base, tree.NameReference) else None
        results = results_of(symbol.node, symbol.scope) if isinstance(symbol, TaskSymbol) else None
        definition = self.outputs_of(results).get(name.text)
        if definition is not None:
            definition.occurrences.append(Occurrence(name.span, definition))

    def outputs_of(self, results: tree.Results | None) -> Outputs:
        """Outputs that are declared elsewhere, perhaps further down."""
        return {
            output.name.text: self.definitions.setdefault(
                output.name.span, Definition("output", output.name.text, output.name.span, output)
            )
            for output in (results.fields if results is not None else ())
        }


def used_by(node: tree.Statement, scope: Scope) -> ComponentSymbol | PipelineSymbol | None:
    """The component or pipeline that a task places."""
    found: Symbol | None = None
    match node:
        case tree.Task(implementation=tree.NameReference(name=name)):
            found = scope.find_kind(name, ComponentSymbol, PipelineSymbol)
        case tree.Task(implementation=tree.Attribute(base=tree.NameReference(name=alias), name=name)):
            imported = scope.find_kind(alias, ImportSymbol)
            if isinstance(imported, ImportSymbol) and imported.module is not None:
                found = imported.module.scope.names.get(name.text)
    return found if isinstance(found, ComponentSymbol | PipelineSymbol) else None


def results_of(node: tree.Statement, scope: Scope) -> tree.Results | None:
    """The outputs that a task declares, itself or by the component or pipeline that it places."""
    use = used_by(node, scope)
    if use is not None:
        return use.node.results
    return node.results if isinstance(node, tree.Task) else None
