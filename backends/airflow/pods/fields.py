"""The templated fields of a container."""

from __future__ import annotations

import json

from pipec.ir.expressions import DictEntry, DictExpression, Expression, Interpolation, LiteralValue
from pipec.ir.model import Input
from pipec.runtime.values import to_text

from ..layout import Node
from ..literals import py
from ..setting import Fields
from .escape import AT_RUN_TIME, container_escape


class ContainerFields(Fields):
    """Commands, arguments and environment: what is a name of a variable to Kubernetes arrives as it was written."""

    def argument(self, key: str, expression: Expression) -> Node:
        """The text of an expression, one argument of a command."""
        known = _known_text(expression)
        if known is not None:
            return py(container_escape(known))
        return self._asked(key, expression)

    def variable(self, given: Input) -> Node:
        """The text form of an input."""
        known = _known_text(given.value) if str(given.type) not in ("float", "float?") else None
        if known is not None:
            return py(container_escape(known))
        self.input(given)
        return self._template(given.name, AT_RUN_TIME)

    def inputs(self, inputs: tuple[Input, ...]) -> Node:
        """All inputs in one text, a JSON object."""
        if all(isinstance(given.value, LiteralValue) for given in inputs):
            values = {given.name: given.value.value for given in inputs if isinstance(given.value, LiteralValue)}
            return py(container_escape(json.dumps(values, ensure_ascii=False)))
        entries = tuple(DictEntry(key=given.name, value=given.value) for given in inputs)
        return self._asked("all inputs", DictExpression(entries=entries))

    def _asked(self, key: str, expression: Expression) -> Node:
        self._texts[key] = expression
        return self._template(key, AT_RUN_TIME)


def _known_text(expression: Expression) -> str | None:
    match expression:
        case LiteralValue(value=str() | int() as value):
            return to_text(value)
        case Interpolation(parts=parts):
            texts = [_known_text(part) for part in parts]
            return "".join(text for text in texts if text is not None) if None not in texts else None
    return None
