"""Lists and maps written out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipec.ir.expressions import DictEntry, DictExpression, ListExpression
from pipec.ir.types import JSON, ListType, RecordField, RecordType, Type
from pipec.semantics.typed import Phase, Typed
from pipec.semantics.types import common
from pipec.syntax import tree

if TYPE_CHECKING:
    from pipec.semantics.expressions import Checker


def read_list(checker: Checker, node: tree.ListDisplay) -> Typed | None:
    """`[a, b]`: a list of the narrowest type all items fit into, of json where there is none."""
    items = [checker.check(item) for item in node.items]
    sound = [item for item in items if item is not None]
    if len(sound) < len(items):
        return None
    element: Type | None = sound[0].type if sound else JSON
    for item in sound[1:]:
        element = common(element, item.type) if element is not None else None
    type = ListType(element=element if element is not None else JSON)
    phase = max((item.phase for item in sound), default=Phase.COMPILE)
    return checker.fold(Typed(ListExpression(items=tuple(i.expression for i in sound)), type, phase, node.span))


def read_map(checker: Checker, node: tree.MapDisplay) -> Typed | None:
    """`{ a: 1, b: 2 }`: a record."""
    entries: dict[str, Typed] = {}
    sound = True
    for entry in node.entries:
        if entry.key.text in entries:
            checker.diagnostics.error("P0102", f"key `{entry.key.text}` stands twice", entry.key.span)
            sound = False
        typed = checker.check(entry.value)
        if typed is None:
            sound = False
        else:
            entries[entry.key.text] = typed
    if not sound:
        return None
    type = RecordType(fields=tuple(RecordField(name=key, type=typed.type) for key, typed in entries.items()))
    expression = DictExpression(
        entries=tuple(DictEntry(key=key, value=typed.expression) for key, typed in entries.items())
    )
    phase = max((typed.phase for typed in entries.values()), default=Phase.COMPILE)
    return checker.fold(Typed(expression, type, phase, node.span))
