"""Names that have a meaning in a scope, and what may stand behind the dot of one of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lsprotocol import types as lsp

from pipec.diagnostics.model import Diagnostics
from pipec.frozen import Frozen
from pipec.ir.types import RecordType, Type
from pipec.semantics.expressions import Checker
from pipec.semantics.headers import read_header
from pipec.semantics.run_fields import RUN_FIELDS, is_run
from pipec.semantics.symbols import (
    ComponentSymbol,
    ConstantSymbol,
    GroupSymbol,
    ImportSymbol,
    ItemSymbol,
    ParameterSymbol,
    PipelineSymbol,
    Scope,
    Symbol,
    TaskSymbol,
    TypeSymbol,
    kind_of,
)
from pipec.semantics.types import without_null
from pipec.syntax import tree

_KIND = lsp.CompletionItemKind
_KINDS: dict[type[Symbol], lsp.CompletionItemKind] = {
    ConstantSymbol: _KIND.Constant,
    ParameterSymbol: _KIND.Variable,
    ItemSymbol: _KIND.Variable,
    TaskSymbol: _KIND.Function,
    GroupSymbol: _KIND.Module,
    ImportSymbol: _KIND.Module,
    ComponentSymbol: _KIND.Class,
    PipelineSymbol: _KIND.Class,
    TypeSymbol: _KIND.Class,
}
_VALUES = (ConstantSymbol, ParameterSymbol, ItemSymbol, TaskSymbol, ImportSymbol)


class Candidate(Frozen):
    """A word that may be written: `insert` is what is written for it, `call` what its brackets hold, `|` the cursor."""

    label: str
    kind: lsp.CompletionItemKind
    detail: str = ""
    doc: str = ""
    insert: str | None = None
    call: str | None = None


def names_in_scope(scope: Scope | None, *kinds: type[Symbol]) -> Iterator[Candidate]:
    """The names of symbols of these kinds, those of values where none are given, the innermost first."""
    wanted = kinds or _VALUES
    seen: set[str] = set()
    for around in scope.enclosing() if scope is not None else ():
        for name, symbol in around.names.items():
            if name not in seen and isinstance(symbol, wanted):
                yield _candidate(name, symbol)
            seen.add(name)
    if not kinds and "run" not in seen:
        yield Candidate("run", _KIND.Variable, "the run")


def _candidate(name: str, symbol: Symbol) -> Candidate:
    doc = getattr(getattr(symbol, "node", None), "doc", None) or ""
    return Candidate(name, _KINDS.get(type(symbol), _KIND.Variable), detail_of(symbol), doc)


def detail_of(symbol: Symbol) -> str:
    """What a name stands for, in a few words."""
    type = type_of(symbol)
    return f"{kind_of(symbol)}: {type}" if type is not None else kind_of(symbol)


def type_of(symbol: Symbol) -> Type | None:
    """The type of what a name stands for, where it has one."""
    match symbol:
        case ConstantSymbol(value=value):
            return value.type if value is not None else None
        case ParameterSymbol(type=type) | ItemSymbol(type=type) | TypeSymbol(type=type):
            return type
        case _:
            return None


def members(base: Any, scope: Scope | None, *, is_use: bool) -> Iterator[Candidate]:
    """What may stand behind `base.`; with `is_use` that is a component or pipeline of an imported file."""
    if scope is None or not isinstance(base, tree.Expression):
        return
    if is_run(base, scope):
        if isinstance(base, tree.NameReference):
            yield from (Candidate(name, _KIND.Field, str(type)) for name, type in RUN_FIELDS.items())
        return
    root = base
    while isinstance(root, tree.Index | tree.Splat):
        root = root.base
    symbol = scope.find(root.name) if isinstance(root, tree.NameReference) else None
    if isinstance(symbol, TaskSymbol):
        yield from outputs(symbol)
    elif isinstance(symbol, ImportSymbol):
        kinds = (ComponentSymbol, PipelineSymbol) if is_use else (ConstantSymbol,)
        yield from _imported(symbol, *kinds)
    else:
        typed = Checker(Diagnostics(), scope).check(base)
        record = without_null(typed.type) if typed is not None else None
        if isinstance(record, RecordType):
            yield from (Candidate(field.name, _KIND.Field, str(field.type)) for field in record.fields)


def measures(base: Any, scope: Scope | None, statement: str | None) -> Iterator[Candidate]:
    """What a test gives or expects of a task or of the run, beside outputs and facts."""
    if scope is None or statement not in ("given", "expect") or not isinstance(base, tree.Expression):
        return
    if is_run(base, scope):
        if statement == "expect":
            yield Candidate("makespan", _KIND.Field, "duration")
            yield Candidate("returns", _KIND.Field, "what the pipeline returned")
        return
    root = base
    while isinstance(root, tree.Index | tree.Splat):
        root = root.base
    if isinstance(root, tree.NameReference) and isinstance(scope.find(root.name), TaskSymbol):
        yield Candidate("attempts", _KIND.Field, "int")
        if statement == "given":
            yield Candidate("estimate", _KIND.Field, "duration")


def outputs(symbol: TaskSymbol) -> Iterator[Candidate]:
    """The named outputs of a task."""
    header = read_header(symbol.node, symbol.scope, Diagnostics())
    if not header.single_output:
        for name, type in header.outputs.items():
            yield Candidate(name, _KIND.Field, str(type) if type is not None else "")


def type_members(alias: str, scope: Scope | None) -> Iterator[Candidate]:
    """The types of an imported file."""
    symbol = scope.find_kind(alias, ImportSymbol) if scope is not None else None
    if isinstance(symbol, ImportSymbol):
        yield from _imported(symbol, TypeSymbol)


def _imported(symbol: ImportSymbol, *kinds: type[Symbol]) -> Iterator[Candidate]:
    if symbol.module is not None:
        for name, found in symbol.module.scope.names.items():
            if isinstance(found, kinds):
                yield _candidate(name, found)
