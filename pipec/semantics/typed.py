"""Expressions that were understood: what they are in the IR, their type, and when their value is known."""

from __future__ import annotations

from enum import IntEnum

from pipec.frozen import Frozen
from pipec.ir.expressions import Expression, ListExpression, LiteralValue
from pipec.ir.types import Type
from pipec.syntax.source import Span


class Phase(IntEnum):
    """When a value is known."""

    COMPILE = 0
    START = 1
    RUN = 2


class Typed(Frozen):
    """An expression that was understood."""

    expression: Expression
    type: Type
    phase: Phase
    span: Span
    may_be_skipped: bool = False
    """Whether it is null where a task did not run, beyond the nulls of its declared type."""

    @property
    def value(self) -> object:
        """The value of a constant in its JSON form. Raises TypeError where it is none."""
        if not isinstance(self.expression, LiteralValue):
            raise TypeError("not a constant")
        return self.expression.value

    @property
    def is_empty_list(self) -> bool:
        return (isinstance(self.expression, LiteralValue) and self.expression.value == []) or (
            isinstance(self.expression, ListExpression) and not self.expression.items
        )
