"""Calls as they are written: the name of what is called, and what stands in its brackets."""

from __future__ import annotations

from collections.abc import Collection

from pipec.diagnostics.model import Diagnostics
from pipec.diagnostics.suggest import correction, hint
from pipec.syntax import tree
from pipec.syntax.source import Span


def called_name(node: tree.Expression) -> str | None:
    """The bare name a call starts with; None for what is no call, and for a call of anything else."""
    match node:
        case tree.Call(function=tree.NameReference(name=name)):
            return name
        case _:
            return None


def split_arguments(node: tree.Call) -> tuple[list[tree.Expression], dict[str, tree.Expression]]:
    """The values without a name in their order, and those with one by name."""
    positional = [argument.value for argument in node.arguments if argument.name is None]
    named = {argument.name.text: argument.value for argument in node.arguments if argument.name is not None}
    return positional, named


def check_names(
    node: tree.Call, known: Collection[str], diagnostics: Diagnostics, options: Collection[str] = ()
) -> bool:
    """Whether every argument with a name is one of the known ones; reports those that are not.

    `options` are those of the statement, which stand in its block.
    """
    name = called_name(node)
    unknown = [one.name for one in node.arguments if one.name is not None and one.name.text not in known]
    otherwise = f"it takes {', '.join(f'`{one}`' for one in known)}" if known else "it takes none with a name"
    for one in unknown:
        help = hint(one.text, known, otherwise)
        if one.text in options:
            help = f"`{one.text}` is an option and stands in the block: `{{ {one.text} = … }}`"
        fix = correction(one.span, one.text, known)
        diagnostics.error("P0308", f"`{name}` takes no `{one.text}`", one.span, help=help, fix=fix)
    return not unknown


def check_once(node: tree.Call, diagnostics: Diagnostics) -> bool:
    """Whether every argument with a name stands there once; reports those that are repeated."""
    names = [argument.name for argument in node.arguments if argument.name is not None]
    repeated = [name for index, name in enumerate(names) if name.text in {one.text for one in names[:index]}]
    for name in repeated:
        diagnostics.error("P0308", f"`{name.text}` is given twice", name.span)
    return not repeated


def report_no_function(text: str, span: Span, diagnostics: Diagnostics) -> None:
    """Reports a text that is no `module:function`."""
    diagnostics.error(
        "P0308",
        f"`{text}` does not name a Python function",
        span,
        help='write the module, a colon and the function: python("package.module:function")',
    )
