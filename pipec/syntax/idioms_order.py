"""Idioms that put tasks in order: `a >> b`, `a -> b` without its keyword, `b.set_upstream(a)`, `chain(a, b)`."""

from __future__ import annotations

import re

from pipec.syntax.idioms import Idiom, Place, Reader, replaced
from pipec.syntax.tokens import Token

_METHODS = frozenset({"set_upstream", "set_downstream"})


def _shift(place: Place) -> Idiom | None:
    """`order a >> b`: one of its `>>`."""
    index = place.index
    head = place.head()
    if head is None or place.kind(head) != "order" or _sign(place, index) != ">>":
        return None
    span = place.span(index, index + 2)
    arrow = Token("->", "->", span.start, span.end)
    return Idiom(index, index + 2, (arrow,), "P0003", "expected `->`, found `>>`", span, None, replaced(span, "->"))


def _chain(place: Place) -> Idiom | None:
    """`extract >> [check, validate] >> load` as a statement, with `->` or the other way round with `<<`."""
    first = place.index if place.token.kind == "[" else place.index - 1
    if not place.begins_option(first) or not (place.is_first(first) or place.kind(first - 1) in ("{", "}", ")")):
        return None
    links: list[str] = []
    signs: set[str] = set()
    index = first
    while (end := _link(place, index)) is not None:
        links.append(place.text(index, end))
        sign = _sign(place, end)
        if sign is None:
            index = end
            break
        signs.add(sign)
        index = end + (1 if sign == "->" else 2)
    else:
        return None
    if len(links) < 2 or len(signs) != 1:
        return None
    sign = signs.pop()
    span = place.span(first, index)
    text = f"order {' -> '.join(reversed(links) if sign == '<<' else links)}"
    mended = None if "#" in span.text else replaced(span, text)
    message = "an order of tasks begins with `order`" if sign == "->" else f"`{sign}` is no order of tasks"
    return Idiom(first, index, (), "P0003", message, span, f"write `{text}`", mended)


def _link(place: Place, index: int) -> int | None:
    """The token after a task or a list of tasks."""
    if place.kind(index) == "[":
        close = place.closer(index)
        inside = range(index + 1, close or 0)
        if close is None or not inside or not all(place.is_name(one) or place.kind(one) == "," for one in inside):
            return None
        return close + 1
    if not place.is_name(index):
        return None
    close = place.closer(index + 1) if place.kind(index + 1) == "[" else None
    return index + 1 if close is None else close + 1


def _sign(place: Place, index: int) -> str | None:
    """The sign between two links that begins at a token."""
    if place.kind(index) == "->":
        return "->"
    if place.kind(index) in (">", "<") and place.kind(index + 1) == place.kind(index) and place.touches(index + 1):
        return place.kind(index) * 2
    return None


def _method(place: Place) -> Idiom | None:
    """`load.set_upstream(extract)`."""
    first = place.index - 1
    if place.token.kind != "." or not place.is_first(first) or not place.begins_option(first):
        return None
    method = place.tokens[place.index + 1].text
    close = place.closer(place.index + 2) if place.kind(place.index + 2) == "(" else None
    if method not in _METHODS or close is None or not place.is_name(first):
        return None
    task, others = place.tokens[first].text, place.text(place.index + 3, close)
    if not re.fullmatch(r"\w+|\[[\w\s,]+\]", others):
        return None
    text = f"order {task} -> {others}" if method == "set_downstream" else f"order {others} -> {task}"
    span = place.span(first, close + 1)
    return Idiom(
        first, close + 1, (), "P0003", f"tasks have no `{method}`", span, f"write `{text}`", replaced(span, text)
    )


def _call(place: Place) -> Idiom | None:
    """`chain(extract, load)`."""
    first = place.index - 1
    if place.token.kind != "(" or place.tokens[first].text != "chain" or not place.begins_option(first):
        return None
    close = place.closer(place.index)
    if close is None:
        return None
    links: list[str] = []
    index = place.index + 1
    while (end := _link(place, index)) is not None:
        links.append(place.text(index, end))
        index = end + 1
        if place.kind(end) != ",":
            break
    if len(links) < 2 or index != close + 1:
        return None
    span = place.span(first, close + 1)
    text = f"order {' -> '.join(links)}"
    message = "`chain` is no order of tasks"
    return Idiom(first, close + 1, (), "P0003", message, span, f"write `{text}`", replaced(span, text))


ORDERS: tuple[Reader, ...] = (_shift, _chain, _method, _call)
