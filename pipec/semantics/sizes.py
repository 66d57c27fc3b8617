"""How large constants may become: what doubles sixty times would fill any memory."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from pipec.ir.expressions import Expression, FunctionCall, LiteralValue

CONSTANT_LIMIT = 1_000_000
"""Characters of one constant, an element of a list or map counting for ten."""

NESTING_LIMIT = 50
TOO_LARGE = f"a constant of more than {CONSTANT_LIMIT:_} characters, or {NESTING_LIMIT} levels"
_ELEMENT = 10


def is_too_large(value: Any) -> bool:
    """Whether a value has more characters and elements than a constant may have, or nests deeper."""
    left = CONSTANT_LIMIT
    pending = [(value, 0)]
    while pending and left >= 0:
        one, depth = pending.pop()
        inside: Iterable[Any] = ()
        if isinstance(one, str):
            left -= len(one)
        elif isinstance(one, list):
            left -= len(one) * _ELEMENT
            inside = one
        elif isinstance(one, dict):
            left -= len(one) * _ELEMENT + sum(map(len, one))
            inside = one.values()
        if left >= 0 and inside:
            if depth == NESTING_LIMIT:
                return True
            pending += [(part, depth + 1) for part in inside]
    return left < 0


def grows_too_large(expression: Expression) -> bool:
    """Whether a call on constants would give such a value: it had better not be tried."""
    if not isinstance(expression, FunctionCall):
        return False
    values = [argument.value if isinstance(argument, LiteralValue) else None for argument in expression.arguments]
    match expression.function, values:
        case "replace", [str() as text, str() as old, str() as new]:
            return text.count(old) * len(new) > CONSTANT_LIMIT
        case "join", [list() as items, str() as separator]:
            return len(items) * len(separator) > CONSTANT_LIMIT
        case "format", [_, str() as spec]:
            return any(int(number[:8]) > CONSTANT_LIMIT for number in re.findall(r"\d+", spec))
        case _:
            return False
