"""Components looked at where they are defined, whether or not a pipeline places them."""

from __future__ import annotations

from pipec.diagnostics.model import Diagnostics, Label
from pipec.ir.expressions import ParameterReference
from pipec.ir.model import Options
from pipec.ir.types import Type
from pipec.semantics.constructors import ConstructorReader
from pipec.semantics.definitions import check_name
from pipec.semantics.expressions import Checker
from pipec.semantics.headers import read_results
from pipec.semantics.layers import LayerReader
from pipec.semantics.modules import Loader, Module
from pipec.semantics.options import OptionReader
from pipec.semantics.requirements import read_requirements
from pipec.semantics.statements import read_alerts, read_targets
from pipec.semantics.symbols import Scope, ValueSymbol, scope_with_outputs
from pipec.semantics.typed import Phase, Typed
from pipec.semantics.written_types import resolve_type
from pipec.syntax import tree

_DEPENDS_ON_PLACE = "P0304"
"""A parameter may stand for a constant: whether it does is known where the component is placed."""


def check_component(node: tree.Component, module: Module, loader: Loader) -> None:
    """Reports what is wrong with a component however it is placed."""
    scope = Scope(module.scope)
    for parameter in node.parameters:
        _parameter(parameter, scope, module, loader.diagnostics)
    results = read_results(node.results, module.scope, loader.diagnostics)
    found = Diagnostics()
    checker = Checker(found, scope)
    if isinstance(node.implementation, tree.Call):
        ConstructorReader(found, checker).read(node.implementation)
    else:
        found.error(
            "P0307",
            f"component `{node.name.text}` is made of another component or pipeline",
            node.implementation.span,
            help='a component is a constructor with its options: = python("module:function")',
        )
    _options(node, scope, found)
    read_alerts(node.body, scope, found, loader.location)
    read_targets(node.body, scope, found)
    _requirements(node, scope, results.outputs, found, loader)
    loader.diagnostics.found.extend(one for one in found.found if one.code != _DEPENDS_ON_PLACE)


def _parameter(node: tree.Parameter, scope: Scope, module: Module, diagnostics: Diagnostics) -> None:
    """Checks a parameter and makes it known as a value of its type."""
    name = node.name.text
    check_name(node.name, diagnostics)
    if name in scope.names:
        diagnostics.error(
            "P0102",
            f"parameter `{name}` is declared twice",
            node.name.span,
            labels=(Label(scope.names[name].span, "first declared here"),),
        )
        return
    type = resolve_type(node.type, module.scope, diagnostics)
    checker = Checker(diagnostics, module.scope)
    if node.default is not None:
        default = checker.check(node.default)
        if default is not None and type is not None:
            checker.require_type(default, type, f"parameter `{name}`")
    value = Typed(ParameterReference(name=name, type=type), type, Phase.START, node.name.span) if type else None
    scope.names[name] = ValueSymbol(value, node.name.span)


def _options(node: tree.Component, scope: Scope, found: Diagnostics) -> None:
    layer = LayerReader(found).read(node.body, "task", scope, f"component `{node.name.text}`")
    reader = OptionReader(found)
    for name, (written, raw) in layer.items():
        if name in Options.model_fields() or name == "trigger_rule":
            reader.value(name, "task", written, raw)


def _requirements(
    node: tree.Component, scope: Scope, outputs: dict[str, Type | None], found: Diagnostics, loader: Loader
) -> None:
    own = scope_with_outputs(scope, node.name.text, outputs, node.name.span)
    read_requirements(node.body, Checker(found, own), loader.location)
