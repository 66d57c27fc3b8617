"""L154: `after` that names a task whose output the task reads: reading it makes it wait already."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from pipec.diagnostics.model import Diagnostics, Edit, Fix
from pipec.semantics.linking import binding_value
from pipec.semantics.ordering import operands
from pipec.syntax import tree
from pipec.syntax.source import Span

_FARTHEST = 200
"""So many characters before its first name `after` is looked for."""


def needless_after(pipeline: tree.Pipeline, diagnostics: Diagnostics) -> None:
    """Reports each `after` that could be shorter with no run changing, with the edit that makes it so.

    A reference that picks instances by keys is left alone, and so is one to a task of which an input picks some.
    """
    for task in _tasks(pipeline.body):
        if not task.after:
            continue
        read = {name for expression in _expressions(task) for name in _read_whole(expression)}
        needless = [one for one in task.after if not one.keys and one.name.text in read]
        if needless:
            names = ", ".join(f"`{one.name.text}`" for one in needless)
            diagnostics.warning(
                "L154",
                f"`{task.name.text}` need not say that it runs after {names}",
                needless[0].span,
                label="its values are read",
                notes=("a task waits for every task whose outputs it reads",),
                help="leave it out of `after`",
                fix=_fix(task.after, needless),
            )


def _tasks(body: Sequence[tree.Statement]) -> Iterator[tree.Task | tree.Wait | tree.Gate | tree.Approval]:
    for statement in body:
        match statement:
            case tree.Task() | tree.Wait() | tree.Gate() | tree.Approval():
                yield statement
            case tree.If(then=then, otherwise=otherwise):
                yield from _tasks(then)
                yield from _tasks(otherwise or ())
            case tree.For(body=inner) | tree.Map(body=inner) | tree.Group(body=inner) | tree.Finally(body=inner):
                yield from _tasks(inner)


def _expressions(task: tree.Task | tree.Wait | tree.Gate | tree.Approval) -> Iterator[tree.Expression]:
    """What a task reads of others in its own scope: the `require` of a task speaks of its own outputs first."""
    match task:
        case tree.Task(inputs=inputs, implementation=implementation):
            yield from (binding_value(binding) for binding in inputs)
            if isinstance(implementation, tree.Call):
                yield from (argument.value for argument in implementation.arguments)
        case tree.Wait(implementation=tree.Call(arguments=arguments)):
            yield from (argument.value for argument in arguments)
        case tree.Gate(body=body):
            for part in body:
                if isinstance(part, tree.Require):
                    yield from (part.condition, *([] if part.message is None else [part.message]))
        case tree.Approval(body=body):
            yield from (part.value for part in body if isinstance(part, tree.Option) and part.name.text == "message")


def _read_whole(node: tree.Expression) -> Iterator[str]:
    """The names that an expression reads without picking of them: `a`, `a.rows`, `a[*].rows`, and not `a["rf"]`."""
    match node:
        case tree.NameReference(name=name):
            yield name
        case tree.Index(base=tree.NameReference(), index=index):
            yield from _read_whole(index)
        case _:
            for operand in operands(node):
                yield from _read_whole(operand)


def _fix(after: Sequence[tree.Reference], needless: Sequence[tree.Reference]) -> Fix | None:
    """Removes the whole `after`, or the needless names with a comma each. None where comments stand in between."""
    source, first, end = after[0].span.source, after[0].span.start, after[-1].span.end
    kept = [one for one in after if one not in needless]
    between = [source.text[one.span.end : two.span.start] for one, two in pairwise(after)]
    before = source.text[max(first - _FARTHEST, 0) : first].rstrip()
    if not before.endswith("after") or any(text.strip() != "," for text in between):
        return None
    if kept:
        written = ", ".join(one.span.text for one in kept)
        return Fix("shorten `after`", (Edit(Span(source, first, end), written),))
    start = source.text.rindex("after", 0, first)
    while source.text[end : end + 1] in (" ", "\t"):
        end += 1
    if source.text[end : end + 1] in ("\r", "\n"):
        while source.text[start - 1] in (" ", "\t"):
            start -= 1
    return Fix("remove `after`", (Edit(Span(source, start, end), ""),))
