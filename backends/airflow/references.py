"""What expressions refer to, and which of them may have no value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pipec.ir.expressions import (
    BinaryOperation,
    Expression,
    FunctionCall,
    IndexOperation,
    LiteralValue,
    OutputReference,
    ParameterReference,
    RunReference,
    walk,
)
from pipec.ir.model import Parameter

RUN_FIELDS = {
    "date": ("run_timestamp(dag_run).date()", "dag_run"),
    "timestamp": ("run_timestamp(dag_run)", "dag_run"),
    "interval_start": ("run_interval_start(dag_run)", "dag_run"),
    "interval_end": ("run_interval_end(dag_run)", "dag_run"),
    "id": ("dag_run.run_id", "dag_run"),
    "attempt": ("ti.try_number", "ti"),
    "pipeline": ("dag_run.dag_id", "dag_run"),
    "url": ("run_url(ti)", "ti"),
}
"""The source of each field of `run`, and the key of Airflow's context it needs."""


def is_computed(parameter: Parameter) -> bool:
    """Whether the default of a parameter is known only when the run starts."""
    return parameter.default is not None and not isinstance(parameter.default, LiteralValue)


def upstream_read(expressions: Iterable[Expression], own: str | None = None) -> list[str]:
    """The tasks whose outputs are read, in the order of first use, without the task `own` itself."""
    found = (part.task for expression in expressions for part in walk(expression) if isinstance(part, OutputReference))
    return [task for task in dict.fromkeys(found) if task != own]


def context_keys(
    expressions: Iterable[Expression], parameters: Mapping[str, Parameter], more: Iterable[str] = ()
) -> list[str]:
    """The keys of Airflow's context that the source of these expressions needs, and those of `more`."""
    keys = set(more)
    for expression in expressions:
        for part in walk(expression):
            match part:
                case RunReference(field=name):
                    keys.add(RUN_FIELDS[name][1])
                case ParameterReference(name=name):
                    keys.add("params")
                    default = parameters[name].default
                    if default is not None and is_computed(parameters[name]):
                        keys.update(context_keys([default], parameters))
    return [key for key in ("params", "dag_run", "ti") if key in keys]


def failing_part(expression: Expression) -> str | None:
    """The expression as written where computing it may fail, as a division may; None where it cannot."""
    for part in walk(expression):
        if isinstance(part, BinaryOperation | FunctionCall | IndexOperation) and _may_fail(part):
            written = getattr(expression, "source", "") or part.source
            return written or part.kind
    return None


def _may_fail(part: BinaryOperation | FunctionCall | IndexOperation) -> bool:
    match part:
        case IndexOperation() | FunctionCall(function="min" | "max" | "env" | "split" | "format"):
            return True
        case BinaryOperation(operator="/" | "%", right=LiteralValue(value=divisor)) if divisor:
            pass
        case BinaryOperation(operator="/" | "%"):
            return True
        case BinaryOperation(operator="*") if any(_is_time(leaf) for leaf in walk(part)):
            return True  # a duration has limits
        case BinaryOperation(operator="==" | "!=" | "??" | "and" | "or"):
            return False
    return any(str(getattr(leaf, "type", "")).startswith("json") for leaf in walk(part))


def _is_time(leaf: Expression) -> bool:
    return str(getattr(leaf, "type", "")).removesuffix("?") in ("date", "datetime", "duration")
