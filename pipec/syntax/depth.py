"""Finds what nests so deep that walking it could exhaust Python's stack."""

from __future__ import annotations

from dataclasses import fields

from pipec.syntax.tree import Node


def too_deep(root: Node, limit: int) -> Node | None:
    """The first node found more than `limit` levels below the root, or None.

    A node of n characters cannot hold more than n levels, so nearly all nodes need no look inside.
    """
    pending = [(root, 0)]
    while pending:
        node, depth = pending.pop()
        if depth > limit:
            return node
        if depth + node.span.end - node.span.start <= limit:
            continue
        for field in fields(node):
            pending += [(child, depth + 1) for child in _nodes(getattr(node, field.name))]
    return None


def _nodes(value: object) -> list[Node]:
    if isinstance(value, Node):
        return [value]
    if isinstance(value, tuple):
        return [node for item in value for node in _nodes(item)]
    return []
