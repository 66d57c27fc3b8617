"""What a written type stands for."""

from __future__ import annotations

from pipec.diagnostics.model import Diagnostics
from pipec.diagnostics.suggest import correction, hint
from pipec.ir.types import STR, DictType, ListType, LiteralUnion, ScalarType, Type, optional
from pipec.semantics.excerpts import excerpt
from pipec.semantics.symbols import ImportSymbol, Scope, TypeSymbol
from pipec.semantics.types import WRITABLE_SCALARS
from pipec.syntax import tree
from pipec.syntax.source import Span

_SCALARS: dict[str, Type] = {name: ScalarType(name=name) for name in WRITABLE_SCALARS}


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
        case tree.MissingType():
            return None
        case _:
            _report_brackets(node, diagnostics)
            return None


def _report_brackets(node: tree.TypeExpression, diagnostics: Diagnostics) -> None:
    from pipec.semantics.habits import meant  # here, because a file without faults has no such words

    name = node.parts[-1].text if isinstance(node, tree.NamedType) else ""
    help = meant("type", name) or "only `list[T]` and `dict[str, T]` do"
    diagnostics.error("P0208", f"`{excerpt(node.span)}` takes no types in brackets", node.span, help=help)


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
            _unknown(name, [*known, *scope.names_of(TypeSymbol)], diagnostics)
        case (alias, name):
            imported = imported_scope(alias.text, alias.span, scope, diagnostics)
            if imported is None:
                return None
            symbol = imported.names.get(name.text)
            if isinstance(symbol, TypeSymbol):
                return symbol.type
            names = imported.names_of(TypeSymbol)
            if symbol is None:
                report_undefined(alias.text, name, names, diagnostics)
            else:
                _unknown(name, names, diagnostics)
        case _:
            diagnostics.error("P0208", "a type has at most one dot", parts[0].span.to(parts[-1].span))
    return None


def imported_scope(alias: str, span: Span, scope: Scope, diagnostics: Diagnostics) -> Scope | None:
    """What the imported file of this alias defines; None where there is none, or it could not be read."""
    imported = scope.find_kind(alias, ImportSymbol)
    if not isinstance(imported, ImportSymbol):
        diagnostics.error("P0101", f"`{alias}` is not an imported file", span)
        return None
    imported.used = True
    return imported.module.scope if imported.module is not None else None


def report_undefined(alias: str, name: tree.Name, known: list[str], diagnostics: Diagnostics) -> None:
    """Reports a name that an imported file does not define."""
    _report("P0105", f"`{alias}` does not define `{name.text}`", name, known, "it defines", diagnostics)


def _unknown(name: tree.Name, known: list[str], diagnostics: Diagnostics) -> None:
    _report("P0208", f"type `{name.text}` is not known", name, known, "types", diagnostics)


def _report(code: str, message: str, name: tree.Name, known: list[str], listing: str, diagnostics: Diagnostics) -> None:
    """Reports a name with the one that was meant; where none is near, with all there are, called `listing`."""
    from pipec.semantics.habits import meant, replacement  # here, because a file without faults has no such words

    elsewhere = meant("type", name.text) if listing == "types" else None
    similar = elsewhere or hint(name.text, known)
    notes = (f"{listing}: {', '.join(known)}",) if known and similar is None else ()
    fix = replacement("type", name.text, name.span) if elsewhere else correction(name.span, name.text, known)
    diagnostics.error(code, message, name.span, help=similar, notes=notes, fix=fix)
