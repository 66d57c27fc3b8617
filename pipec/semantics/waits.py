"""What a `wait` waits for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from pipec.diagnostics.model import Diagnostics
from pipec.diagnostics.suggest import correction, hint
from pipec.frozen import Frozen
from pipec.ir.expressions import Expression, LiteralValue
from pipec.ir.types import DATETIME, JSON, STR, Type
from pipec.semantics.arguments import called_name, check_names, check_once, report_no_function
from pipec.semantics.excerpts import excerpt
from pipec.semantics.expressions import Checker
from pipec.semantics.references import function_reference, task_reference
from pipec.semantics.settings import settings_of
from pipec.semantics.typed import Typed
from pipec.syntax import tree
from pipec.syntax.source import Span


class _Constructor(Frozen):
    """`first` is the name of the argument without a name, `named` are the types of the others, None for any.

    `form` is how it is written.
    """

    first: str
    form: str
    type: Type = STR
    named: Mapping[str, Type] | None = field(default_factory=dict)


CONDITIONS: dict[str, _Constructor] = {
    "file": _Constructor("glob", 'file("/data/*.csv")'),
    "object": _Constructor("uri", 'object("s3://bucket/key")'),
    "task": _Constructor("task", 'task("pipeline.task")'),
    "asset": _Constructor("uri", 'asset("s3://bucket/key")'),
    "message": _Constructor("topic", 'message("topic")', named={"servers": STR, "group": STR, "key": STR}),
    "until": _Constructor("time", "until(run.timestamp + 2h)", type=DATETIME),
    "python": _Constructor("function", 'python("module:predicate")', named=None),
}


class WaitedFor(Frozen):
    """A constructor's name, its arguments by name, and the types of those a predicate is called with."""

    condition: str
    arguments: dict[str, Expression]
    argument_types: dict[str, Type]


def read_wait(node: tree.Expression, checker: Checker, diagnostics: Diagnostics) -> WaitedFor | None:
    """What a constructor waits for; None where it is faulty."""
    name = called_name(node) or ""
    if not isinstance(node, tree.Call) or name not in CONDITIONS:
        forms = ", ".join(constructor.form for constructor in CONDITIONS.values())
        diagnostics.error(
            "P0307",
            f"`{name or excerpt(node.span)}` is nothing that can be waited for",
            node.span,
            help=hint(name, CONDITIONS, f"write {forms}"),
            fix=correction(node.function.span, name, CONDITIONS) if isinstance(node, tree.Call) else None,
        )
        return None
    constructor = CONDITIONS[name]
    positional = [argument.value for argument in node.arguments if argument.name is None]
    if len(positional) != 1:
        diagnostics.error("P0308", f"`{name}` is not called like this", node.span, help=f"write {constructor.form}")
        return None
    sound = _check_names(node, constructor, diagnostics)
    first = checker.check_as(positional[0], constructor.type, f"`{name}`")
    if first is not None and not _check_first(name, first, diagnostics):
        sound = False
    others: dict[str, Typed] = {}
    for argument in node.arguments:
        if argument.name is not None:
            wanted = JSON if constructor.named is None else constructor.named.get(argument.name.text, JSON)
            typed = checker.check_as(argument.value, wanted, f"`{argument.name.text}`")
            if typed is None:
                sound = False
            else:
                others[argument.name.text] = typed
    if first is None or not sound:
        return None
    return WaitedFor(
        condition=name,
        arguments={constructor.first: first.expression, **{key: typed.expression for key, typed in others.items()}},
        argument_types={key: typed.type for key, typed in others.items()} if name == "python" else {},
    )


def _check_names(node: tree.Call, constructor: _Constructor, diagnostics: Diagnostics) -> bool:
    if constructor.named is not None:
        return check_names(node, constructor.named, diagnostics, settings_of("wait")) and check_once(node, diagnostics)
    for argument in node.arguments:
        if argument.name is not None and argument.name.text == constructor.first:
            diagnostics.error(
                "P0308",
                f"`{constructor.first}` names the predicate itself",
                argument.name.span,
                help="give its parameter another name",
            )
            return False
    return check_once(node, diagnostics)


def _check_first(name: str, typed: Typed, diagnostics: Diagnostics) -> bool:
    """Reports an argument without a name whose text, where it is known, cannot be meant."""
    if not isinstance(typed.expression, LiteralValue):
        if name == "python":
            diagnostics.error(
                "P0304", "a predicate must be known when compiling", typed.span, help="use a literal or a const"
            )
        return name != "python"
    text = typed.expression.value
    match name:
        case "python" if function_reference(text) is None:
            report_no_function(text, typed.span, diagnostics)
        case "task" if task_reference(text) is None:
            help = 'write the pipeline, a dot and the task: task("pipeline.task"), task("pipeline.train[\\"rf\\"]")'
            _wrong(f"`{text}` does not name a task of a pipeline", help, typed.span, diagnostics)
        case "object" if "://" not in text:
            help = 'write object("s3://bucket/key"), or file("/data/*.csv") for what lies on a disk'
            _wrong(f"`{text}` is no URI of an object", help, typed.span, diagnostics)
        case "file" | "asset" | "message" if not text:
            _wrong(
                f"`{name}` needs a text that is not empty", f"write {CONDITIONS[name].form}", typed.span, diagnostics
            )
        case _:
            return True
    return False


def _wrong(message: str, help: str, span: Span, diagnostics: Diagnostics) -> None:
    diagnostics.error("P0308", message, span, help=help)
