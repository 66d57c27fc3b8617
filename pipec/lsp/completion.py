"""What may be written at the cursor: keywords that the parser accepts there, and names that mean something there."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

from lsprotocol import types as lsp

from pipec.lsp.cursor import Cursor, InText, cursor_at
from pipec.lsp.documents import Document
from pipec.lsp.members import Candidate, measures, members, names_in_scope, type_members
from pipec.lsp.names import used_by
from pipec.lsp.navigation import pipe_files
from pipec.lsp.situations import Situation, already_set, keys, situation
from pipec.lsp.targets import backends, option_kind, target_options
from pipec.semantics.channels import CHANNELS
from pipec.semantics.constructors import FORMS
from pipec.semantics.operators import FUNCTIONS
from pipec.semantics.settings import settings_of
from pipec.semantics.statements import EVENTS, SCHEDULES
from pipec.semantics.symbols import (
    ComponentSymbol,
    GroupSymbol,
    ImportSymbol,
    PipelineSymbol,
    Scope,
    TaskSymbol,
    TypeSymbol,
)
from pipec.semantics.testcases import OUTCOMES, STATES
from pipec.semantics.types import WRITABLE_SCALARS
from pipec.semantics.waits import CONDITIONS
from pipec.syntax import tree
from pipec.syntax.tables import tables
from pipec.syntax.tokens import Token

_SCOPED = frozenset({"pipeline", "component", "for", "map", "test"})
_FUNCTION = lsp.CompletionItemKind.Function
_PROPERTY = lsp.CompletionItemKind.Property
_VALUE = lsp.CompletionItemKind.EnumMember


def complete(document: Document, offset: int, *, snippets: bool = False) -> list[lsp.CompletionItem]:
    """The completions at an offset, the likeliest first. `snippets` says whether the client takes them."""
    cursor = cursor_at(document.source, offset)
    if isinstance(cursor, InText):
        return _paths(document, offset, cursor)
    if cursor is None:
        return []
    found = situation(cursor)
    candidates = [*_names(document, cursor, found, offset), *_keywords(cursor, found)]
    unique = {candidate.label: candidate for candidate in reversed(candidates)}
    chosen = [candidate for candidate in candidates if unique[candidate.label] is candidate]
    place = document.positions.range(cursor.start, offset)
    return [_item(candidate, number, place, snippets) for number, candidate in enumerate(chosen)]


def _item(candidate: Candidate, number: int, place: lsp.Range, snippets: bool) -> lsp.CompletionItem:
    text, snippet = candidate.insert or candidate.label, False
    if candidate.call is not None:
        snippet = snippets
        text = f"{candidate.label}({candidate.call.replace('|', '$0')})" if snippets else candidate.label
    doc = lsp.MarkupContent(lsp.MarkupKind.Markdown, candidate.doc) if candidate.doc else None
    return lsp.CompletionItem(
        label=candidate.label,
        kind=candidate.kind,
        detail=candidate.detail or None,
        documentation=doc,
        sort_text=f"{number:04}",
        text_edit=lsp.TextEdit(place, text),
        insert_text_format=lsp.InsertTextFormat.Snippet if snippet else lsp.InsertTextFormat.PlainText,
    )


def _keywords(cursor: Cursor, found: Situation) -> Iterator[Candidate]:
    if found.role in ("member", "type member") or (found.role == "expression" and _words(found)):
        return
    for word in sorted(cursor.accepted & tables().keywords):
        yield Candidate(word, lsp.CompletionItemKind.Keyword)


def _names(document: Document, cursor: Cursor, found: Situation, offset: int) -> Iterable[Candidate]:
    scope = _scope(document, cursor)
    match found.role:
        case "member":
            is_use = found.statement in ("task", "wait", "component") and "FLOAT" not in cursor.accepted
            base = cursor.values[-2]
            return [
                *members(base, scope, is_use=is_use and not _in_brackets(cursor)),
                *measures(base, scope, found.statement),
            ]
        case "type member":
            return type_members(cursor.values[-2].text, scope)
        case "statement":
            return _options(cursor, found)
        case "key":
            return _keys(cursor, found)
        case "expression" if words := _words(found):
            return words
        case "expression":
            return [*_values(cursor, found), *_own_outputs(cursor, found), *names_in_scope(scope), *_functions()]
        case "implementation":
            return _implementations(found, scope)
        case "type":
            scalars = [Candidate(name, lsp.CompletionItemKind.Class) for name in (*WRITABLE_SCALARS, "list", "dict")]
            return [*names_in_scope(scope, TypeSymbol, ImportSymbol), *scalars]
        case "reference":
            return names_in_scope(scope, TaskSymbol, GroupSymbol)
        case "input":
            return [*_inputs(document, cursor), *names_in_scope(scope)]
        case "event":
            return [Candidate(name, _VALUE) for name in EVENTS]
        case "target":
            return [Candidate(one.name, lsp.CompletionItemKind.Module, one.title) for one in backends()]
        case "state":
            return [Candidate(name, _VALUE) for name in (OUTCOMES if found.statement == "given" else STATES)]
        case "pipeline":
            return names_in_scope(scope, PipelineSymbol)
        case _:
            return []


def _in_brackets(cursor: Cursor) -> bool:
    """Whether the innermost open bracket is a `(` or `[`: there stand values, and not what a task is made of."""
    opener = cursor.opener()
    return opener is not None and cursor.kind(opener) in ("(", "[")


def _scope(document: Document, cursor: Cursor) -> Scope | None:
    """The scope at the cursor: of the innermost open thing that has one, or of what the tree has around the cursor.

    What is open may end before the cursor in the tree, where nothing closes it.
    """
    blocks = {block.span.start: block for block in document.index.blocks if block.owner is not None}
    for value in reversed(cursor.values):
        if isinstance(value, Token) and value.kind in _SCOPED and value.start in blocks:
            return blocks[value.start].scope
    block = document.index.block_at(cursor.start)
    return block.scope if block is not None else None


# --- options -------------------------------------------------------------------------------------


def _options(cursor: Cursor, found: Situation) -> Iterator[Candidate]:
    there = already_set(cursor)
    if found.place == "target":
        opener = cursor.opener()
        target = cursor.values[opener - 1].text if opener else ""
        in_task = any(cursor.kind(position) == "task" for position in range(len(cursor.values)))
        for name, option in target_options(target, in_task=in_task).items():
            if name not in there:
                yield Candidate(name, _PROPERTY, " or ".join(option_kind(option)), option.doc, insert=f"{name} = ")
        return
    for name, setting in settings_of(found.place or "").items():
        if name not in there:
            yield Candidate(name, _PROPERTY, setting.type, setting.doc, insert=f"{name} = ")


def _keys(cursor: Cursor, found: Situation) -> Iterator[Candidate]:
    there = already_set(cursor)
    for name, detail in keys(found.path).items():
        if name not in there:
            yield Candidate(name, _PROPERTY, detail, insert=f"{name}: ")


def _words(found: Situation) -> list[Candidate]:
    """The words that alone are values of the option."""
    setting = settings_of("task" if found.path else found.place or "").get(found.option or "")
    return [Candidate(name, _VALUE, setting.name) for name in setting.names] if setting is not None else []


def _values(cursor: Cursor, found: Situation) -> Iterator[Candidate]:
    """Values that an option is likely to have, or that only it may have."""
    if found.statement == "on":
        for name, channel in CHANNELS.items():
            yield Candidate(name, _FUNCTION, channel.form, call='"|"')
    if found.option is None:
        return
    if found.place == "target":
        opener = cursor.opener()
        target = cursor.values[opener - 1].text if opener else ""
        in_task = any(cursor.kind(position) == "task" for position in range(len(cursor.values)))
        known = target_options(target, in_task=in_task).get(found.option)
        for choice in known.choices if known is not None else ():
            yield Candidate(f'"{choice}"', _VALUE)
        return
    if found.option == "schedule":
        for name, form in SCHEDULES.items():
            yield Candidate(name, _FUNCTION, form, call="|" if name == "every" else '"|"')
    if found.path and found.path[-1] in ("env", "secrets"):
        yield Candidate("secret", _FUNCTION, 'secret("name")', call='"|"')


# --- names of the graph --------------------------------------------------------------------------


def _functions() -> Iterator[Candidate]:
    for name, form in FUNCTIONS.items():
        yield Candidate(name, _FUNCTION, form, call="|")


def _implementations(found: Situation, scope: Scope | None) -> Iterator[Candidate]:
    if found.statement == "wait":
        for name, condition in CONDITIONS.items():
            yield Candidate(name, _FUNCTION, condition.form, call="|" if name == "until" else '"|"')
        return
    for name, form in FORMS.items():
        inside = {"shell": "'|'", "command": '["|"]'}.get(name, '"|"')
        yield Candidate(name, _FUNCTION, form, call=inside)
    if found.statement == "task":
        yield from names_in_scope(scope, ComponentSymbol, PipelineSymbol, ImportSymbol)


def _inputs(document: Document, cursor: Cursor) -> Iterator[Candidate]:
    """The inputs that the component or pipeline of the task takes, those that are not given yet."""
    opener = cursor.opener()
    name = cursor.values[opener - 1] if opener else None
    occurrence = document.index.at(name.start) if name is not None else None
    node = occurrence.definition.node if occurrence is not None else None
    scope = _scope(document, cursor)
    use = used_by(node, scope) if isinstance(node, tree.Task) and scope is not None else None
    there = already_set(cursor)
    for parameter in use.node.parameters if use is not None else ():
        if parameter.name.text not in there:
            detail = parameter.type.span.text
            yield Candidate(
                parameter.name.text, _PROPERTY, detail, parameter.doc or "", insert=f"{parameter.name.text} = "
            )


def _own_outputs(cursor: Cursor, found: Situation) -> Iterator[Candidate]:
    """The outputs of the task whose requirement is being written."""
    if found.statement != "require" or found.place != "task":
        return
    for value in reversed(cursor.values):
        if isinstance(value, tree.Results):
            for output in value.fields:
                yield Candidate(output.name.text, lsp.CompletionItemKind.Field, output.type.span.text)
            return


# --- texts ---------------------------------------------------------------------------------------


def _paths(document: Document, offset: int, text: InText) -> list[lsp.CompletionItem]:
    """The files of the folder and below, in the path of an import."""
    before = document.text[: text.start].rstrip()
    if not before.endswith("import"):
        return []
    folder = document.path.parent
    place = document.positions.range(offset - len(text.written), offset)
    paths = sorted(os.path.relpath(path, folder).replace(os.sep, "/") for path in pipe_files(folder))
    return [
        lsp.CompletionItem(path, kind=lsp.CompletionItemKind.File, text_edit=lsp.TextEdit(place, path))
        for path in paths
        if path != document.path.name
    ]
