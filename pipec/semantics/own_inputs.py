"""Inputs of a task named in its own implementation, where they are variables of the program and no names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pipec.diagnostics.model import Edit, Fix
from pipec.semantics.excerpts import excerpt
from pipec.semantics.symbols import ValueSymbol
from pipec.syntax import tree
from pipec.syntax.source import Span

if TYPE_CHECKING:
    from pipec.semantics.expressions import Checker


def report_own_input(checker: Checker, node: tree.NameReference) -> None:
    """Reports an input that is read like a value in `command` or `args`."""
    name = node.name
    value = next(one.value for one in checker.inputs if one.name.text == name)
    if value is None:  # `name` for `name = name`: that it stands for nothing is told where it is an input
        return
    written, is_path = excerpt(value.span), _is_path(value)
    text, span = node.span.source.text, node.span
    is_whole = text.endswith("${", 0, span.start) and text[span.end : span.end + 1] == "}"
    shown = f"${{{written}}}" if is_whole and is_path else written
    checker.diagnostics.error(
        "P0101",
        f"`{name}` is an input of this task, and no name in its implementation",
        span,
        help=f"the program gets it as the variable `${name}`; here write {'' if is_path else 'its value, '}`{shown}`",
        fix=Fix(f"replace by `{written}`", (Edit(span, written),)) if is_path else None,
    )


def _is_path(value: tree.Expression) -> bool:
    """Whether a value is a name, or an output or key of one."""
    match value:
        case tree.NameReference():
            return True
        case tree.Attribute(base=base):
            return _is_path(base) and "\n" not in value.span.text and "#" not in value.span.text
        case _:
            return False


def never_interpolated(text: tree.Text, constructor: str, checker: Checker) -> tuple[str, Fix | None]:
    """Help and fix for a text of `shell` or `sql` with an interpolation in it."""
    part = next(part for part in text.parts if not isinstance(part, str))
    written = part.span.text
    variable = written.rsplit(".", 1)[-1] if re.fullmatch(r"[a-z_][a-z0-9_.]*", written) else "value"
    mark = f"${variable}" if constructor == "shell" else f":{variable}"
    if _is_input(part, checker):
        quoted = f'"{mark}"' if constructor == "shell" else mark
        help = f"`{written}` is an input of this task: write {quoted} in a text of single quotes"
        return help, _quoted_variables(text, checker) if constructor == "shell" else None
    if re.fullmatch(r"[A-Za-z_]\w*", written) and checker.scope.find(written) is None:
        return f"nothing is called `{written}` here; a text in single quotes leaves `$` to the shell", None
    binding = variable if variable == written else f"{variable} = {written}"
    return f"make it an input, `({binding})`, and write {mark} in a text of single quotes", None


def _is_input(part: str | tree.Expression, checker: Checker) -> bool:
    """Whether an interpolation is an input of the task, or a parameter of the component, which is one too."""
    if not isinstance(part, tree.NameReference):
        return False
    is_own = any(one.name.text == part.name for one in checker.inputs)
    return is_own or isinstance(checker.scope.find(part.name), ValueSymbol)


def _quoted_variables(text: tree.Text, checker: Checker) -> Fix | None:
    """The fix that makes single quotes of the quotes and `"$x"` of each `${x}`.

    None where something else is interpolated, and where a quote, an escape or a here-document gives `"` another
    meaning.
    """
    source, span = text.span.source, text.span
    quotes = '"""' if span.text.startswith('"""') else '"'
    inside = span.text[len(quotes) : -len(quotes)]
    if any(sign in inside for sign in ("'", "\\", "$${", "<<", "`", "((")):
        return None
    edits = [Edit(Span(source, span.start, span.start + len(quotes)), "'" * len(quotes))]
    for part in text.parts:
        if isinstance(part, str):
            continue
        start, end = part.span.start - 2, part.span.end + 1
        if not _is_input(part, checker) or source.text[start:end] != f"${{{part.span.text}}}":
            return None
        if source.text[start - 1] == '"' == source.text[end] and quotes not in source.text[start - 3 : end + 3]:
            start, end = start - 1, end + 1
        elif '"' in inside:
            return None
        edits.append(Edit(Span(source, start, end), f'"${part.span.text}"'))
    edits.append(Edit(Span(source, span.end - len(quotes), span.end), "'" * len(quotes)))
    return Fix("make it a variable of the shell", tuple(edits))
