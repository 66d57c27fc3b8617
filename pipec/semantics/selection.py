"""Picking tasks by name: `train`, `train["rf"]`, `train[*]`."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from pipec.diagnostics.model import Diagnostics, Label
from pipec.diagnostics.suggest import nearest
from pipec.ir.types import quote
from pipec.semantics.symbols import ConstantSymbol, Scope, TaskSymbol
from pipec.syntax import tree
from pipec.syntax.source import Span

if TYPE_CHECKING:
    from pipec.semantics.placing import Placed


@dataclass(frozen=True, slots=True)
class Selection:
    """One or more instances of a task. `every` is true after `[*]`: the value is a list."""

    placed: tuple[Placed, ...]
    every: bool


@dataclass(frozen=True, slots=True)
class _Partial:
    symbol: TaskSymbol
    keys: tuple[object, ...]
    every: bool


def select(node: tree.Expression, scope: Scope, diagnostics: Diagnostics) -> Selection | Literal["faulty"] | None:
    """The tasks a path names; None where it does not start at a task or goes on to an output."""
    partial = _partial(node, scope, diagnostics)
    if partial is None or partial == "faulty":
        return partial
    return _finish(partial, node.span, diagnostics)


def select_reference(node: tree.Reference, scope: Scope, symbol: TaskSymbol, diagnostics: Diagnostics) -> list[Placed]:
    """The tasks a reference of `after` or `order` names: without keys every instance."""
    keys: list[object] = []
    for expression in node.keys:
        key = _key(expression, scope)
        if key is None:
            _bad_key(expression, diagnostics)
            return []
        keys.append(key)
    found = [placed for key, placed in symbol.instances.items() if key[: len(keys)] == tuple(keys)]
    if not found:
        _no_instance(symbol, tuple(keys), node.span, diagnostics)
    return found


def _partial(node: tree.Expression, scope: Scope, diagnostics: Diagnostics) -> _Partial | Literal["faulty"] | None:
    match node:
        case tree.NameReference(name=name):
            symbol = scope.find(name)
            return _Partial(symbol, (), False) if isinstance(symbol, TaskSymbol) else None
        case tree.Index(base=base, index=index):
            partial = _partial(base, scope, diagnostics)
            if partial is None or partial == "faulty":
                return partial
            if partial.every or len(partial.keys) >= partial.symbol.depth:
                return None
            key = _key(index, scope)
            if key is None:
                _bad_key(index, diagnostics)
                return "faulty"
            return _Partial(partial.symbol, (*partial.keys, key), False)
        case tree.Splat(base=base):
            partial = _partial(base, scope, diagnostics)
            if partial is None or partial == "faulty":
                return partial
            return _Partial(partial.symbol, partial.keys, True)
        case _:
            return None


def _finish(partial: _Partial, span: Span, diagnostics: Diagnostics) -> Selection | Literal["faulty"]:
    symbol = partial.symbol
    found = tuple(placed for key, placed in symbol.instances.items() if key[: len(partial.keys)] == partial.keys)
    if not found:
        if not symbol.instances:
            return "faulty"
        _no_instance(symbol, partial.keys, span, diagnostics)
        return "faulty"
    loops = symbol.depth - len(partial.keys)
    mapped = found[0].map is not None
    if partial.every and loops == 0 and not mapped:
        diagnostics.error(
            "P0404",
            f"`[*]` needs a task of a `for` or `map`, `{symbol.name}` is a single one",
            span,
            labels=(Label(symbol.span, "declared here"),),
            help="drop `[*]`",
        )
        return "faulty"
    if not partial.every and loops > 0:
        first = next(iter(symbol.instances))
        shown = "".join(f"[{spell_key(key)}]" for key in first[len(partial.keys) :])
        diagnostics.error(
            "P0404",
            f"`{symbol.name}` has {len(found)} instances",
            span,
            label="which one?",
            labels=(Label(symbol.span, "unrolled here"),),
            help=f"pick one, `{span.text}{shown}`, or all as a list, `{span.text}[*]`",
        )
        return "faulty"
    return Selection(found, partial.every)


def _key(node: tree.Expression, scope: Scope) -> object | None:
    """A loop key as a value in its JSON form: a literal or the name of a constant."""
    match node:
        case tree.Literal(value=datetime.date() as value):
            return value.isoformat()
        case tree.Literal(value=value):
            return value
        case tree.Text():
            return node.plain
        case tree.NameReference(name=name):
            symbol = scope.find(name)
            if isinstance(symbol, ConstantSymbol) and symbol.value is not None:
                key: object = symbol.value.value
                return key
    return None


def _bad_key(node: tree.Expression, diagnostics: Diagnostics) -> None:
    diagnostics.error(
        "P0404", "an instance is picked by a literal or a const", node.span, label="known only in the run"
    )


def _no_instance(symbol: TaskSymbol, keys: tuple[object, ...], span: Span, diagnostics: Diagnostics) -> None:
    known = [", ".join(spell_key(part) for part in key) for key in symbol.instances]
    wanted = ", ".join(spell_key(part) for part in keys)
    similar = nearest(wanted, known)
    diagnostics.error(
        "P0404",
        f"`{symbol.name}` has no instance [{wanted}]",
        span,
        labels=(Label(symbol.span, "unrolled here"),),
        notes=(f"instances: {', '.join(f'[{key}]' for key in known[:8])}{', …' if len(known) > 8 else ''}",),
        help=f"there is `{symbol.name}[{similar}]`" if similar else None,
    )


def spell_key(key: object) -> str:
    """A loop key as the language writes it."""
    match key:
        case str():
            return quote(key)
        case True:
            return "true"
        case False:
            return "false"
        case _:
            return str(key)
