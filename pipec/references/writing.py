"""Where in the text of a file, and of those it imports, something was written that the IR only has as a value."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from functools import cached_property
from typing import TYPE_CHECKING

from pipec.semantics.symbols import ImportSymbol
from pipec.syntax import tree
from pipec.syntax.source import Span

if TYPE_CHECKING:
    from pipec.api import Loaded
    from pipec.semantics.modules import Module


class Writing:
    """Looks for what is written in the trees of a file and its imports. It looks when it is first asked."""

    def __init__(self, loaded: Loaded) -> None:
        self._main = loaded.main

    def texts(self, constructors: tuple[str, ...], text: str) -> list[Span]:
        """The strings of this text, quotes included, inside the calls of any of these constructors."""
        return [span for constructor in constructors for span in self._texts_in_calls.get((constructor, text), ())]

    def strings(self, text: str, around: Span) -> list[Span]:
        """The strings of this text, quotes included: those in `around`, else those anywhere, else `around` itself."""
        found = self._texts.get(text, [])
        inside = [one for one in found if one.source is around.source and around.start <= one.start < around.end]
        return inside or found or [around]

    def component(self, constructor: str, text: str, parameters: set[str]) -> tree.Component | None:
        """The component with these parameters whose constructor is called with this text."""
        for component in self._components:
            call = component.implementation
            if (
                isinstance(call, tree.Call)
                and called(call) == constructor
                and first_text(call, text) is not None
                and {parameter.name.text for parameter in component.parameters} == parameters
            ):
                return component
        return None

    @cached_property
    def _texts_in_calls(self) -> dict[tuple[str, str], list[Span]]:
        found: dict[tuple[str, str], list[Span]] = {}
        for call in self._nodes:
            if isinstance(call, tree.Call):
                for node in _nodes_in(call):
                    if isinstance(node, tree.Text) and node.plain is not None:
                        found.setdefault((called(call), node.plain), []).append(node.span)
        return found

    @cached_property
    def _texts(self) -> dict[str, list[Span]]:
        found: dict[str, list[Span]] = {}
        for node in self._nodes:
            if isinstance(node, tree.Text) and node.plain is not None:
                found.setdefault(node.plain, []).append(node.span)
        return found

    @cached_property
    def _components(self) -> list[tree.Component]:
        return [item for module in self._modules() for item in module.file.items if isinstance(item, tree.Component)]

    @cached_property
    def _nodes(self) -> list[tree.Node]:
        return [node for module in self._modules() for node in _nodes_in(module.file)]

    def _modules(self) -> Iterator[Module]:
        """The main file and all that it imports, directly or not, each once."""
        pending = [self._main] if self._main is not None else []
        seen = set[str]()
        while pending:
            module = pending.pop()
            if module.name in seen:
                continue
            seen.add(module.name)
            yield module
            symbols = module.scope.names.values()
            pending.extend(one.module for one in symbols if isinstance(one, ImportSymbol) and one.module is not None)


def called(call: tree.Call) -> str:
    """The bare name of what is called; empty where it has none."""
    return call.function.name if isinstance(call.function, tree.NameReference) else ""


def first_text(call: tree.Call, text: str) -> Span | None:
    """The string of this text that a call is given first, quotes included."""
    for argument in call.arguments[:1]:
        if isinstance(argument.value, tree.Text) and argument.value.plain == text:
            return argument.value.span
    return None


def _nodes_in(root: tree.Node) -> Iterator[tree.Node]:
    pending: list[object] = [root]
    while pending:
        value = pending.pop()
        if isinstance(value, tuple):
            pending.extend(reversed(value))
        elif isinstance(value, tree.Node):
            yield value
            pending.extend(getattr(value, field.name) for field in reversed(fields(value)) if field.name != "span")
