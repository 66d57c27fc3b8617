"""Reading outputs of tasks: of one instance, of all instances of a loop, of all items of a map."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipec.diagnostics.model import Diagnostics, Edit, Fix, Label
from pipec.ir.expressions import Expression, ListExpression, LiteralValue, OutputReference
from pipec.ir.types import JSON, DictType, ListType, Type, optional
from pipec.semantics.headers import Header, read_header
from pipec.semantics.selection import Selection
from pipec.semantics.symbols import TaskSymbol
from pipec.semantics.typed import Phase, Typed
from pipec.semantics.types import common, may_be_null
from pipec.syntax import tree
from pipec.syntax.source import Span

if TYPE_CHECKING:
    from pipec.semantics.expressions import Checker


def read_output(checker: Checker, selection: Selection, name: tree.Name | None, span: Span) -> Typed | None:
    """An output of the selected instances, `name` None for the single unnamed one."""
    shown = selection.symbol
    header = _header(selection)
    if header.faulty:
        return None
    if name is None and not header.single_output:
        names = ", ".join(f"`{shown.name}.{output}`" for output in header.outputs)
        checker.diagnostics.error(
            "P0404",
            f"task `{shown.name}` is not a value by itself",
            span,
            label=f"name an output: {names}" if names else "this task has no outputs",
            labels=(Label(shown.span, "declared here"),),
            help=_how_to_read_or_wait(shown.name, next(iter(header.outputs)))
            if names
            else _how_to_wait_or_read(shown.name),
        )
        return None
    output = name.text if name is not None else "output"
    if output == "attempts" and output not in header.outputs and checker.measures is not None:
        return checker.measures.of_task(checker, selection, output, span)
    if output not in header.outputs and name is not None and header.single_output:
        _report_single(checker.diagnostics, shown, name, span, header.outputs["output"])
        return None
    if output not in header.outputs:
        known = list(header.outputs)
        assert name is not None
        note = f"outputs of `{shown.name}`: {', '.join(known)}" if known else f"`{shown.name}` has no named outputs"
        message = f"task `{shown.name}` has no output `{output}`"
        checker.unknown_name("P0206", message, name, known, notes=(note,), labels=(Label(shown.span, "declared here"),))
        return None
    type = header.outputs[output]
    if type is None:
        return None
    if not selection.placed:
        return _left_out(selection, type, span)
    return _output_value(checker, selection, output, span)


def _how_to_read_or_wait(name: str, output: str) -> str:
    return f"read an output, `{name}.{output}`; to wait for it without reading a value: `task NAME after {name} = …`"


def _how_to_wait_or_read(name: str) -> str:
    return (
        f"to wait for it without reading a value: `task NAME after {name} = …`; "
        f"to read one, declare it: `task {name} -> dataset = …`"
    )


def _report_single(diagnostics: Diagnostics, shown: TaskSymbol, name: tree.Name, span: Span, type: Type | None) -> None:
    """An output is asked for by name of a task that has a single one without a name."""
    dot = Span(name.span.source, name.span.start - 1, name.span.start)
    value = Span(span.source, span.start, dot.start).text
    place = Span(dot.source, dot.start, name.span.end)
    key = f'["{name.text}"]' if type == JSON or isinstance(type, DictType) else ""
    help = f"its one output has no name: it is read as `{value}`"
    help += f", and a key of it as `{value}{key}`" if key else ""
    diagnostics.error(
        "P0206",
        f"task `{shown.name}` has no output `{name.text}`",
        name.span,
        labels=(Label(shown.span, "declared here"),),
        help=help if dot.text == "." else None,
        fix=Fix(f"replace by `{value}{key}`", (Edit(place, key),)) if dot.text == "." else None,
    )


def _output_value(checker: Checker, selection: Selection, output: str, span: Span) -> Typed | None:
    shown = selection.placed[0]
    if shown.map is not None and shown.map not in checker.here:
        return _mapped_output(checker, selection, output, span)
    if shown.context.is_chosen or checker.is_unsure:
        checker.chosen.add(span)
    references: list[Expression] = []
    element: Type | None = None
    skipped = False
    for one in selection.placed:
        type = one.outputs[output]
        if type is None:
            return None
        if checker.may_miss(one):
            skipped = not may_be_null(type)
            type = optional(type)
        references.append(OutputReference(task=one.id, output=output, type=type))
        element = type if element is None else common(element, type) or JSON
    assert element is not None
    if not selection.every:
        return Typed(references[0], element, Phase.RUN, span, skipped)
    return Typed(ListExpression(items=tuple(references)), ListType(element=element), Phase.RUN, span)


def _mapped_output(checker: Checker, selection: Selection, output: str, span: Span) -> Typed | None:
    shown = selection.placed[0]
    type = shown.outputs[output]
    if type is None:
        return None
    if not selection.every:
        checker.diagnostics.error(
            "P0404",
            f"task `{shown.name}` runs once per item of a `map`",
            span,
            help=f"read all of them as a list: `{shown.name}[*].{output}`",
        )
        return None
    listed = ListType(element=optional(type) if checker.may_miss(shown) else type)
    reference = OutputReference(task=shown.id, output=output, type=listed, mapped=True)
    return Typed(reference, listed, Phase.RUN, span)


def _header(selection: Selection) -> Header:
    """What the selected task declares; a task that is left out is read for it now."""
    if selection.placed:
        return selection.placed[0].header
    return read_header(selection.symbol.node, selection.symbol.scope, Diagnostics())


def _left_out(selection: Selection, type: Type, span: Span) -> Typed:
    """The output of a task that is left out when compiling: as of one that is skipped."""
    if selection.every:
        listed = ListType(element=type)
        return Typed(LiteralValue(value=[], type=listed), listed, Phase.COMPILE, span)
    missing = optional(type)
    return Typed(LiteralValue(value=None, type=missing), missing, Phase.COMPILE, span, may_be_skipped=True)
