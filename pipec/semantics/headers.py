"""What a task declares before anything is computed: its implementation's kind and its outputs."""

from __future__ import annotations

from dataclasses import field

from pipec.diagnostics.model import Diagnostics, Label
from pipec.diagnostics.suggest import correction, hint
from pipec.frozen import Frozen
from pipec.ir.types import JSON, Type
from pipec.semantics.excerpts import excerpt
from pipec.semantics.symbols import ComponentSymbol, PipelineSymbol, Scope, Symbol, ValueSymbol
from pipec.semantics.written_types import imported_scope, report_undefined, resolve_type
from pipec.syntax import tree

Use = ComponentSymbol | PipelineSymbol


class Header(Frozen):
    """Outputs by name with their types, None where a type was faulty; `use` is the component or pipeline placed.

    `inner` is the scope inside the component, where its parameters stand for what this task hands them.
    `faulty` is true where the implementation is not known: the task is no good, and its outputs are not to be trusted.
    """

    outputs: dict[str, Type | None] = field(default_factory=dict)
    single_output: bool = False
    use: Use | None = None
    inner: Scope | None = None
    faulty: bool = False


CONSTRUCTORS = ("python", "shell", "command", "image", "notebook", "sql")
_WHAT_TO_WRITE = f"write {', '.join(f'{name}(…)' for name in CONSTRUCTORS)}, or a component or pipeline"


def read_header(node: tree.Statement, scope: Scope, diagnostics: Diagnostics) -> Header:
    """The header of a task, wait, gate, approval or decision."""
    match node:
        case tree.Task():
            return _task_header(node, scope, diagnostics)
        case tree.Wait(implementation=tree.Call(function=tree.NameReference(name="message"))):
            return Header({"output": JSON}, single_output=True)
        case _:
            return Header()


def _task_header(node: tree.Task, scope: Scope, diagnostics: Diagnostics) -> Header:
    declared = read_results(node.results, scope, diagnostics)
    implementation = node.implementation
    if implementation is None or isinstance(implementation, tree.Call):
        return declared
    use = _find_use(implementation, scope, diagnostics)
    if use is None:
        return Header(declared.outputs, declared.single_output, faulty=True)
    given = read_results(use.node.results, use.module.scope, Diagnostics())
    if node.results is not None and declared.outputs != given.outputs and None not in declared.outputs.values():
        diagnostics.error(
            "P0211",
            f"`{node.name.text}` declares other outputs than `{excerpt(implementation.span)}` has",
            node.results.span,
            labels=(Label(use.span, "declared here"),),
            help="leave them out: they come from there",
        )
    return Header(given.outputs, given.single_output, use, _inner_scope(use))


def _inner_scope(use: Use) -> Scope | None:
    if isinstance(use, PipelineSymbol):
        return None
    names: dict[str, Symbol] = {
        parameter.name.text: ValueSymbol(None, parameter.name.span) for parameter in use.node.parameters
    }
    return Scope(use.module.scope, names=names)


def read_results(results: tree.Results | None, scope: Scope, diagnostics: Diagnostics) -> Header:
    """Declared outputs, one unnamed one under the name `output`."""
    if results is None:
        return Header()
    if results.single is not None:
        return Header({"output": resolve_type(results.single, scope, diagnostics)}, single_output=True)
    outputs: dict[str, Type | None] = {}
    for field_node in results.fields:
        if field_node.name.text in outputs:
            diagnostics.error("P0102", f"output `{field_node.name.text}` is declared twice", field_node.name.span)
            continue
        outputs[field_node.name.text] = resolve_type(field_node.type, scope, diagnostics)
    return Header(outputs)


def _find_use(node: tree.Expression, scope: Scope, diagnostics: Diagnostics) -> Use | None:
    """The component or pipeline a name stands for."""
    match node:
        case tree.NameReference(name=name):
            symbol = scope.find_kind(name, ComponentSymbol, PipelineSymbol) or scope.find(name)
            return _as_use(symbol, name, node, scope.names_of(ComponentSymbol, PipelineSymbol), diagnostics)
        case tree.Attribute(base=tree.NameReference(name=alias), name=name):
            imported = imported_scope(alias, node.base.span, scope, diagnostics)
            if imported is None:
                return None
            known = imported.names_of(ComponentSymbol, PipelineSymbol)
            found = imported.names.get(name.text)
            if found is None:
                report_undefined(alias, name, known, diagnostics)
                return None
            return _as_use(found, name.text, name, known, diagnostics)
        case _:
            diagnostics.error(
                "P0307",
                "this is no implementation",
                node.span,
                help=_WHAT_TO_WRITE,
            )
            return None


def _as_use(
    symbol: Symbol | None, name: str, node: tree.Node, known: list[str], diagnostics: Diagnostics
) -> Use | None:
    if isinstance(symbol, ComponentSymbol | PipelineSymbol):
        return symbol
    known = [*known, *CONSTRUCTORS]
    help = f"write {name}(…)" if name in CONSTRUCTORS else hint(name, known, _WHAT_TO_WRITE)
    what = "is not defined" if symbol is None else "is neither a component nor a pipeline"
    diagnostics.error("P0307", f"`{name}` {what}", node.span, help=help, fix=correction(node.span, name, known))
    return None
