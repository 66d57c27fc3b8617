"""Retries that one place says in several options, brought together as the one map `retry`.

Airflow has an option for each part of it, and here `retries` is a short form of its own.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from pipec.diagnostics.model import Edit, Fix, removal
from pipec.frozen import Frozen
from pipec.semantics.arguments import called_name
from pipec.semantics.excerpts import excerpt
from pipec.semantics.options import RETRY
from pipec.syntax import tree
from pipec.syntax.source import Span

_PARTS = {
    "retry_delay": "delay",
    "retry_exponential_backoff": "backoff",
    "retry_backoff": "backoff",
    "max_retry_delay": "max_delay",
}
"""Options of other engines, by the key of `retry` that each is."""

_KEYS = {"retries": "max", **_PARTS}
_UNITS = {"days": "d", "hours": "h", "minutes": "m", "seconds": "s"}
_SAMPLES = {"delay": "30s", "max_delay": "10m"}


class _Written(Frozen):
    """An option of a block or an entry of a map of options."""

    name: str
    value: tree.Expression
    span: Span


class _Part(Frozen):
    """A key of `retry` as it is to be written. `is_certain` is false where only a person knows the value."""

    key: str
    text: str
    is_certain: bool = True


def is_part_of_retry(name: str) -> bool:
    """Whether an option of this name stands for a key of `retry` elsewhere."""
    return name in _PARTS


def meant_by_part(name: str, siblings: Iterable[tree.Node], known: Collection[str]) -> tuple[str, Fix | None]:
    """Help for such an option, and a fix; `siblings` are all that stand in its place, `known` what may stand there."""
    written, in_map = _options(siblings)
    parts = _parts(written)
    if not parts:
        return "leave it out: without `backoff` the delay stays the same", None
    if "retry" not in known:
        has_defaults = "defaults" in known
        text = _text(parts, in_map=has_defaults)
        return f"for all tasks inside: `defaults = {{ {text} }}`" if has_defaults else f"tasks have it: `{text}`", None
    if _is_ambiguous(parts):
        return f"`{_KEYS[name]}` of `retry` is set here already: keep one of them", None
    return f"write `{_text(parts, in_map)}`", _merging(written, parts, in_map)


def meant_by_both(siblings: Iterable[tree.Node]) -> tuple[str, Fix | None]:
    """Help and fix where `retries` and `retry` stand in one place."""
    written, in_map = _options(siblings)
    parts = _parts(written)
    if _is_ambiguous(parts) or any(one.name == "retry" and not _is_map(one) for one in written):
        return "keep one of them", None
    return f"keep one of them: `{_text(parts, in_map)}`", _merging(written, parts, in_map)


def _options(siblings: Iterable[tree.Node]) -> tuple[list[_Written], bool]:
    """All options of a place, and whether they are entries of a map."""
    written: list[_Written] = []
    in_map = False
    for node in siblings:
        match node:
            case tree.Option(name=name, value=value):
                written.append(_Written(name.text, value, node.span))
            case tree.Entry(key=name, value=value):
                written.append(_Written(name.text, value, node.span))
                in_map = True
    return written, in_map


def _is_map(one: _Written) -> bool:
    return isinstance(one.value, tree.MapDisplay)


def _parts(written: Iterable[_Written]) -> list[_Part]:
    """What a place says of retries, in the order of the keys of `retry`."""
    parts: list[_Part] = []
    for one in written:
        if one.name == "retry" and isinstance(one.value, tree.MapDisplay):
            parts += [_Part(entry.key.text, excerpt(entry.value.span)) for entry in one.value.entries]
        elif one.name in _KEYS:
            part = _part(_KEYS[one.name], one.value)
            parts += [part] if part is not None else []
    order = list(RETRY)
    return sorted(parts, key=lambda part: order.index(part.key) if part.key in order else len(order))


def _part(key: str, value: tree.Expression) -> _Part | None:
    if key == "backoff":
        return _backoff(value)
    if key == "max":
        return _Part(key, excerpt(value.span))
    return _duration(key, value)


def _backoff(value: tree.Expression) -> _Part | None:
    """The factor by which the delay grows; None where it does not."""
    match value:
        case tree.Literal(kind="bool", value=False) | tree.NameReference(name="False"):
            return None
        case tree.Literal(kind="bool") | tree.NameReference(name="True") | tree.Text(parts=("exponential",)):
            return _Part("backoff", "2")
        case tree.Literal(kind="int" | "float"):
            return _Part("backoff", value.span.text)
    return _Part("backoff", "2", is_certain=False)


def _duration(key: str, value: tree.Expression) -> _Part:
    """A duration, also one in quotes, as a number of seconds, or as Python writes it."""
    from pipec.parameters import read_literal

    kind, number = read_literal(value.span.text.strip("\"'"))
    match value:
        case tree.NameReference(name=name):
            return _Part(key, name)
        case tree.Literal() | tree.Text() if kind == "DURATION":
            return _Part(key, value.span.text.strip("\"'"))
        case tree.Literal() if kind == "INT":
            return _Part(key, f"{number}s")
        case tree.Call(arguments=(tree.Argument(name=tree.Name(text=unit), value=tree.Literal(kind="int") as many),)):
            if called_name(value) == "timedelta" and unit in _UNITS:
                return _Part(key, f"{many.span.text}{_UNITS[unit]}")
    return _Part(key, _SAMPLES[key], is_certain=False)


def _is_ambiguous(parts: list[_Part]) -> bool:
    return len({part.key for part in parts}) < len(parts)


def _text(parts: list[_Part], in_map: bool) -> str:
    """`retry` as an option or as an entry of a map."""
    entries = ", ".join(f"{part.key}: {part.text}" for part in parts)
    return f"retry{':' if in_map else ' ='} {{ {entries} }}"


def _merging(written: list[_Written], parts: list[_Part], in_map: bool) -> Fix | None:
    """The fix that writes one `retry` in place of all; None where a value is not certain or a comment goes."""
    places = [index for index, one in enumerate(written) if one.name in _KEYS or one.name == "retry"]
    first, *others = places
    edits = [Edit(written[first].span, _text(parts, in_map))]
    for index in others:
        span = written[index].span
        removed = Edit(Span(span.source, written[index - 1].span.end, span.end), "") if in_map else _without(span)
        edits.append(removed)
    is_plain = all(part.is_certain and "…" not in part.text for part in parts)
    is_read = all(_is_map(one) for one in written if one.name == "retry")
    has_comment = any("#" in edit.span.text.strip() for edit in edits)
    return Fix("write one `retry`", tuple(edits)) if is_plain and is_read and not has_comment else None


def _without(span: Span) -> Edit:
    """The edit that removes an option, with its lines or else the blanks before it."""
    edit = removal(span)
    if edit.span != span:
        return edit
    text = span.source.text
    before = text[: span.start]
    return Edit(Span(span.source, len(before.rstrip(" \t")), span.end), "")
