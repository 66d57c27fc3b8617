"""Definitions in an order in which each stands after what it uses: statements of a block have no order of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from graphlib import CycleError, TopologicalSorter
from typing import TypeVar

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
    match node:
        case tree.NameReference(name=name):
            return {name}
        case tree.Text(parts=parts):
            return _names(part for part in parts if not isinstance(part, str))
        case tree.Attribute(base=base) | tree.Splat(base=base):
            return names_in(base)
        case tree.Index(base=base, index=index):
            return names_in(base) | names_in(index)
        case tree.Call(arguments=arguments):
            return _names(argument.value for argument in arguments)
        case tree.Unary(operand=operand):
            return names_in(operand)
        case tree.Binary(left=left, right=right):
            return names_in(left) | names_in(right)
        case tree.Conditional(condition=condition, then=then, otherwise=otherwise):
            return names_in(condition) | names_in(then) | names_in(otherwise)
        case tree.ListDisplay(items=items):
            return _names(items)
        case tree.MapDisplay(entries=entries):
            return _names(entry.value for entry in entries)
        case _:
            return set()


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


def _names(expressions: Iterable[tree.Expression]) -> set[str]:
    return set().union(*(names_in(expression) for expression in expressions))
