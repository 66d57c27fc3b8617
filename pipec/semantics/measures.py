"""What is known of a run when it is over, for tests: attempts of tasks, the makespan, what it returned."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipec.frozen import Frozen
from pipec.ir.expressions import Expression, ListExpression, OutputReference
from pipec.ir.types import DURATION, INT, ListType, OptionalType, RecordField, RecordType, Type
from pipec.semantics.typed import Phase, Typed
from pipec.semantics.types import without_null
from pipec.syntax import tree
from pipec.syntax.source import Span

if TYPE_CHECKING:
    from pipec.semantics.expressions import Checker
    from pipec.semantics.selection import Selection

RUN = "run"
"""The task that measures of the run are outputs of."""


def _certain(type: Type) -> Type:
    """The type of what a run returns whose course is known: a test need not say what stands for null."""
    match type:
        case OptionalType(inner=inner):
            return _certain(inner)
        case RecordType(fields=fields):
            kept = tuple(RecordField(name=field.name, type=without_null(field.type)) for field in fields)
            return RecordType(fields=kept)
        case _:
            return type


class Measures(Frozen):
    """`returns` is the type of what the pipeline returns, None where it returns nothing."""

    returns: Type | None

    def of_run(self, checker: Checker, node: tree.Attribute, facts: list[str]) -> Typed | None:
        """`run.makespan` and `run.returns`; `facts` are what `run` has in every expression."""
        types = {"makespan": DURATION} | ({"returns": _certain(self.returns)} if self.returns is not None else {})
        type = types.get(node.name.text)
        if type is None:
            checker.unknown_name(
                "P0101",
                f"`run` has no `{node.name.text}`",
                node.name,
                [*types, *facts],
                notes=self._notes(node),
                kind="run",
            )
            return None
        return Typed(OutputReference(task=RUN, output=node.name.text, type=type), type, Phase.RUN, node.span)

    def _notes(self, node: tree.Attribute) -> tuple[str, ...]:
        return ("the pipeline has no `return`",) if node.name.text == "returns" else ()

    def of_task(self, checker: Checker, selection: Selection, name: str, span: Span) -> Typed | None:
        """`fetch.attempts`: how many attempts were made."""
        here = [one.id for one in selection.placed]
        is_mapped = any(one.map is not None for one in selection.placed)
        if is_mapped and not selection.every:
            shown = selection.symbol.name
            checker.diagnostics.error(
                "P0404",
                f"task `{shown}` runs once per item of a `map`",
                span,
                help=f"read all of them as a list: `{shown}[*].{name}`",
            )
            return None
        listed = ListType(element=INT)
        if is_mapped:
            reference = OutputReference(task=here[0], output=name, type=listed, mapped=True)
            return Typed(reference, listed, Phase.RUN, span)
        references: list[Expression] = [OutputReference(task=id, output=name, type=INT) for id in here]
        if not selection.every and references:
            return Typed(references[0], INT, Phase.RUN, span)
        return Typed(ListExpression(items=tuple(references)), listed, Phase.RUN, span)
