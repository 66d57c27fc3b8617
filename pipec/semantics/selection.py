"""Picking tasks by name: `train`, `train["rf"]`, `train[*]`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal

from pipec.diagnostics.model import Diagnostics, Edit, Fix, Label
from pipec.diagnostics.suggest import nearest
from pipec.frozen import Frozen
from pipec.ir.expressions import LiteralValue
from pipec.semantics.excerpts import excerpt
from pipec.semantics.keys import spell_key
from pipec.semantics.symbols import Scope, TaskSymbol
from pipec.syntax import tree
from pipec.syntax.source import Span

if TYPE_CHECKING:
    from pipec.semantics.placement import Placed


class Selection(Frozen):
    """Instances of a task: none where the task is left out when compiling.

    `every` is true after `[*]`: the value is a list.
    """

    symbol: TaskSymbol
    placed: tuple[Placed, ...]
    every: bool


class _Partial(Frozen):
    symbol: TaskSymbol
    keys: tuple[str, ...]
    every: bool


def select(node: tree.Expression, scope: Scope, diagnostics: Diagnostics) -> Selection | Literal["faulty"] | None:
    """The tasks a path names; None where it does not start at a task or goes on to an output."""
    partial = _partial(node, scope, diagnostics)
    if not isinstance(partial, _Partial):
        return partial
    return _finish(partial, node.span, diagnostics)


def select_reference(node: tree.Reference, scope: Scope, symbol: TaskSymbol, diagnostics: Diagnostics) -> list[Placed]:
    """The tasks a reference of `after` or `order` names: without keys every instance."""
    keys = _keys(node.keys, scope, diagnostics) if node.keys else ()
    if keys is None or symbol.faulty:
        return []
    found = symbol.pick(keys)
    if keys and not found:
        _no_instance(symbol, keys, node.span, diagnostics)
    return found


def _partial(node: tree.Expression, scope: Scope, diagnostics: Diagnostics) -> _Partial | Literal["faulty"] | None:
    match node:
        case tree.NameReference(name=name):
            symbol = scope.find(name)
            return _Partial(symbol, (), False) if isinstance(symbol, TaskSymbol) else None
        case tree.Index(base=base, index=index):
            partial = _partial(base, scope, diagnostics)
            if not isinstance(partial, _Partial):
                return partial
            if partial.every or len(partial.keys) >= partial.symbol.depth:
                return None
            keys = _keys(index.items if isinstance(index, tree.ListDisplay) else (index,), scope, diagnostics)
            return _Partial(partial.symbol, (*partial.keys, *keys), False) if keys is not None else "faulty"
        case tree.Splat(base=base):
            partial = _partial(base, scope, diagnostics)
            if not isinstance(partial, _Partial):
                return partial
            return _Partial(partial.symbol, partial.keys, True)
        case _:
            return None


def _finish(partial: _Partial, span: Span, diagnostics: Diagnostics) -> Selection | Literal["faulty"]:
    symbol = partial.symbol
    if symbol.faulty:
        return "faulty"
    found = symbol.pick(partial.keys)
    if partial.keys and not found:
        _no_instance(symbol, partial.keys, span, diagnostics)
        return "faulty"
    loops = symbol.depth - len(partial.keys)
    if partial.every and loops == 0 and not symbol.is_mapped:
        diagnostics.error(
            "P0404",
            f"`[*]` needs a task of a `for` or `map`, `{symbol.name}` is a single one",
            span,
            labels=(Label(symbol.span, "declared here"),),
            help="drop `[*]`",
            fix=_without_star(span),
        )
        return "faulty"
    if loops > 0 and (not partial.every or symbol.is_mapped):
        first = next(iter(symbol.instances), ())
        shown = f"[{', '.join(first[len(partial.keys) :])}]" if first else "[…]"
        diagnostics.error(
            "P0404",
            f"`{symbol.name}` has {len(found)} instances",
            span,
            label="which one?",
            labels=(Label(symbol.span, "unrolled here"),),
            help=_how_to_pick(symbol, excerpt(span).removesuffix("[*]"), shown),
        )
        return "faulty"
    return Selection(symbol, tuple(found), partial.every)


def _how_to_pick(symbol: TaskSymbol, written: str, key: str) -> str:
    if symbol.is_mapped:
        return f"pick one and read all its items as a list, `{written}{key}[*]`"
    return f"pick one, `{written}{key}`, or all as a list, `{written}[*]`"


def _keys(nodes: Iterable[tree.Expression], scope: Scope, diagnostics: Diagnostics) -> tuple[str, ...] | None:
    """Loop keys as they are spelled, of constant expressions; None where one is none."""
    from pipec.semantics.expressions import Checker  # which needs this module to check paths

    keys: list[str] = []
    for node in nodes:
        typed = Checker(Diagnostics(), scope).check(node)
        if typed is None or not isinstance(typed.expression, LiteralValue):
            diagnostics.error("P0404", "an instance is picked by a constant", node.span, label="not a constant")
            return None
        keys.append(spell_key(typed.expression))
    return tuple(keys)


def _no_instance(symbol: TaskSymbol, keys: tuple[str, ...], span: Span, diagnostics: Diagnostics) -> None:
    known = [", ".join(key) for key in symbol.instances]
    wanted = ", ".join(keys)
    similar = nearest(wanted, known)
    shown = f"{', '.join(f'[{key}]' for key in known[:8])}{', …' if len(known) > 8 else ''}" or "none"
    diagnostics.error(
        "P0404",
        f"`{symbol.name}` has no instance [{wanted}]",
        span,
        labels=(Label(symbol.span, "unrolled here"),),
        notes=(f"instances: {shown}",),
        help=f"there is `{symbol.name}[{similar}]`" if similar else None,
    )


def _without_star(span: Span) -> Fix | None:
    before, star, after = span.text.partition("[*]")
    if not star or "[*]" in after:
        return None
    start = span.start + len(before)
    return Fix("remove `[*]`", (Edit(Span(span.source, start, start + len(star)), ""),))
