"""One pipeline, from its tree to its IR: the three walks over its body and what its header and options say."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from pipec.diagnostics.model import Diagnostics, Label
from pipec.ir.base import Location
from pipec.ir.model import (
    Group,
    MapRegion,
    Parameter,
    Pipeline,
    Task,
    TestCase,
)
from pipec.ir.types import JSON, ListType
from pipec.semantics.building import TaskBuilder
from pipec.semantics.constants import define_constants
from pipec.semantics.cycles import topological_order
from pipec.semantics.definitions import define, report_duplicate
from pipec.semantics.excerpts import excerpt
from pipec.semantics.expressions import Checker
from pipec.semantics.layers import Layer, LayerReader
from pipec.semantics.linking import Linker
from pipec.semantics.modules import Loader, Module
from pipec.semantics.nullability import Reason, skip_reasons
from pipec.semantics.options import OptionReader
from pipec.semantics.placement import Context, Placed, PlacedMap, Placement
from pipec.semantics.placing import Placer
from pipec.semantics.requirements import CHECK_PARAMETERS, read_parameter_requirements, with_bounds, with_gate
from pipec.semantics.returns import read_returns
from pipec.semantics.statements import read_alerts, read_schedule, read_targets, target_locations
from pipec.semantics.symbols import ItemSymbol, ParameterSymbol, PipelineSymbol, Scope
from pipec.semantics.testcases import read_test
from pipec.semantics.written_types import resolve_type
from pipec.syntax import tree
from pipec.syntax.source import Span


@dataclass(eq=False, repr=False)
class PipelineBuilder:
    """Builds one pipeline. `pipeline_key` gives the key of a pipeline it calls, and sees to it being built.

    `tests` are those for it, which go to `cases` in their IR form.
    """

    node: tree.Pipeline
    module: Module
    loader: Loader
    pipeline_key: Callable[[PipelineSymbol], str]
    tests: Sequence[tree.Test] = ()
    cases: list[TestCase] = field(init=False, default_factory=list)
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
        requirements = read_parameter_requirements(body, Checker(self.diagnostics, self.scope), self._at)
        if requirements:
            self._refuse_name_of_gate()
            tasks = with_gate(requirements, tasks)
        checker = Checker(self.diagnostics, self.scope, lambda placed: bool(reasons[placed]))
        returns = read_returns(self.node, self.module.scope, checker)
        pipeline = Pipeline(
            name=name,
            doc=self.node.doc,
            parameters=tuple(with_bounds(parameter, requirements) for parameter in parameters),
            tasks=tuple(tasks),
            groups=tuple(
                Group(name=one.name, doc=one.node.doc, parent=one.parent, location=self._at(one.node.name.span))
                for one in placement.groups
            ),
            maps=tuple(maps),
            alerts=read_alerts(body, self.scope, self.diagnostics, self._at),
            targets=read_targets(body, self.scope, self.diagnostics),
            returns=returns.expression if returns else None,
            return_type=returns.type if returns else None,
            location=self._at(self.node.name.span),
            locations={name: self._at(entry[0].span) for name, entry in self.options.items()}
            | target_locations(body, self._at)
            | ({"return": self._at(returns.span)} if returns else {}),
            **self._option_values(),
        )
        self.cases = [read_test(test, pipeline, self.scope, self.loader) for test in self.tests]
        for scope in {self.scope, *(placed.scope for placed in placement.tasks)}:
            scope.names.clear()  # what they name knows them: without that circle its memory is free at once
        return pipeline

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
        self.options = reader.read(self.node.body, "pipeline", self.scope, f"pipeline `{self.node.name.text}`")
        layers: list[Layer] = []
        if "image" in self.options:
            layers.append({"image": self.options["image"]})
        for statement in self.node.body:
            if isinstance(statement, tree.Option) and statement.name.text == "defaults":
                subject = f"the defaults of pipeline `{self.node.name.text}`"
                layers.append(reader.read_defaults(statement.value, self.scope, subject))
        for layer in layers:
            OptionReader(self.diagnostics).task_options(layer)  # which looks at defaults that no task takes as well
        return tuple(layers)

    def _option_values(self) -> dict[str, Any]:
        reader = OptionReader(self.diagnostics)
        values: dict[str, Any] = {}
        for name, (written, raw) in self.options.items():
            if name == "schedule":
                statement = next(
                    one for one in self.node.body if isinstance(one, tree.Option) and one.name.text == "schedule"
                )
                values[name] = read_schedule(statement.value, self.scope, self.diagnostics)
            elif name in Pipeline.model_fields():
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
        options = reader.read(region.node.body, "map", region.context.scope, "a `map`")
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

    def _refuse_name_of_gate(self) -> None:
        taken = self.scope.names.get(CHECK_PARAMETERS)
        if taken is not None:
            report_duplicate(tree.Name(taken.span, CHECK_PARAMETERS), self.node.name.span, self.diagnostics)
