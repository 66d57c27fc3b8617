"""Which tasks of a file with errors are as they were meant, so that further checks may look at them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence

from pipec.diagnostics.model import Diagnostic
from pipec.ir.base import Location
from pipec.semantics.modules import Module
from pipec.syntax import tree
from pipec.syntax.source import Span

_FOR_ALL_INSIDE = ("defaults", "image")
"""Options of a pipeline or group that reach the tasks inside."""


class Soundness:
    """Says of what stands in these files whether an error may have a part in it."""

    def __init__(self, modules: Iterable[Module], found: Iterable[Diagnostic]) -> None:
        errors = [one.span for one in found if one.severity == "error"]
        self.affected: dict[str, list[Span]] = {}
        faulty_files = {span.source for span in errors}
        for module in modules:
            own = [*(span for span in errors if span.source is module.source), *module.file.damaged]
            elsewhere = bool(faulty_files - {module.source})
            self.affected[module.name] = sorted(_Walk(module, own, elsewhere).run(), key=lambda span: span.start)

    def is_affected(self, location: Location) -> bool:
        """Whether what is declared at a place may not be what was meant."""
        spans = self.affected[location.file]
        index = bisect_right(spans, location.start, key=lambda span: span.start) - 1
        return index >= 0 and location.start <= spans[index].end


class _Walk:
    """Finds the statements of one file that errors have a part in; `elsewhere` says that other files have errors."""

    def __init__(self, module: Module, errors: Sequence[Span], elsewhere: bool) -> None:
        self.items = module.file.items
        self.ends = sorted(errors, key=lambda span: span.start)
        self.starts = [span.start for span in self.ends]
        self.elsewhere = elsewhere
        self.components = {
            item.name.text for item in self.items if isinstance(item, tree.Component) and self.hits(item.span)
        }

    def run(self) -> Iterator[Span]:
        for item in self.items:
            if isinstance(item, tree.Pipeline):
                yield from self.statements(item.body, is_inside=self.reaches_all(item.body))

    def hits(self, span: Span) -> bool:
        """Whether an error begins in a place."""
        index = bisect_left(self.starts, span.start)
        return index < len(self.starts) and self.starts[index] <= span.end

    def reaches_all(self, body: Iterable[tree.Statement]) -> bool:
        """Whether an error is in an option that is for all tasks inside."""
        return any(
            isinstance(part, tree.Option) and part.name.text in _FOR_ALL_INSIDE and self.hits(part.span)
            for part in body
        )

    def statements(self, body: Iterable[tree.Statement], is_inside: bool) -> Iterator[Span]:
        """The affected statements of a block; all of them where it is inside one."""
        for statement in body:
            match statement:
                case tree.Task() | tree.Gate() | tree.Wait() | tree.Approval():
                    if is_inside or self.hits(statement.span) or self.uses_faulty(statement):
                        yield statement.span
                case tree.If(condition=condition, name=name, then=then, otherwise=otherwise):
                    is_hit = is_inside or self.hits(condition.span)
                    if is_hit:
                        yield condition.span
                        if name is not None:
                            yield name.span
                    yield from self.statements((*then, *(otherwise or ())), is_hit)
                case tree.For(variables=variables, body=inner):
                    yield from self.statements(inner, is_inside or any(self.hits(one.span) for one in variables))
                case tree.Map(variable=variable, body=inner):
                    is_hit = is_inside or self.hits(variable.span)
                    if is_hit:
                        yield variable.span
                    yield from self.statements(inner, is_hit)
                case tree.Group(body=inner):
                    yield from self.statements(inner, is_inside or self.reaches_all(inner))
                case tree.Finally(body=inner):
                    yield from self.statements(inner, is_inside)

    def uses_faulty(self, statement: tree.Statement) -> bool:
        """Whether a task is made of a component with errors."""
        match statement:
            case tree.Task(implementation=tree.NameReference(name=name)):
                return name in self.components
            case tree.Task(implementation=tree.Attribute()):
                return self.elsewhere
            case _:
                return False
