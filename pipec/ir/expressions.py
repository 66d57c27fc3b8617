"""The expression tree of the IR: what is computed when the run starts or in the run.

Whatever the compiler could compute is a `LiteralValue`. Operators have Python's meaning:
`pipec.engine.evaluate` is what they mean.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pipec.ir.base import Model, Tagged
from pipec.ir.types import Type


class LiteralValue(Model):
    """A value known when compiling, in its JSON form.

    date and datetime: ISO 8601 text; duration: seconds; size: bytes; everything else as JSON says it.
    """

    kind: Literal["literal"] = "literal"
    value: Any
    type: Type


class ParameterReference(Model):
    """A parameter of the pipeline."""

    kind: Literal["parameter"] = "parameter"
    name: str
    type: Type


RunField = Literal[
    "date",
    "timestamp",
    "interval_start",
    "interval_end",
    "id",
    "attempt",
    "pipeline",
    "url",
]


class RunReference(Model):
    """A fact of the run: `run.date`."""

    kind: Literal["run"] = "run"
    field: RunField
    type: Type


class OutputReference(Model):
    """An output of a task; null when the task did not succeed.

    `output` is always the name of an output; a single unnamed one is called `output`. When `mapped` is true the task is
    mapped and the value is the list of all instances' outputs in item order (`score[*].x`), null at the place of an
    instance that did not succeed.
    """

    kind: Literal["output"] = "output"
    task: str
    output: str
    type: Type
    mapped: bool = False


class ItemReference(Model):
    """The current item of a map."""

    kind: Literal["item"] = "item"
    map: str
    type: Type


class UnaryOperation(Model):
    kind: Literal["unary"] = "unary"
    operator: Literal["not", "-"]
    operand: Expression


Operator = Literal["??", "or", "and", "==", "!=", "<", "<=", ">", ">=", "in", "not in", "+", "-", "*", "/", "%"]


class BinaryOperation(Model):
    kind: Literal["binary"] = "binary"
    operator: Operator
    left: Expression
    right: Expression
    source: str = ""
    """The expression as written, for messages of faults in the run."""


class ConditionalExpression(Model):
    """`condition ? then : otherwise`."""

    kind: Literal["conditional"] = "conditional"
    condition: Expression
    then: Expression
    otherwise: Expression


class Interpolation(Model):
    """Text built of pieces; each value in its text form (`pipec.runtime.values.to_text`)."""

    kind: Literal["interpolation"] = "interpolation"
    parts: tuple[Expression, ...]


class FunctionCall(Model):
    """A built-in function: len min max sum any all round lower upper replace split join format basename env.

    Arguments are positional, in the order of `pipec.runtime.functions`.
    """

    kind: Literal["call"] = "call"
    function: str
    arguments: tuple[Expression, ...]
    source: str = ""


class IndexOperation(Model):
    """`base[index]` of a list or a dict, and `base.name` of a json value or record (a string index)."""

    kind: Literal["index"] = "index"
    base: Expression
    index: Expression
    source: str = ""


class ListExpression(Model):
    kind: Literal["list"] = "list"
    items: tuple[Expression, ...]


class DictEntry(Model):
    key: str
    value: Expression


class DictExpression(Model):
    kind: Literal["dict"] = "dict"
    entries: tuple[DictEntry, ...]


Expression = Annotated[
    LiteralValue
    | ParameterReference
    | RunReference
    | OutputReference
    | ItemReference
    | UnaryOperation
    | BinaryOperation
    | ConditionalExpression
    | Interpolation
    | FunctionCall
    | IndexOperation
    | ListExpression
    | DictExpression,
    Tagged("kind"),
]


def children(expression: Expression) -> tuple[Expression, ...]:
    """The direct operands of an expression, in source order."""
    match expression:
        case UnaryOperation(operand=operand):
            return (operand,)
        case BinaryOperation(left=left, right=right):
            return (left, right)
        case ConditionalExpression(condition=condition, then=then, otherwise=otherwise):
            return (condition, then, otherwise)
        case Interpolation(parts=parts):
            return parts
        case FunctionCall(arguments=arguments):
            return arguments
        case IndexOperation(base=base, index=index):
            return (base, index)
        case ListExpression(items=items):
            return items
        case DictExpression(entries=entries):
            return tuple(entry.value for entry in entries)
        case _:
            return ()


def walk(expression: Expression) -> list[Expression]:
    """The expression and everything in it, outermost first."""
    found = [expression]
    for child in children(expression):
        found.extend(walk(child))
    return found


def outputs_used(expression: Expression) -> list[OutputReference]:
    """The task outputs an expression reads, in source order, with repeats."""
    return [part for part in walk(expression) if isinstance(part, OutputReference)]
