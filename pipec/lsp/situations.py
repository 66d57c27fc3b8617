"""What the word under the cursor would be, read off the stack of the parse: an option, a value, a task to wait for."""

from __future__ import annotations

from typing import Any, Literal

from pipec.frozen import Frozen
from pipec.lsp.cursor import Cursor
from pipec.semantics.options import ESTIMATE, LIMITS, RESOURCES, RETRY
from pipec.semantics.settings import settings_of
from pipec.syntax import tree
from pipec.syntax.tables import Part
from pipec.syntax.tokens import Token

Role = Literal[
    "nothing", "statement", "key", "member", "type member", "expression", "implementation", "type", "reference",
    "input", "event", "target", "state", "pipeline",
]  # fmt: skip

_BLOCKS = frozenset({"pipeline", "component", "task", "gate", "approval", "wait", "group", "map", "for", "if",
                     "finally", "target", "test"})  # fmt: skip
_STATEMENTS = _BLOCKS | {"order", "on", "require", "return", "const", "type", "given", "expect", "import"}
_BEFORE_DISPLAY = frozenset({"=", ":", ",", "(", "[", "??", "?", "return", "in", "or", "and", "==", "!=", "+"})
_DECLARING = frozenset({"pipeline", "component", "task", "gate", "approval", "wait", "group", "const", "type", "as",
                        "language", "import", "test", "map"})  # fmt: skip
_FIELDS = {"retry": RETRY, "resources": RESOURCES, "limits": LIMITS, "estimate": ESTIMATE}


class Situation(Frozen):
    """The role of the word at the cursor.

    `place` is the place of options, as in the settings table, of the block around; `statement` the keyword of the
    statement that is being written, None for an option. `option` is the option whose value is being written, and
    `path` are the keys of the maps around the cursor, the option's name first.
    """

    role: Role
    place: str | None = None
    statement: str | None = None
    option: str | None = None
    path: tuple[str, ...] = ()


def situation(cursor: Cursor) -> Situation:
    """What is being written at the cursor."""
    block = _block(cursor)
    place = _place(cursor, block)
    statement = _statement(cursor, block)
    path = _path(cursor)
    role = _role(cursor, block, statement)
    option = _option(cursor, statement) if role == "expression" else None
    return Situation(role, place, statement, option, path)


def _role(cursor: Cursor, block: int | None, statement: str | None) -> Role:
    last = cursor.last
    if last == ".":
        return "type member" if cursor.kind(-2) == "NAME" else "member"
    if "NAME" not in cursor.accepted:
        return "nothing"
    if "FLOAT" in cursor.accepted:
        return "expression"
    if last in _DECLARING:
        return "nothing"
    if last == "for" and cursor.kind(-3) == "test":
        return "pipeline"
    head = _head(cursor) if last == "," else last
    roles: dict[str | None, Role] = {
        "after": "reference", "order": "reference", "on": "event", "target": "target", "is": "state",
    }  # fmt: skip
    if head in roles:
        return roles[head]
    if statement == "order" and last in ("->", "[", ","):
        return "reference"
    opener = cursor.opener()
    if opener is not None and opener != block and last in ("{", ","):
        if cursor.kind(opener) == "{":
            return "nothing" if cursor.kind(opener - 1) == "->" else "key"
        if cursor.kind(opener) == "(" and cursor.kind(opener - 2) == "task":
            return "input"
    if cursor.kind(-1) == "(" and cursor.kind(-3) == "task":
        return "input"
    if cursor.accepts("NAME", "(", ")"):
        return "implementation"
    if cursor.accepts("NAME", "?") and last in (":", "->", "|", "[", ",", "(", "="):
        return "type"
    return "statement" if cursor.accepts("NAME", "=") else "nothing"


def _head(cursor: Cursor) -> str | None:
    """The token that begins the list of names before the cursor."""
    for value in reversed(cursor.values):
        if isinstance(value, Token) and value.kind not in ("NAME", ","):
            return value.kind
    return None


def _block(cursor: Cursor) -> int | None:
    """Where the `{` of the innermost block stands on the stack: of a pipeline, a task and the like, not of a map."""
    position = cursor.opener()
    while position is not None:
        if cursor.kind(position) == "{" and cursor.kind(position - 1) not in _BEFORE_DISPLAY | {"->"}:
            return position
        position = cursor.opener(position)
    return None


def _place(cursor: Cursor, block: int | None) -> str | None:
    """Which options a block takes."""
    if block is None:
        return None
    for position in range(block - 1, -1, -1):
        kind = cursor.kind(position)
        if kind in _BLOCKS:
            is_test = kind == "for" and position > 1 and cursor.kind(position - 2) == "test"
            return "test" if is_test else "task" if kind == "component" else kind
    return None


def _statement(cursor: Cursor, block: int | None) -> str | None:
    """The keyword of the statement that is open inside the innermost block."""
    for value in reversed(cursor.values[(block + 1 if block is not None else 0) :]):
        if isinstance(value, Token) and value.kind in _STATEMENTS:
            return value.kind
    return None


def _path(cursor: Cursor) -> tuple[str, ...]:
    """The names of the option and of the keys in whose maps the cursor stands, the outermost first."""
    path: list[str] = []
    position = cursor.opener()
    while position is not None and cursor.kind(position) == "{" and cursor.kind(position - 1) in ("=", ":"):
        if cursor.kind(position - 2) == "NAME":
            path.insert(0, cursor.values[position - 2].text)
        position = cursor.opener(position)
    return tuple(path)


def _option(cursor: Cursor, statement: str | None) -> str | None:
    """The option, or the key of a map of options, whose value begins at the cursor or goes on in an operator."""
    if statement is not None and not _path(cursor):
        return None
    for position in range(len(cursor.values) - 1, 0, -1):
        kind = cursor.kind(position)
        if kind in ("{", "(", "["):
            return None
        if kind in ("=", ":") and cursor.kind(position - 1) == "NAME":
            name = cursor.values[position - 1].text
            return str(name)
    return None


def keys(path: tuple[str, ...]) -> dict[str, str]:
    """The keys that a map of options takes, each with what it says of it."""
    if not path:
        return {}
    if path[-1] == "defaults":
        return {name: setting.doc for name, setting in settings_of("task").items()}
    return dict(_FIELDS.get(path[-1], {}))


def already_set(cursor: Cursor) -> set[str]:
    """The options or keys that stand before the cursor in the same block or map."""
    opener = cursor.opener()
    names: set[str] = set()
    for position in range(opener or 0, len(cursor.values) - 1):
        if cursor.kind(position) == "NAME" and cursor.kind(position + 1) in ("=", ":"):
            names.add(cursor.values[position].text)  # its value may not be over yet
    for value in cursor.values[opener or 0 :]:
        for part in value.children if isinstance(value, Part) else (value,):
            names |= _named(part)
    return names


def _named(part: Any) -> set[str]:
    match part:
        case tree.Option(name=name) | tree.Binding(name=name) | tree.Entry(key=name):
            return {name.text}
        case _:
            return set()
