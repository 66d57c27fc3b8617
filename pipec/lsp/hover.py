"""What there is to say of the word under the cursor: its declaration, documentation and value, and what targets do."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from lsprotocol import types as lsp

from pipec.analysis.feature_names import FEATURES
from pipec.analysis.intervals import NoIntervalsError, next_runs
from pipec.analysis.plan_text import next_runs_text
from pipec.diagnostics.model import Diagnostics
from pipec.ir.expressions import LiteralValue
from pipec.lsp.documents import Document
from pipec.lsp.index import Definition
from pipec.lsp.indexing import BARE_NAMES
from pipec.lsp.interpolations import tokens_around
from pipec.lsp.members import type_of
from pipec.lsp.targets import features_of, target_notes
from pipec.lsp.trigger_rules import meaning
from pipec.semantics.channels import CHANNELS
from pipec.semantics.constructors import FORMS
from pipec.semantics.excerpts import excerpt
from pipec.semantics.headers import read_header
from pipec.semantics.loops import loop_values
from pipec.semantics.operators import FUNCTIONS
from pipec.semantics.run_fields import RUN_FIELDS
from pipec.semantics.settings import Setting, settings
from pipec.semantics.statements import SCHEDULES
from pipec.semantics.symbols import ConstantSymbol, Scope
from pipec.semantics.waits import CONDITIONS
from pipec.syntax import tree
from pipec.syntax.lexer import tokenize
from pipec.syntax.source import Source
from pipec.syntax.tables import tables
from pipec.syntax.tokens import Token

_LONGEST_VALUE = 500
"""Characters of a value that are shown."""


def hover(document: Document, offset: int) -> lsp.Hover | None:
    """What the word at an offset is; None where there is nothing to say."""
    occurrence = document.index.at(offset)
    if occurrence is not None:
        return _hover(document, occurrence.span.start, occurrence.span.end, _of_definition(occurrence.definition))
    word = _word(document.source, offset)
    if word is None:
        return None
    before, token, after = word
    parts = [*_of_word(before, token, after), *_next_runs(document, token)]
    return _hover(document, token.start, token.end, parts)


def _hover(document: Document, start: int, end: int, parts: Iterable[str]) -> lsp.Hover | None:
    text = "\n\n".join(part for part in parts if part)
    if not text:
        return None
    return lsp.Hover(lsp.MarkupContent(lsp.MarkupKind.Markdown, text), document.positions.range(start, end))


def _code(text: str) -> str:
    return f"```pipe\n{text}\n```"


# --- names of the file ---------------------------------------------------------------------------


def _of_definition(definition: Definition) -> Iterator[str]:
    yield _code(_header(definition))
    yield definition.doc or ""
    symbol, node = definition.symbol, definition.node
    if isinstance(symbol, ConstantSymbol) and symbol.value is not None:
        yield f"value: `{_shown(symbol.value)}`"
    elif isinstance(node, tree.LoopVariable) and definition.kind == "variable" and definition.scope is not None:
        values = loop_values(node, definition.scope.parent or definition.scope, Diagnostics())
        yield "one of: " + ", ".join(f"`{_shown(value)}`" for value in values) if values else ""
    elif isinstance(node, tree.Task):
        yield from _of_task(node, definition.scope)
    elif isinstance(node, tree.Import):
        yield f"the file `{node.path.plain}`" if node.path.plain else ""
    yield _notes(_feature_of(node))


def _header(definition: Definition) -> str:
    """The declaration on one line, without its body; a name with its type where that is not written."""
    node = definition.node
    match node:
        case tree.Pipeline() | tree.Component() | tree.Task() | tree.Wait() | tree.Gate() | tree.Approval():
            return _up_to_body(node)
        case tree.If(condition=condition):
            return f"if {excerpt(condition.span)} as {definition.name}"
        case tree.Group():
            return f"group {definition.name}"
        case tree.LoopVariable():
            return f"{'map' if definition.kind == 'item' else 'for'} {excerpt(node.span)}{_typed(definition)}"
        case tree.Const(type=None):
            return f"const {definition.name}{_typed(definition)}"
        case _:
            return excerpt(node.span) or definition.name


def _typed(definition: Definition) -> str:
    type = type_of(definition.symbol) if definition.symbol is not None else None
    return f": {type}" if type is not None else ""


def _up_to_body(node: tree.Pipeline | tree.Component | tree.Task | tree.Wait | tree.Gate | tree.Approval) -> str:
    """What stands before the `{` of a body."""
    parts = [*node.body]
    text = node.span.source.text
    end = node.span.end
    if parts:
        end = text.rfind("{", node.span.start, parts[0].span.start)
    written = " ".join(text[node.span.start : max(end, node.name.span.end)].split())
    return written.removesuffix("}").rstrip().removesuffix("{").rstrip() if written.endswith("{ }") else written


def _of_task(node: tree.Task, scope: Scope | None) -> Iterator[str]:
    """The outputs that a task has of its component or pipeline, which are not written where it stands."""
    if scope is None or node.results is not None or node.implementation is None:
        return
    header = read_header(node, scope, Diagnostics())
    if header.use is not None:
        yield header.use.node.doc or "" if node.doc is None else ""
    if header.outputs and not header.single_output:
        shown = ", ".join(f"{name}: {type}" for name, type in header.outputs.items())
        yield _code(f"-> {{ {shown} }}")


def _feature_of(node: tree.Node) -> list[str]:
    """What targets are asked for by a declaration."""
    match node:
        case tree.Task(implementation=tree.Call(function=tree.NameReference(name=name))):
            return [name] if name in FEATURES else []
        case tree.Wait(implementation=tree.Call(function=tree.NameReference(name=name))):
            return [f"wait.{name}"] if f"wait.{name}" in FEATURES else []
        case tree.Gate():
            return ["gate"]
        case tree.Approval():
            return ["approval"]
        case tree.If():
            return ["decision"]
        case tree.Group():
            return ["group"]
        case _:
            return []


def _shown(value: LiteralValue) -> str:
    """A value as JSON, cut where it is long."""
    text = json.dumps(value.value, ensure_ascii=False, default=str)
    return text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 1] + "…"


# --- words of the language -----------------------------------------------------------------------


def _word(source: Source, offset: int) -> tuple[Token | None, Token, Token] | None:
    """The word at an offset with the tokens before and behind it, also in the `${…}` of a string."""
    tokens = tokens_around(source, offset, tokenize(source, Diagnostics()).items)
    for number, token in enumerate(tokens[:-1]):
        if token.start <= offset <= token.end and (token.text[:1].isalpha()):
            return (tokens[number - 1] if number else None), token, tokens[number + 1]
    return None


def _of_word(before: Token | None, token: Token, after: Token) -> Iterator[str]:
    name = token.text
    found = [setting for setting in settings() if setting.name == name]
    if after.kind in ("=", ":") and found:
        for setting in found:
            yield _option(setting)
        yield _notes(features_of(name))
    elif before is not None and before.kind == ".":
        yield from _run_field(name)
    elif after.kind == "(":
        yield from _call(name)
    elif before is not None and before.kind == "=" and any(name in setting.names for setting in settings()):
        yield from _bare_name(name)
    elif token.kind in tables().keywords:
        yield _code(name)
        yield _notes(features_of(name))


def _option(setting: Setting) -> str:
    kind = f"one of {', '.join(f'`{name}`' for name in setting.names)}" if setting.names else f"`{setting.type}`"
    where = ", ".join(setting.where)
    return f"**{setting.name}** ({kind}; {where})\n\n{setting.doc}"


def _run_field(name: str) -> Iterator[str]:
    for field, type in RUN_FIELDS.items():
        if field == name:
            yield _code(f"run.{name}: {type}")
            yield _notes([f"run.{name}"])


def _call(name: str) -> Iterator[str]:
    forms = [FORMS.get(name), CONDITIONS[name].form if name in CONDITIONS else None, SCHEDULES.get(name)]
    forms += [CHANNELS[name].form if name in CHANNELS else None, FUNCTIONS.get(name)]
    written = list(dict.fromkeys(form for form in forms if form))
    if written:
        yield _code("\n".join(written))
        if name not in FUNCTIONS:
            features = [one for one in (name, f"wait.{name}", f"schedule.{name}") if one in FEATURES]
            yield _notes(features)


def _bare_name(name: str) -> Iterator[str]:
    for option in sorted(BARE_NAMES):
        for setting in settings():
            if setting.name == option and name in setting.names:
                yield f"**{name}**: a value of `{option}` ({', '.join(setting.where)})"
    if f"trigger_rule.{name}" in FEATURES:
        yield meaning(name)
        yield _notes([f"trigger_rule.{name}"])


def _next_runs(document: Document, token: Token) -> Iterator[str]:
    """The next times of a schedule, at the option and at what it is made of."""
    pipeline, program = document.index.pipeline_at(token.start), document.loaded.program
    if token.text != "schedule" and token.text not in SCHEDULES:
        return
    if program is None or pipeline is None or pipeline.name.text not in program.own:
        return
    try:
        moments = next_runs(program.pipelines[pipeline.name.text], datetime.now(UTC))
    except NoIntervalsError:
        return
    yield f"```\n{next_runs_text(moments)}```"


def _notes(features: list[str]) -> str:
    lines = target_notes([feature for feature in features if feature in FEATURES])
    return "\n".join(lines)
