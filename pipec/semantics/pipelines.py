"""One pipeline, from its tree to its IR: the three walks over its body and what its header and options say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from pipec.diagnostics.model import Diagnostics, Label
from pipec.ir.assignable import contains_secret
from pipec.ir.base import Location
from pipec.ir.expressions import BinaryOperation, LiteralValue, OutputReference, ParameterReference, walk
from pipec.ir.model import (
    GateCheck,
    Group,
    MapRegion,
    Options,
    Parameter,
    Pipeline,
    Requirement,
    Task,
)
from pipec.ir.types import JSON, ListType, RecordType
from pipec.semantics.building import TaskBuilder, is_known_false, read_requirement
from pipec.semantics.constants import define_constants
from pipec.semantics.cycles import topological_order
from pipec.semantics.definitions import define, report_duplicate
from pipec.semantics.excerpts import excerpt
from pipec.semantics.expressions import Checker
from pipec.semantics.headers import read_results
from pipec.semantics.layers import Layer, LayerReader
from pipec.semantics.linking import Linker
from pipec.semantics.modules import Loader, Module
from pipec.semantics.nullability import Reason, skip_reasons
from pipec.semantics.options import OptionReader
from pipec.semantics.placing import Context, Placed, PlacedMap, Placement, Placer
from pipec.semantics.statements import read_alerts, read_schedule, read_targets, target_locations
from pipec.semantics.symbols import ItemSymbol, ParameterSymbol, PipelineSymbol, Scope
from pipec.semantics.written_types import resolve_type
from pipec.syntax import tree
from pipec.syntax.source import Span

CHECK_PARAMETERS = "check_parameters"
"""The gate that checks what a pipeline requires of parameters known only when the run starts."""


@dataclass
class PipelineBuilder:
    """Builds one pipeline. `pipeline_key` gives the key of a pipeline it calls, and sees to it being built."""

    node: tree.Pipeline
    module: Module
    loader: Loader
    pipeline_key: Callable[[PipelineSymbol], str]
    scope: Scope = field(init=False)
    options: Layer = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.scope = Scope(self.module.scope)

    @property
    def diagnostics(self) -> Diagnostics:
        return self.loader.diagnostics

    def build(self, name: str) -> Pipeline:
        """The pipeline under this name: of use only where no error was reported."""
        body = self.node.body
        parameters = self._parameters()
        given = self.loader.constants if self.module.path == next(iter(self.loader.modules)) else {}
        consts = [statement for statement in body if isinstance(statement, tree.Const)]
        define_constants(consts, self.scope, self.diagnostics, given)
        layers = self._read_options()
        placer = Placer(self.diagnostics, self.scope)
        placer.place(body, Context(self.scope), is_top=True)
        placement = placer.placement
        linker = Linker(placement, layers, self.diagnostics)
        linker.link()
        reasons = skip_reasons(topological_order(placement.tasks, self.diagnostics))
        maps = self._maps(placement)
        tasks = self._tasks(placement, linker, reasons)
        requirements = self._requirements()
        if requirements:
            tasks = self._check_parameters(requirements, tasks)
        returns = self._returns(reasons)
        return Pipeline(
            name=name,
            doc=self.node.doc,
            parameters=tuple(_with_bounds(parameter, requirements) for parameter in parameters),
            tasks=tuple(tasks),
            groups=tuple(
                Group(name=one.name, doc=one.node.doc, parent=one.parent, location=self._at(one.node.name.span))
                for one in placement.groups
            ),
            maps=tuple(maps),
            alerts=read_alerts(body, self.scope, self.diagnostics, self._at),
            targets=read_targets(body, self.scope, self.diagnostics),
            returns=returns[0] if returns else None,
            return_type=returns[1] if returns else None,
            location=self._at(self.node.name.span),
            locations={name: self._at(entry[0].span) for name, entry in self.options.items()}
            | target_locations(body, self._at)
            | ({"return": self._at(returns[2])} if returns else {}),
            **self._option_values(),
        )

    def _at(self, span: Span) -> Location:
        return self.loader.location(span)

    # --- header and options ----------------------------------------------------------------------

    def _parameters(self) -> list[Parameter]:
        parameters: list[Parameter] = []
        for node in self.node.parameters:
            type = resolve_type(node.type, self.module.scope, self.diagnostics)
            checker = Checker(self.diagnostics, self.scope)
            default = None
            if node.default is not None:
                default = checker.check(node.default)
                if default is not None and type is not None:
                    default = checker.fitted(default, type, f"parameter `{node.name.text}`")
            define(self.scope, node.name, ParameterSymbol(node.name.text, type, node.name.span), self.diagnostics)
            if type is not None:
                parameters.append(
                    Parameter(
                        name=node.name.text,
                        type=type,
                        default=default.expression if default is not None else None,
                        doc=node.doc,
                        location=self._at(node.name.span),
                    )
                )
        return parameters

    def _read_options(self) -> tuple[Layer, ...]:
        """Reads the pipeline's options; the result are the layers of defaults for its tasks."""
        reader = LayerReader(self.diagnostics)
        statements = [statement for statement in self.node.body if isinstance(statement, tree.Option)]
        self.options = reader.read(statements, "pipeline", self.scope, f"pipeline `{self.node.name.text}`")
        layers: list[Layer] = []
        if "image" in self.options:
            layers.append({"image": self.options["image"]})
        for statement in statements:
            if statement.name.text == "defaults":
                subject = f"the defaults of pipeline `{self.node.name.text}`"
                layers.append(reader.read_defaults(statement.value, self.scope, subject))
        for layer in layers:
            self._check_defaults(layer)
        return tuple(layers)

    def _check_defaults(self, layer: Layer) -> None:
        """Defaults are looked at even where no task takes them."""
        reader = OptionReader(self.diagnostics)
        reader.task_options({name: entry for name, entry in layer.items() if name in Options.model_fields})

    def _option_values(self) -> dict[str, Any]:
        reader = OptionReader(self.diagnostics)
        values: dict[str, Any] = {}
        for name, (written, raw) in self.options.items():
            if name == "schedule":
                statement = next(
                    one for one in self.node.body if isinstance(one, tree.Option) and one.name.text == "schedule"
                )
                values[name] = read_schedule(statement.value, self.scope, self.diagnostics)
            elif name in Pipeline.model_fields:
                values[name] = reader.value(name, "pipeline", written, raw)
        self._check_period(values)
        if values.get("schedule") is not None:
            self._check_scheduled_parameters()
        return {name: value for name, value in values.items() if value is not None}

    def _check_scheduled_parameters(self) -> None:
        """A run by schedule is given no values."""
        for node in self.node.parameters:
            if node.default is None:
                self.diagnostics.error(
                    "P0413",
                    f"parameter `{node.name.text}` needs a default: the pipeline runs by a schedule",
                    node.name.span,
                    labels=(Label(self.options["schedule"][0].span, "scheduled here"),),
                    help=f"write `{excerpt(node.span)} = …`: nobody gives a value to a run by schedule",
                )

    def _check_period(self, values: dict[str, Any]) -> None:
        start, end = values.get("start"), values.get("end")
        if start is not None and end is not None and end < start:
            self.diagnostics.error(
                "P0303",
                f"option `end` is before `start`, {start}",
                self.options["end"][0].span,
                labels=(Label(self.options["start"][0].span, "starts here"),),
            )

    # --- body ------------------------------------------------------------------------------------

    def _maps(self, placement: Placement) -> list[MapRegion]:
        """The map regions, outer ones first, with the types of their items filled in."""
        maps: list[MapRegion] = []
        reader = LayerReader(self.diagnostics)
        for region in placement.maps:
            around = placement.map_ancestors[region.context.map]
            checker = Checker(self.diagnostics, region.context.scope, here=around)
            items = checker.check_as(region.node.variable.iterable, ListType(element=JSON), "`map`")
            item_type = items.type.element if items is not None and isinstance(items.type, ListType) else None
            symbol = region.inner.names[region.node.variable.name.text]
            if isinstance(symbol, ItemSymbol):
                symbol.type = item_type
            if items is None or item_type is None:
                continue
            maps.append(
                MapRegion(
                    name=region.name,
                    variable=region.node.variable.name.text,
                    items=items.expression,
                    item_type=item_type,
                    max_parallel=self._max_parallel(region, reader),
                    parent=region.context.map,
                    location=self._at(region.node.variable.span),
                )
            )
        return maps

    def _max_parallel(self, region: PlacedMap, reader: LayerReader) -> int | None:
        statements = [statement for statement in region.node.body if isinstance(statement, tree.Option)]
        options = reader.read(statements, "map", region.context.scope, "a `map`")
        if "max_parallel" not in options:
            return None
        value: int | None = OptionReader(self.diagnostics).value("max_parallel", "map", *options["max_parallel"])
        return value

    def _tasks(
        self,
        placement: Placement,
        linker: Linker,
        reasons: dict[Placed, frozenset[Reason]],
    ) -> list[Task]:
        builder = TaskBuilder(
            diagnostics=self.diagnostics,
            options=linker.options,
            reasons=reasons,
            position={placed: index for index, placed in enumerate(placement.tasks)},
            map_ancestors=placement.map_ancestors,
            pipeline_key=self.pipeline_key,
            location=self._at,
        )
        return [builder.build(placed) for placed in placement.tasks]

    def _requirements(self) -> list[Requirement]:
        """What the pipeline requires of its parameters; what is known to hold is left out."""
        checker = Checker(self.diagnostics, self.scope)
        found: list[Requirement] = []
        for statement in self.node.body:
            if not isinstance(statement, tree.Require):
                continue
            requirement = read_requirement(statement, checker, self._at)
            if requirement is None:
                continue
            if any(isinstance(part, OutputReference) for part in walk(requirement.condition)):
                self.diagnostics.error(
                    "P0409",
                    "a pipeline requires something of its parameters only",
                    statement.condition.span,
                    help="check outputs of tasks in a `gate`",
                )
            elif is_known_false(requirement):
                self.diagnostics.error("P0410", "this requirement never holds", statement.condition.span)
            elif not isinstance(requirement.condition, LiteralValue):
                found.append(requirement)
        return found

    def _check_parameters(self, requirements: list[Requirement], tasks: list[Task]) -> list[Task]:
        """Puts the gate for the requirements before every task that has no upstream."""
        taken = self.scope.names.get(CHECK_PARAMETERS)
        if taken is not None:
            name = tree.Name(taken.span, CHECK_PARAMETERS)
            report_duplicate(name, self.node.name.span, self.diagnostics)
        gate = Task(
            id=CHECK_PARAMETERS,
            name=CHECK_PARAMETERS,
            doc="Checks what the pipeline requires of its parameters.",
            implementation=GateCheck(),
            requirements=tuple(requirements),
            location=requirements[0].location,
        )
        return [
            gate,
            *(
                task.model_copy(update={"upstream": (CHECK_PARAMETERS,)})
                if not task.upstream and not task.is_finally
                else task
                for task in tasks
            ),
        ]

    def _returns(self, reasons: dict[Placed, frozenset[Reason]]) -> tuple[Any, Any, Span] | None:
        """The returned expression with its type and place."""
        declared = read_results(self.node.results, self.module.scope, self.diagnostics)
        statements = [statement for statement in self.node.body if isinstance(statement, tree.Return)]
        for extra in statements[1:]:
            self.diagnostics.error(
                "P0405", "a pipeline returns once", extra.span, labels=(Label(statements[0].span, "first here"),)
            )
        if not statements:
            if self.node.results is not None:
                self.diagnostics.error(
                    "P0412",
                    f"pipeline `{self.node.name.text}` declares what it returns and has no `return`",
                    self.node.results.span,
                    help="add `return …` to its body",
                )
            return None
        checker = Checker(self.diagnostics, self.scope, lambda placed: bool(reasons[placed]))
        typed = checker.check(statements[0].value)
        if typed is None:
            return None
        if contains_secret(typed.type):
            self.diagnostics.error("P0210", "what the pipeline returns cannot hold a secret", typed.span)
            return None
        if declared.single_output and (single := declared.outputs["output"]) is not None:
            typed = checker.fitted(typed, single, "what the pipeline returns") or typed
        elif declared.outputs:
            self._check_fields(typed.type, declared.outputs, statements[0], checker)
        return typed.expression, typed.type, statements[0].span

    def _check_fields(self, type: Any, declared: dict[str, Any], statement: tree.Return, checker: Checker) -> None:
        fields = {one.name: one.type for one in type.fields} if isinstance(type, RecordType) else {}
        if not isinstance(statement.value, tree.MapDisplay) or set(fields) != set(declared):
            self.diagnostics.error(
                "P0412",
                f"pipeline `{self.node.name.text}` declares {', '.join(declared)}, and returns {type}",
                statement.span,
                help=f"return {{ {', '.join(f'{name}: …' for name in declared)} }}",
            )
            return
        for entry in statement.value.entries:
            wanted = declared[entry.key.text]
            if wanted is not None:
                checker.check_as(entry.value, wanted, f"`{entry.key.text}`")


def _with_bounds(parameter: Parameter, requirements: list[Requirement]) -> Parameter:
    """The parameter with the bounds that simple requirements, `name >= number`, put on it."""
    names = {">=": "minimum", ">": "exclusive_minimum", "<=": "maximum", "<": "exclusive_maximum"}
    update: dict[str, Any] = {}
    for requirement in requirements:
        match requirement.condition:
            case BinaryOperation(
                operator=operator,
                left=ParameterReference(name=name),
                right=LiteralValue(value=int() | float() as bound),
            ) if name == parameter.name and operator in names and str(parameter.type) in ("int", "float"):
                update[names[operator]] = bound
    return parameter.model_copy(update=update) if update else parameter
