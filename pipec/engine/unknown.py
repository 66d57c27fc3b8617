"""Values nobody knows, because no code of tasks runs: what expressions mean with them, and who decides in their place.

A value that is not known passes through inputs, lists and texts, and makes what is computed from it unknown. It is
needed only where the run takes another course by it: a decision, the list of a map, a requirement.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from pipec.engine import evaluate as known
from pipec.engine.evaluate import EvaluationError, Scope
from pipec.frozen import Frozen
from pipec.ir.expressions import (
    BinaryOperation,
    ConditionalExpression,
    DictExpression,
    Expression,
    FunctionCall,
    IndexOperation,
    Interpolation,
    ItemReference,
    ListExpression,
    LiteralValue,
    OutputReference,
    ParameterReference,
    RunReference,
    UnaryOperation,
    children,
    walk,
)
from pipec.ir.types import JSON, DictType, ListType, OptionalType, RecordType, Type
from pipec.runtime.values import OutputError, from_json, to_json, to_text


class Unknown(Frozen):
    """In place of a value in JSON or native form; `names` are the outputs it comes from, in source order."""

    names: tuple[str, ...] = ()


UNKNOWN = Unknown()
"""What a driver gives for an output it does not know: where it is read it has the name of the output."""


class UnknownValueError(EvaluationError):
    """What is not known is needed; `names` are the outputs that would have to be."""

    def __init__(self, unknown: Unknown) -> None:
        super().__init__(f"the value of {' and '.join(unknown.names) or 'an output'} is not known")
        self.names = unknown.names


class Guess(Protocol):
    """Decides where what is needed is not known; where it raises UnknownValueError, what needed it fails."""

    def decision(self, instance: str) -> bool:
        """The side a decision takes, by the id of its instance."""

    def items(self, region: str) -> int:
        """How many items a map has, by its name, behind the id of the task whose pipeline it is in."""

    def requirement(self, instance: str, source: str) -> bool:
        """Whether a requirement holds, as written, of the task of this instance."""


class UncertainScope(Scope):
    """A scope in which values may be unknown."""


def is_unknown(value: Any) -> bool:
    """Whether a value or a part of it is unknown."""
    match value:
        case Unknown():
            return True
        case list():
            return any(map(is_unknown, value))
        case dict():
            return any(map(is_unknown, value.values()))
        case _:
            return False


def json_value(expression: Expression, scope: Scope) -> Any:
    """The value in JSON form, unknown in whole or in part. Raises EvaluationError where it has none."""
    return (
        _partly_json(_value(expression, scope))
        if _is_uncertain(expression, scope)
        else known.json_value(expression, scope)
    )


def text_value(expression: Expression, scope: Scope) -> str:
    """The value in text form, with `unknown` in place of one that is. Raises EvaluationError where it has none."""
    if not _is_uncertain(expression, scope):
        return known.text_value(expression, scope)
    value = _partly_json(_value(expression, scope))
    return "unknown" if is_unknown(value) else to_text(value)


def truth(expression: Expression, scope: Scope) -> bool:
    """Whether a condition holds. Raises EvaluationError where it has no value, UnknownValueError for an unknown one."""
    if not _is_uncertain(expression, scope):
        return bool(known.evaluate(expression, scope))
    value = _value(expression, scope)
    if isinstance(value, Unknown):
        raise UnknownValueError(value)
    return bool(value)


def items_value(expression: Expression, scope: Scope) -> list[Any]:
    """The list of a map in JSON form; its items may be unknown. Raises as `truth` does."""
    items: list[Any] | Unknown = json_value(expression, scope)
    if isinstance(items, Unknown):
        raise UnknownValueError(items)
    return items


def _is_uncertain(expression: Expression, scope: Scope) -> bool:
    """Whether an expression reads anything unknown."""
    return isinstance(scope, UncertainScope) and any(is_unknown(_read(part, scope)) for part in walk(expression))


def _read(part: Expression, scope: Scope) -> Any:
    """What a reference stands for in JSON form."""
    match part:
        case OutputReference(task=task, output=output):
            return scope.outputs.get((task, output))
        case ParameterReference(name=name):
            return scope.parameters.get(name)
        case ItemReference(map=name):
            return scope.items.get(name)
        case _:
            return None


# --- what expressions mean -----------------------------------------------------------------------


def _value(expression: Expression, scope: Scope) -> Any:
    """The value in native form, or what is known of it."""
    match expression:
        case OutputReference() | ParameterReference() | ItemReference() if is_unknown(
            value := _read(expression, scope)
        ):
            return _native(value, expression.type, _name(expression))
        case LiteralValue() | RunReference() | OutputReference() | ParameterReference() | ItemReference():
            return known.evaluate(expression, scope)
        case BinaryOperation(operator="and" | "or" | "??" as name, left=left, right=right):
            return _chosen(name, _value(left, scope), right, scope)
        case ConditionalExpression(condition=condition, then=then, otherwise=otherwise):
            decided = _value(condition, scope)
            return decided if isinstance(decided, Unknown) else _value(then if decided else otherwise, scope)
        case ListExpression(items=items):
            return [_value(item, scope) for item in items]
        case DictExpression(entries=entries):
            return {entry.key: _value(entry.value, scope) for entry in entries}
        case _:
            return _computed(expression, scope)


def _native(value: Any, type_: Type, name: str) -> Any:
    """The native form of a value in JSON form, of which parts are unknown."""
    match value, type_:
        case _ if not is_unknown(value):
            return from_json(value, str(type_))
        case Unknown(names=names), _:
            return value if names else Unknown((name,))
        case _, OptionalType(inner=inner):
            return _native(value, inner, name)
        case list(), ListType(element=element):
            return [_native(item, element, name) for item in value]
        case dict(), DictType(value=inner):
            return {key: _native(item, inner, name) for key, item in value.items()}
        case dict(), RecordType(fields=fields):
            types = {field.name: field.type for field in fields}
            return {key: _native(item, types.get(key, JSON), name) for key, item in value.items()}
        case _:
            found = _joined(value)
            return found if found.names else Unknown((name,))


def _chosen(name: str, left: Any, right: Expression, scope: Scope) -> Any:
    """`and`, `or` and `??` compute the right side only where the left one does not say it all."""
    if not isinstance(left, Unknown):
        is_enough = left is not None if name == "??" else bool(left) == (name == "or")
        return left if is_enough else _value(right, scope)
    if name == "??":
        return left
    try:
        other = _value(right, scope)
    except EvaluationError:
        return left
    if isinstance(other, Unknown):
        return _joined([left, other])
    return other if bool(other) == (name == "or") else left


def _computed(expression: Expression, scope: Scope) -> Any:
    """What is computed from something unknown is; the length of a list and its known elements are not."""
    values = [_value(operand, scope) for operand in children(expression)]
    match expression, values:
        case _ if not is_unknown(values):
            return _operated(expression, values)
        case FunctionCall(function="len"), [list() | dict() as whole]:
            return len(whole)
        case IndexOperation(source=source), [list() | dict() as base, index] if not isinstance(index, Unknown):
            try:
                return base[index]
            except (LookupError, TypeError):
                raise EvaluationError(f"there is no element {index!r} in {source}") from None
        case _:
            return _joined(values)


def _operated(expression: Expression, values: list[Any]) -> Any:
    """What an operation gives for the native values of its operands."""
    names = [str(position) for position in range(len(values))]
    operands = tuple(ItemReference(map=name, type=JSON) for name in names)  # `json` is read as it is
    match expression:
        case UnaryOperation():
            expression = expression.model_copy(update={"operand": operands[0]})
        case BinaryOperation():
            expression = expression.model_copy(update={"left": operands[0], "right": operands[1]})
        case IndexOperation():
            expression = expression.model_copy(update={"base": operands[0], "index": operands[1]})
        case Interpolation():
            expression = expression.model_copy(update={"parts": operands})
        case FunctionCall():
            expression = expression.model_copy(update={"arguments": operands})
    return known.evaluate(expression, Scope(items=dict(zip(names, values, strict=True))))


def _name(reference: OutputReference | ParameterReference | ItemReference) -> str:
    match reference:
        case OutputReference(task=task, output="output"):
            return task
        case OutputReference(task=task, output=output):
            return f"{task}.{output}"
        case ParameterReference(name=name):
            return name
        case ItemReference(map=name):
            return f"the items of {name}"


def _joined(value: Any) -> Unknown:
    """One unknown value in place of all in a value."""
    return Unknown(tuple(dict.fromkeys(_names(value))))


def _names(value: Any) -> list[str]:
    match value:
        case Unknown(names=names):
            return list(names)
        case list():
            return [name for item in value for name in _names(item)]
        case dict():
            return [name for item in value.values() for name in _names(item)]
        case _:
            return []


def _partly_json(value: Any) -> Any:
    match value:
        case Unknown():
            return value
        case list():
            return [_partly_json(item) for item in value]
        case dict():
            return {key: _partly_json(item) for key, item in value.items()}
        case _:
            try:
                return to_json(value)
            except OutputError as error:
                raise EvaluationError(str(error)) from error


def shown(value: Any) -> Any:
    """A value in JSON form for people and files: null in place of what is unknown."""
    match value:
        case Unknown():
            return None
        case list():
            return [shown(item) for item in value]
        case Mapping():
            return {key: shown(item) for key, item in value.items()}
        case _:
            return value
