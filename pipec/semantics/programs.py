"""A whole program: the pipelines of a file, those they call, and its tests."""

from __future__ import annotations

from dataclasses import dataclass, field

from pipec.diagnostics.model import Fix, removal
from pipec.diagnostics.suggest import hint
from pipec.ir.model import Pipeline, Program, TestCase
from pipec.semantics.components import check_component
from pipec.semantics.echoes import drop_echoes
from pipec.semantics.modules import Loader, Module
from pipec.semantics.pipelines import PipelineBuilder
from pipec.semantics.symbols import ImportSymbol, PipelineSymbol
from pipec.semantics.testcases import report_unknown_pipeline
from pipec.syntax import tree
from pipec.syntax.source import Source, Span

NESTING_LIMIT = 50
"""How many levels deep pipelines may call each other."""


@dataclass(eq=False, repr=False)
class ProgramBuilder:
    """Builds the program of a main module. Pipelines of imported files are built when one calls them."""

    loader: Loader
    main: Module
    built: dict[str, Pipeline | None] = field(default_factory=dict)
    open: list[str] = field(default_factory=list)
    cases: list[TestCase] = field(default_factory=list)

    def build(self) -> Program:
        """The program: of use only where no error was reported."""
        own = [item for item in self.main.file.items if isinstance(item, tree.Pipeline)]
        for node in own:
            symbol = self.main.scope.names.get(node.name.text)
            if isinstance(symbol, PipelineSymbol) and symbol.node is node:
                self._build(symbol, node.name.span)
        for module in self.loader.modules.values():
            for item in module.file.items:
                if isinstance(item, tree.Component):
                    check_component(item, module, self.loader)
        tests = self._tests()
        self._check_given_constants()
        self._unused_imports()
        drop_echoes(self.loader.diagnostics, self.loader.modules.values())
        pipelines = {key: pipeline for key, pipeline in self.built.items() if pipeline is not None}
        return Program(
            source=self.main.name,
            digest=self.loader.digest(),
            pipelines=pipelines,
            own=tuple(node.name.text for node in own if node.name.text in pipelines),
            tests=tuple(tests),
        )

    def _build(self, symbol: PipelineSymbol, used_at: Span) -> str:
        """Builds a pipeline once and gives its key: its name, with the file's for imported ones."""
        name = symbol.node.name.text
        key = name if symbol.module is self.main else f"{symbol.module.name.removesuffix('.pipe')}:{name}"
        if key in self.open:
            circle = [*self.open[self.open.index(key) :], key]
            self.loader.diagnostics.error(
                "P0411", f"pipelines call each other in a circle: {' -> '.join(circle)}", used_at
            )
            return key
        if len(self.open) == NESTING_LIMIT:
            self.loader.diagnostics.error(
                "P0007",
                f"pipelines call each other more than {NESTING_LIMIT} levels deep",
                used_at,
                help="call some of them from the first one",
            )
            return key
        if key not in self.built:
            self.open.append(key)
            self.built[key] = None
            tests = [test for test in self._written_tests() if test.pipeline.text == key]
            builder = PipelineBuilder(
                symbol.node, symbol.module, self.loader, lambda called: self._build(called, called.span), tests
            )
            self.built[key] = builder.build(name)
            self.cases.extend(builder.cases)
            self.open.pop()
        return key

    def _tests(self) -> list[TestCase]:
        """The tests of the file, in source order."""
        own = [name for name in self.built if ":" not in name]
        for node in self._written_tests():
            if node.pipeline.text not in own:
                report_unknown_pipeline(node, own, self.loader.diagnostics)
        return sorted(self.cases, key=lambda case: case.location.start)

    def _written_tests(self) -> list[tree.Test]:
        return [item for item in self.main.file.items if isinstance(item, tree.Test)]

    def _check_given_constants(self) -> None:
        """Every `-D` names a const of the main file."""
        known = {
            statement.name.text
            for item in self.main.file.items
            for statement in (item.body if isinstance(item, tree.Pipeline) else (item,))
            if isinstance(statement, tree.Const)
        }
        for name, value in self.loader.constants.items():
            if name not in known:
                source = Source(f"-D {name}", f"{name}={value}")
                self.loader.diagnostics.error(
                    "P0101",
                    f"there is no const `{name}` to give a value to",
                    Span(source, 0, len(name)),
                    help=hint(name, known),
                )

    def _unused_imports(self) -> None:
        for module in self.loader.modules.values():
            for item in module.file.items:
                if not isinstance(item, tree.Import):
                    continue
                symbol = module.scope.names.get(item.alias.text)
                if not isinstance(symbol, ImportSymbol) or symbol.span != item.alias.span:
                    continue
                if symbol.module is not None and not symbol.used:
                    self.loader.diagnostics.warning(
                        "L001",
                        f"import `{item.alias.text}` is not used",
                        item.span,
                        fix=Fix("remove the import", (removal(item.span),)),
                        help="remove it",
                    )
