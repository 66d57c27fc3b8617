"""Pipelines of the IR in few words, for tests that start behind the front end.

pipeline(task("a"), task("b", after="a", rule="all_done"))
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pipec.engine.events import RunContext
from pipec.ir.base import Location
from pipec.ir.expressions import (
    BinaryOperation,
    Expression,
    LiteralValue,
    Operator,
    OutputReference,
    ParameterReference,
    RunField,
    RunReference,
)
from pipec.ir.model import (
    BranchSide,
    CommandLine,
    Decision,
    GateCheck,
    Implementation,
    Input,
    Options,
    Output,
    Parameter,
    Pipeline,
    PythonFunction,
    Requirement,
    Retry,
    Task,
    TriggerRule,
)
from pipec.ir.types import (
    BOOL,
    DATE,
    DATETIME,
    FLOAT,
    INT,
    JSON,
    NULL,
    STR,
    DictType,
    ListType,
    RecordField,
    RecordType,
    ScalarType,
    Type,
    optional,
)

HERE = Location(file="test.pipe", start=0, end=0, line=1, column=1, end_line=1, end_column=1)

CONTEXT = RunContext(
    id="run1",
    pipeline="p",
    date="2026-01-02",
    timestamp="2026-01-02T03:04:05+00:00",
    interval_start="2026-01-01T03:04:05+00:00",
    interval_end="2026-01-02T03:04:05+00:00",
)


def names(given: str) -> tuple[str, ...]:
    """`"a b"` and `"a, b"` are two names."""
    return tuple(given.replace(",", " ").split())


# --- types and expressions -----------------------------------------------------------------------


def type_of(value: Any) -> Type:
    """The type the language gives a literal of this JSON value."""
    match value:
        case None:
            return NULL
        case bool():
            return BOOL
        case int():
            return INT
        case float():
            return FLOAT
        case str():
            return STR
        case list():
            return ListType(element=type_of(value[0]) if value else JSON)
        case _:
            return DictType(value=type_of(next(iter(value.values()))) if value else JSON)


def type_named(text: str) -> Type:
    """A type by its text: scalars, `T?`, `list[T]`, `dict[str, T]`."""
    if text.endswith("?"):
        return optional(type_named(text[:-1]))
    if text.startswith("list["):
        return ListType(element=type_named(text[5:-1]))
    if text.startswith("dict[str, "):
        return DictType(value=type_named(text[10:-1]))
    return ScalarType.model_validate({"name": text})


def record(**fields: str) -> RecordType:
    """A record type of fields given by their types' texts."""
    return RecordType(fields=tuple(RecordField(name=name, type=type_named(text)) for name, text in fields.items()))


def literal(value: Any, type: str | None = None) -> LiteralValue:
    """A literal; its type is that of the value where none is given."""
    return LiteralValue(value=value, type=type_named(type) if type else type_of(value))


def output(reference: str, type: str = "int") -> OutputReference:
    """`"extract.rows"`, or `"extract"` for a single output."""
    task_id, _, name = reference.partition(".")
    return OutputReference(task=task_id, output=name or "output", type=type_named(type))


def parameter_value(name: str, type: str = "int") -> ParameterReference:
    return ParameterReference(name=name, type=type_named(type))


def run_value(field: RunField) -> RunReference:
    """`run.field` with the type the language gives it."""
    types: Mapping[str, Type] = {"date": DATE, "attempt": INT}
    is_time = field in ("timestamp", "interval_start", "interval_end")
    return RunReference(field=field, type=DATETIME if is_time else types.get(field, STR))


def binary(left: Any, operator: Operator, right: Any, source: str = "") -> BinaryOperation:
    """An operation; operands that are no expressions are literals."""
    return BinaryOperation(operator=operator, left=expression(left), right=expression(right), source=source)


def expression(value: Any) -> Expression:
    """An expression as it is, anything else as a literal."""
    return value if hasattr(value, "kind") else literal(value)


# --- tasks and pipelines -------------------------------------------------------------------------


def task(
    id: str,
    *,
    after: str = "",
    rule: TriggerRule = "all_success",
    inputs: Mapping[str, Any] | None = None,
    outputs: Mapping[str, str] | str = "",
    require: Sequence[Requirement] = (),
    retry: Retry | None = None,
    side: Sequence[tuple[str, bool]] = (),
    is_finally: bool = False,
    priority: int | None = None,
    implementation: Implementation | None = None,
) -> Task:
    """A python task, or one of the implementation given.

    `outputs` holds types by name, or is the type of a single unnamed output. Tasks that inputs read become upstream
    tasks. `side` lists decisions and the side of each the task stands in.
    """
    given = tuple(Input(name=name, type=JSON, value=expression(value)) for name, value in (inputs or {}).items())
    read = [part.value.task for part in given if isinstance(part.value, OutputReference)]
    by_name = {"output": outputs} if isinstance(outputs, str) and outputs else dict(outputs or {})
    return Task(
        id=id,
        name=id.partition("[")[0],
        inputs=given,
        outputs=tuple(Output(name=name, type=type_named(text)) for name, text in by_name.items()),
        single_output=isinstance(outputs, str) and bool(outputs),
        upstream=tuple(dict.fromkeys([*read, *names(after)])),
        trigger_rule=rule,
        implementation=implementation or PythonFunction(module="steps", function=id),
        requirements=tuple(require),
        options=Options(retry=retry, priority=priority),
        branches=tuple(BranchSide(decision=decision, taken=taken) for decision, taken in side),
        is_finally=is_finally,
        location=HERE,
    )


def command(id: str, *arguments: Any, after: str = "") -> Task:
    """A command task; arguments that are no expressions are literals."""
    return task(id, after=after, implementation=CommandLine(arguments=tuple(map(expression, arguments))))


def decision(id: str, condition: Any, **options: Any) -> Task:
    """The task of an `if`."""
    return task(id, implementation=Decision(condition=expression(condition)), outputs="bool", **options)


def gate(id: str, *requirements: Requirement, **options: Any) -> Task:
    return task(id, implementation=GateCheck(), require=requirements, **options)


def require(condition: Any, message: Any = None, source: str = "") -> Requirement:
    return Requirement(
        condition=expression(condition),
        message=None if message is None else expression(message),
        source=source,
        location=HERE,
    )


def parameter(name: str, type: str = "int", default: Any = None) -> Parameter:
    value = None if default is None else expression(default)
    return Parameter(name=name, type=type_named(type), default=value, location=HERE)


def pipeline(*tasks: Task, name: str = "p", **fields: Any) -> Pipeline:
    return Pipeline(name=name, tasks=tasks, location=HERE, **fields)
