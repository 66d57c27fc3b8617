"""The inputs of a task that computes them, and what is required of it: `inputs_of` and `check`, as in `given`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipec.engine.evaluate import EvaluationError, Scope, evaluate, json_value, text_value

from .exchange import facts, values_of


class Part:
    """An expression, or a part of one: what the compiler wrote as JSON."""

    def __init__(self, fields: dict[str, Any]) -> None:
        for name, value in fields.items():
            setattr(self, name, read(value))


class LiteralValue(Part):
    """See pipec.ir.expressions; so for all of these."""

    def __init__(self, fields: dict[str, Any]) -> None:
        self.value, self.type = fields["value"], fields["type"]


class ParameterReference(Part):
    pass


class RunReference(Part):
    pass


class OutputReference(Part):
    pass


class ItemReference(Part):
    pass


class UnaryOperation(Part):
    pass


class BinaryOperation(Part):
    pass


class ConditionalExpression(Part):
    pass


class Interpolation(Part):
    pass


class FunctionCall(Part):
    pass


class IndexOperation(Part):
    pass


class ListExpression(Part):
    pass


class DictExpression(Part):
    pass


class DictEntry(Part):
    pass


KINDS: dict[str, type[Part]] = {
    "literal": LiteralValue,
    "parameter": ParameterReference,
    "run": RunReference,
    "output": OutputReference,
    "item": ItemReference,
    "unary": UnaryOperation,
    "binary": BinaryOperation,
    "conditional": ConditionalExpression,
    "interpolation": Interpolation,
    "call": FunctionCall,
    "index": IndexOperation,
    "list": ListExpression,
    "dict": DictExpression,
}


def read(written: Any) -> Any:
    """The expression that a piece of JSON holds; lists of expressions too."""
    if isinstance(written, list):
        return [read(one) for one in written]
    if isinstance(written, dict):
        return KINDS[written["kind"]](written) if "kind" in written else DictEntry(written)
    return written


def scope_of(asked: dict[str, Any], outputs: Mapping[str, Any] = {}) -> Scope:
    """What expressions see: inputs of the component by name, and own outputs as `outputs.<name>`."""
    own = {f"outputs.{name}": value for name, value in outputs.items()}
    return Scope(parameters={**values_of(asked), **own}, run=facts(asked))


def inputs_of(asked: dict[str, Any]) -> dict[str, tuple[Any, str]]:
    """The inputs of the task in JSON form, with their types."""
    scope = scope_of(asked)
    found = {}
    for name, (expression, type_text) in asked["inputs"].items():
        found[name] = (json_value(read(expression), scope), type_text)
    return found


def check(asked: dict[str, Any], outputs: dict[str, Any]) -> list[str]:
    """The messages of the requirements that do not hold."""
    scope = scope_of(asked, outputs)
    failed = []
    for condition, message, source in asked["requirements"]:
        try:
            if not evaluate(read(condition), scope):
                failed.append(f"requirement not met: {text_value(read(message), scope) if message else source}")
        except EvaluationError as error:
            failed.append(f"requirement {source}: {error}")
    return failed
