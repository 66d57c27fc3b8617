"""What a written type stands for."""

from __future__ import annotations

from pipec.diagnostics.model import Diagnostics
from pipec.diagnostics.suggest import nearest
from pipec.ir.types import STR, DictType, ListType, LiteralUnion, ScalarType, Type, optional
from pipec.semantics.excerpts import excerpt
from pipec.semantics.symbols import ImportSymbol, Scope, TypeSymbol
from pipec.semantics.types import WRITABLE_SCALARS
from pipec.syntax import tree

_SCALARS: dict[str, Type] = {name: ScalarType.model_validate({"name": name}) for name in WRITABLE_SCALARS}


def resolve_type(node: tree.TypeExpression, scope: Scope, diagnostics: Diagnostics) -> Type | None:
    """The type a written type means, None where it is faulty (and reported)."""
    match node:
        case tree.OptionalType(inner=inner):
            resolved = resolve_type(inner, scope, diagnostics)
            return optional(resolved) if resolved is not None else None
        case tree.LiteralType(value=value):
            return LiteralUnion(values=(value,))
        case tree.UnionType(members=members):
            return _union(node, members, scope, diagnostics)
        case tree.NamedType(parts=(name,), arguments=arguments) if name.text in ("list", "dict"):
            return _container(node, name.text, arguments, scope, diagnostics)
        case tree.NamedType(parts=parts, arguments=()):
            return _named(parts, scope, diagnostics)
        case _:
            diagnostics.error("P0208", f"`{excerpt(node.span)}` takes no types in brackets", node.span)
            return None


def _union(
    node: tree.UnionType, members: tuple[tree.TypeExpression, ...], scope: Scope, diagnostics: Diagnostics
) -> Type | None:
    values: list[str] = []
    for member in members:
        resolved = resolve_type(member, scope, diagnostics)
        if resolved is None:
            return None
        if not isinstance(resolved, LiteralUnion):
            diagnostics.error(
                "P0208", "a union may hold literal strings only", member.span, help='write "a" | "b", or use `str`'
            )
            return None
        values.extend(resolved.values)
    return LiteralUnion(values=tuple(dict.fromkeys(values)))


def _container(
    node: tree.NamedType,
    name: str,
    arguments: tuple[tree.TypeExpression, ...],
    scope: Scope,
    diagnostics: Diagnostics,
) -> Type | None:
    resolved = [resolve_type(argument, scope, diagnostics) for argument in arguments]
    match name, resolved:
        case "list", [element]:
            return ListType(element=element) if element is not None else None
        case "dict", [key, value]:
            if key is None or value is None:
                return None
            if key == STR:
                return DictType(value=value)
    form = "list[T]" if name == "list" else "dict[str, T]"
    diagnostics.error("P0208", f"`{excerpt(node.span)}` is not a type", node.span, help=f"write {form}")
    return None


def _named(parts: tuple[tree.Name, ...], scope: Scope, diagnostics: Diagnostics) -> Type | None:
    known = [*_SCALARS, "list", "dict"]
    match parts:
        case (name,):
            if name.text in _SCALARS:
                return _SCALARS[name.text]
            symbol = scope.find_kind(name.text, TypeSymbol)
            if isinstance(symbol, TypeSymbol):
                return symbol.type
            aliases = [
                other for s in scope.enclosing() for other, found in s.names.items() if isinstance(found, TypeSymbol)
            ]
            _unknown(name, [*known, *aliases], diagnostics)
        case (alias, name):
            imported = scope.find_kind(alias.text, ImportSymbol)
            if not isinstance(imported, ImportSymbol):
                diagnostics.error("P0101", f"`{alias.text}` is not an imported file", alias.span)
                return None
            imported.used = True
            if imported.module is None:
                return None
            symbol = imported.module.scope.names.get(name.text)
            if isinstance(symbol, TypeSymbol):
                return symbol.type
            names = [n for n, found in imported.module.scope.names.items() if isinstance(found, TypeSymbol)]
            if symbol is None:
                report_undefined(alias.text, name, names, diagnostics)
            else:
                _unknown(name, names, diagnostics)
        case _:
            diagnostics.error("P0208", "a type has at most one dot", parts[0].span.to(parts[-1].span))
    return None


def report_undefined(alias: str, name: tree.Name, known: list[str], diagnostics: Diagnostics) -> None:
    """Reports a name that an imported file does not define."""
    similar = nearest(name.text, known)
    diagnostics.error(
        "P0105",
        f"`{alias}` does not define `{name.text}`",
        name.span,
        help=f"there is `{similar}`" if similar else None,
        notes=(f"it defines: {', '.join(known)}",) if known and not similar else (),
    )


def _unknown(name: tree.Name, known: list[str], diagnostics: Diagnostics) -> None:
    similar = nearest(name.text, known)
    diagnostics.error(
        "P0208",
        f"type `{name.text}` is not known",
        name.span,
        help=f"there is `{similar}`" if similar else None,
        notes=(f"types: {', '.join(known)}",) if not similar else (),
    )
