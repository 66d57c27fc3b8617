"""What is said of an expression while some outputs are unknown is true of every value they may have."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from pipec.engine import evaluate as known
from pipec.engine.evaluate import EvaluationError, Scope
from pipec.engine.unknown import UNKNOWN, UncertainScope, Unknown, json_value
from pipec.ir.expressions import (
    BinaryOperation,
    ConditionalExpression,
    DictEntry,
    DictExpression,
    Expression,
    FunctionCall,
    IndexOperation,
    Interpolation,
    ListExpression,
    LiteralValue,
    OutputReference,
    UnaryOperation,
)
from pipec.ir.types import BOOL, INT, ListType, Type, optional

TYPES: dict[str, Type] = {
    "i": INT,
    "j": INT,
    "p": BOOL,
    "q": BOOL,
    "maybe": optional(INT),
    "list": ListType(element=INT),
}


def output(name: str) -> Expression:
    return OutputReference(task="a", output=name, type=TYPES[name])


def binary(operator: Any, left: Expression, right: Expression) -> Expression:
    return BinaryOperation(operator=operator, left=left, right=right, source="…")


def choice(condition: Expression, then: Expression, otherwise: Expression) -> Expression:
    return ConditionalExpression(condition=condition, then=then, otherwise=otherwise)


numbers = st.deferred(lambda: _numbers)
truths = st.deferred(lambda: _truths)
lists = st.deferred(lambda: _lists)
small = st.integers(-2, 3)

_numbers: st.SearchStrategy[Expression] = (
    st.sampled_from(["i", "j"]).map(output)
    | small.map(lambda value: LiteralValue(value=value, type=INT))
    | st.builds(binary, st.sampled_from(["+", "-", "*", "%"]), numbers, numbers)
    | numbers.map(lambda operand: UnaryOperation(operator="-", operand=operand))
    | numbers.map(lambda right: binary("??", output("maybe"), right))
    | st.builds(choice, truths, numbers, numbers)
    | lists.map(lambda whole: FunctionCall(function="len", arguments=(whole,)))
    | st.builds(lambda base, index: IndexOperation(base=base, index=index), lists, numbers)
    | st.builds(lambda *two: FunctionCall(function="max", arguments=two), numbers, numbers)
)
_truths: st.SearchStrategy[Expression] = (
    st.sampled_from(["p", "q"]).map(output)
    | st.booleans().map(lambda value: LiteralValue(value=value, type=BOOL))
    | st.builds(binary, st.sampled_from(["==", "<", ">="]), numbers, numbers)
    | st.builds(binary, st.sampled_from(["and", "or"]), truths, truths)
    | truths.map(lambda operand: UnaryOperation(operator="not", operand=operand))
    | st.builds(binary, st.just("in"), numbers, lists)
)
_lists: st.SearchStrategy[Expression] = st.just(output("list")) | st.lists(numbers, max_size=3).map(
    lambda items: ListExpression(items=tuple(items))
)
wholes = (
    numbers
    | truths
    | lists
    | st.lists(numbers, min_size=1, max_size=3).map(lambda parts: Interpolation(parts=tuple(parts)))
    | numbers.map(lambda value: DictExpression(entries=(DictEntry(key="k", value=value),)))
)
values = st.fixed_dictionaries(
    {
        "i": small,
        "j": small,
        "p": st.booleans(),
        "q": st.booleans(),
        "maybe": st.none() | small,
        "list": st.lists(small, max_size=3),
    }
)


def agrees(said: Any, value: Any) -> bool:
    """Whether a value is what was said of it, wherever something was."""
    match said:
        case Unknown():
            return True
        case list():
            return len(said) == len(value) and all(map(agrees, said, value))
        case dict():
            return said.keys() == value.keys() and all(agrees(said[key], value[key]) for key in said)
        case _:
            return bool(said == value and type(said) is type(value))


def outcome(evaluated: Callable[[Expression, Scope], Any], expression: Expression, scope: Scope) -> Any:
    """The value, or the fault."""
    try:
        return evaluated(expression, scope)
    except EvaluationError as error:
        return error


@settings(max_examples=200, deadline=None)
@given(wholes, values, st.sets(st.sampled_from(sorted(TYPES))))
def test_what_is_said_is_true(expression: Expression, all_values: Mapping[str, Any], hidden: set[str]) -> None:
    whole = {("a", name): value for name, value in all_values.items()}
    partly = whole | {("a", name): UNKNOWN for name in hidden}
    value = outcome(known.json_value, expression, Scope(outputs=whole))
    said = outcome(json_value, expression, UncertainScope(outputs=partly))
    if isinstance(said, EvaluationError):
        assert isinstance(value, EvaluationError)
    elif not isinstance(value, EvaluationError):
        assert agrees(said, value)
    if not hidden:
        assert str(said) == str(value)
