"""Secrets, volumes and requests written as in other languages for pods, and how they are written here."""

from __future__ import annotations

from collections.abc import Iterator

from pipec.diagnostics.model import Diagnostics, Edit, Fix
from pipec.semantics.arguments import called_name, split_arguments
from pipec.semantics.excerpts import excerpt
from pipec.semantics.layers import Branch, Raw
from pipec.syntax import tree
from pipec.syntax.source import Span

_NAME, _FOLDER = '"name"', '"/etc/secrets"'


def report_secret_volumes(node: tree.Expression, diagnostics: Diagnostics) -> bool:
    """Whether a volume is written as `secret("name")`; reports each that is."""
    found = list(_secrets(node))
    for call in found:
        positional, named = split_arguments(call)
        name = _text(positional[0]) if len(positional) == 1 else None
        path = _text(named["mount_path"]) if named.keys() == {"mount_path"} else None
        written = f"{{ secret: {name or _NAME}, mount_path: {path or _FOLDER} }}"
        is_whole = name is not None and path is not None
        diagnostics.error(
            "P0210",
            f"a volume is a map, and not `{excerpt(call.span)}`",
            call.span,
            help=f"write `{written}`",
            fix=Fix(f"replace by `{written}`", (Edit(call.span, written),)) if is_whole else None,
        )
    return bool(found)


def named_secrets(node: tree.Expression) -> str | None:
    """Help for secrets that have no names; None where there are none."""
    for call in _secrets(node):
        return f'write `{{ NAME: {excerpt(call.span)} }}`: NAME is the environment variable, or "/the/path" of a file'
    return None


def _secrets(node: tree.Expression) -> Iterator[tree.Call]:
    """The secrets that a value is, or has as items."""
    match node:
        case tree.Call() if called_name(node) == "secret":
            yield node
        case tree.ListDisplay(items=items):
            for item in items:
                yield from _secrets(item)


def _text(node: tree.Expression) -> str | None:
    return node.span.text if isinstance(node, tree.Text) and node.plain is not None else None


def meant_by_requests(resources: Branch) -> tuple[str, Fix | None]:
    """Help and fix for `requests` in `resources`, whose keys stand in `resources` itself."""
    written, inner = resources.entries["requests"]
    help = "the keys of `requests` stand directly in `resources`"
    if not isinstance(inner, Branch) or not inner.entries:
        return help, None
    shown = ", ".join(f"{key}: {excerpt(one.span)}" for key, (_, one) in inner.entries.items())
    return f"{help}: `{{ {shown} }}`", _without_braces(written, inner, resources)


def _without_braces(written: tree.Name, inner: Raw, resources: Branch) -> Fix | None:
    """The fix that takes the entries of a map out of it; None where one of them is there already."""
    source, span = written.span.source, inner.span
    if inner.span.source is not source or source.text[written.span.end : span.start].strip() != ":":
        return None
    if not isinstance(inner, Branch) or not inner.entries.keys().isdisjoint(resources.entries):
        return None
    entries = span.text.removeprefix("{").removesuffix("}").strip().removesuffix(",").rstrip()
    if "#" in entries:
        return None
    return Fix("take them out of `requests`", (Edit(Span(source, written.span.start, span.end), entries),))
