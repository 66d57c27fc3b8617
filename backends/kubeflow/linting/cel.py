"""The language of conditions and selectors, CEL, as `cel-python` reads it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Any

from pipec.frozen import Frozen


class Reference(Frozen):
    """An input that an expression reads: `kind` is `parameter_values` or `artifacts`, `name` None where computed."""

    kind: str
    name: str | None


@cache
def _environment() -> Any:
    import celpy  # importing it takes long, and few pipelines have conditions

    limit = sys.getrecursionlimit()
    try:
        return celpy.Environment()  # sets another limit for all of Python
    finally:
        sys.setrecursionlimit(limit)


@lru_cache(maxsize=1024)
def parse(expression: str) -> Any:
    """The syntax tree of an expression. Raises CELParseError."""
    return _environment().compile(expression)


def syntax_problem(expression: str) -> str | None:
    """Why an expression is none of CEL, or None where it is."""
    from celpy.celparser import CELParseError

    try:
        parse(expression)
    except CELParseError as error:
        where = f" at column {error.column}" if error.column else ""
        return f"{expression!r} is no expression of CEL: wrong{where}"
    return None


def references(expression: str) -> Iterator[Reference | str]:
    """The inputs that an expression reads, and the names in it that are none."""
    yield from _references(parse(expression))


def _references(tree: Any) -> Iterator[Reference | str]:
    found = _of_inputs(tree)
    if found is not None:
        yield found
        if tree.data == "member_index":
            yield from _references(tree.children[1])
        return
    if tree.data == "ident":
        yield str(tree.children[0])
        return
    for child in tree.children:
        if hasattr(child, "data"):
            yield from _references(child)


def _of_inputs(tree: Any) -> Reference | None:
    """The input where a tree is `inputs.<kind>['<name>']` or `inputs.<kind>.<name>`."""
    if tree.data not in ("member_index", "member_dot"):
        return None
    kind = _kind(_bare(tree.children[0]))
    if kind is None:
        return None
    if tree.data == "member_dot":
        return Reference(kind, str(tree.children[1]))
    index = _bare(tree.children[1])
    return Reference(kind, _text(index.children[0]) if index.data == "literal" else None)


def _kind(tree: Any) -> str | None:
    """`parameter_values` of a tree that is `inputs.parameter_values`."""
    if tree.data != "member_dot":
        return None
    base = _bare(tree.children[0])
    return str(tree.children[1]) if base.data == "ident" and str(base.children[0]) == "inputs" else None


def _bare(tree: Any) -> Any:
    """A tree without the levels of the grammar that have but one child."""
    while tree.data not in ("ident", "literal") and len(tree.children) == 1 and hasattr(tree.children[0], "data"):
        tree = tree.children[0]
    return tree


def _text(token: Any) -> str | None:
    """The text that a literal stands for, or None where it is no text."""
    from celpy.evaluation import celstr

    return str(celstr(token)) if token.type == "STRING_LIT" else None
