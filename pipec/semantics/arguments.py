"""Calls as they are written: the name of what is called, and what stands in its brackets."""

from __future__ import annotations

from pipec.syntax import tree


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
