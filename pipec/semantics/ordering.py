"""Definitions in an order in which each stands after what it uses: statements of a block have no order of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from graphlib import CycleError, TopologicalSorter
from typing import TypeVar

from pipec.semantics.arguments import called_name
from pipec.syntax import tree

Definition = TypeVar("Definition", tree.Const, tree.TypeAlias)


def in_dependency_order(
    definitions: Iterable[Definition], names_used: Callable[[Definition], set[str]]
) -> tuple[list[Definition], list[Definition]]:
    """The definitions in a usable order, and those that use each other in a circle (left out of the order)."""
    remaining = list(definitions)
    circular: list[Definition] = []
    while True:
        by_name = {definition.name.text: definition for definition in remaining}
        position = {name: index for index, name in enumerate(by_name)}
        graph = {
            name: sorted(names_used(definition) & by_name.keys(), key=position.__getitem__)
            for name, definition in by_name.items()
        }
        try:
            order = list(TopologicalSorter(graph).static_order())
        except CycleError as error:
            names = set(error.args[1])
            circular.extend(definition for definition in remaining if definition.name.text in names)
            remaining = [definition for definition in remaining if definition.name.text not in names]
            continue
        repeated = [definition for definition in remaining if by_name[definition.name.text] is not definition]
        return [by_name[name] for name in order] + repeated, circular


def names_in(node: tree.Expression) -> set[str]:
    """The bare names an expression starts paths with, names of functions left out."""
    return {part.name for part in walk(node) if isinstance(part, tree.NameReference)}


def calls_env(node: tree.Expression) -> bool:
    """Whether an expression reads the environment, which is known when the run starts."""
    return any(called_name(part) == "env" for part in walk(node))


def walk(node: tree.Expression) -> Iterator[tree.Expression]:
    """The expression and everything in it but names of functions, outermost first, in source order."""
    pending = [node]
    while pending:
        current = pending.pop()
        yield current
        pending.extend(reversed(operands(current)))


def operands(node: tree.Expression) -> Sequence[tree.Expression]:
    """The direct parts of an expression, in source order."""
    match node:
        case tree.Text(parts=parts):
            return [part for part in parts if not isinstance(part, str)]
        case tree.Attribute(base=base) | tree.Splat(base=base):
            return (base,)
        case tree.Index(base=base, index=index):
            return (base, index)
        case tree.Call(arguments=arguments):
            return [argument.value for argument in arguments]
        case tree.Unary(operand=operand):
            return (operand,)
        case tree.Binary(left=left, right=right):
            return (left, right)
        case tree.Conditional(condition=condition, then=then, otherwise=otherwise):
            return (condition, then, otherwise)
        case tree.ListDisplay(items=items):
            return items
        case tree.MapDisplay(entries=entries):
            return [entry.value for entry in entries]
        case _:
            return ()


def type_names_in(node: tree.TypeExpression) -> set[str]:
    """The undotted names a written type uses."""
    match node:
        case tree.NamedType(parts=parts, arguments=arguments):
            used = {parts[0].text} if len(parts) == 1 else set()
            return used.union(*(type_names_in(argument) for argument in arguments))
        case tree.UnionType(members=members):
            return set().union(*(type_names_in(member) for member in members))
        case tree.OptionalType(inner=inner):
            return type_names_in(inner)
        case _:
            return set()
