"""Values, expressions and constructors as the language writes them, for people who compare two of them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from pipec.ir.expressions import (
    Expression,
    ItemReference,
    ListExpression,
    LiteralValue,
    OutputReference,
)
from pipec.ir.model import (
    Alert,
    ApprovalRequest,
    CommandLine,
    ContainerImage,
    Decision,
    GateCheck,
    Implementation,
    NotebookFile,
    Pipeline,
    PipelineCall,
    PythonFunction,
    Schedule,
    SecretReference,
    ShellScript,
    SqlQuery,
    WaitCondition,
)
from pipec.ir.printout import Spell, expression_text
from pipec.ir.types import (
    DATE,
    DATETIME,
    DURATION,
    FLOAT,
    SIZE,
    DictType,
    ListType,
    LiteralUnion,
    OptionalType,
    RecordType,
    Type,
    quote,
)
from pipec.semantics.keys import spell_key

_TOLD = {"bool", "int", "float", "str", "date", "datetime", "duration", "size", "null"}
"""Types that are told by how their values are written."""


def exact(expression: Expression) -> str | None:
    """Values with their types where these do not show: what is written alike means the same."""
    if not isinstance(expression, LiteralValue):
        return None
    text = typed_text(expression.value, expression.type)
    return text if _is_plain(expression.value, expression.type) else f"{text} ({expression.type})"


def as_written(pipeline: Pipeline) -> Spell:
    """As the pipeline's own text has it: the one output of a task by the task's name, all instances of a `for` by
    `train[*]`, items by the name of their variable.
    """
    single = {task.id for task in pipeline.tasks if task.single_output}
    variables = {region.name: region.variable for region in pipeline.maps}
    instances: dict[str, list[str]] = {}
    for task in pipeline.tasks:
        if task.keys:
            instances.setdefault(task.name, []).append(task.id)
    families = {tuple(ids): name for name, ids in instances.items()}

    def output(task: str, name: str, written: str) -> str:
        return written if task in single else f"{written}.{name}"

    def spell(expression: Expression) -> str | None:
        match expression:
            case LiteralValue(value=value, type=type):
                return typed_text(value, type)
            case OutputReference(task=task, output=name, mapped=mapped):
                return output(task, name, f"{task}[*]" if mapped else task)
            case ItemReference(map=map):
                return variables[map]
            case ListExpression(items=items):
                return every(items)
            case _:
                return None

    def every(items: tuple[Expression, ...]) -> str | None:
        """What an output of all instances is called; None of other lists."""
        read = [item for item in items if isinstance(item, OutputReference) and not item.mapped]
        family = families.get(tuple(item.task for item in read))
        if family is None or len(read) < len(items) or len({item.output for item in read}) > 1:
            return None
        return output(read[0].task, read[0].output, f"{family}[*]")

    return spell


def _is_plain(value: Any, type: Type) -> bool:
    """Whether the text of a value tells its type."""
    match type:
        case OptionalType(inner=inner):
            return value is None or _is_plain(value, inner)
        case ListType():
            return isinstance(value, list | tuple)
        case DictType() | RecordType():
            return isinstance(value, dict)
        case LiteralUnion():
            return isinstance(value, str)
        case _:
            return type.name in _TOLD


# --- values --------------------------------------------------------------------------------------


def typed_text(value: Any, type: Type) -> str:
    """A value of a type: `30s`, `4Gi`, `2026-01-01`, `1.0`, `"text"`."""
    match value, type:
        case None, _:
            return "null"
        case _, OptionalType(inner=inner):
            return typed_text(value, inner)
        case list() | tuple(), ListType(element=element):
            return f"[{', '.join(typed_text(item, element) for item in value)}]"
        case dict(), DictType(value=inner):
            return _entries((key, typed_text(item, inner)) for key, item in value.items())
        case dict(), RecordType(fields=fields):
            types = {field.name: field.type for field in fields}
            return _entries(
                (key, typed_text(item, types[key]) if key in types else plain_text(item)) for key, item in value.items()
            )
        case int() | float(), _ if type == DURATION:
            return duration_text(value)
        case int(), _ if type == SIZE:
            return size_text(value)
        case int(), _ if type == FLOAT:
            return plain_text(float(value))
        case str(), _ if type in (DATE, DATETIME):
            return value
        case _:
            return plain_text(value)


def plain_text(value: Any) -> str:
    """A value by what it is itself: text in quotes, lists and maps in brackets, a secret by its name."""
    match value:
        case str():
            return quote(value)
        case SecretReference(name=name):
            return f"secret({quote(name)})"
        case list() | tuple():
            return f"[{', '.join(map(plain_text, value))}]"
        case dict():
            return _entries((key, plain_text(item)) for key, item in value.items())
        case _:
            return json.dumps(value, ensure_ascii=False)


def duration_text(seconds: float) -> str:
    """Seconds as a duration; what is no whole number of milliseconds keeps all its digits."""
    if round(seconds * 1000) != seconds * 1000:
        return f"{seconds!r}s"
    return spell_key(LiteralValue(value=seconds, type=DURATION))


def size_text(size: int) -> str:
    """Bytes in the largest unit that divides them."""
    return spell_key(LiteralValue(value=size, type=SIZE))


def _entries(entries: Iterable[tuple[str, str]]) -> str:
    shown = ", ".join(f"{key if key.isidentifier() else quote(key)}: {text}" for key, text in entries)
    return f"{{ {shown} }}" if shown else "{}"


# --- constructors --------------------------------------------------------------------------------


def implementation_text(implementation: Implementation, spell: Spell) -> str:
    """What a task does, without the options that stand apart from its constructor."""

    def listed(expressions: Iterable[Expression]) -> str:
        return f"[{', '.join(expression_text(one, spell) for one in expressions)}]"

    match implementation:
        case PythonFunction(module=module, function=function):
            return f"python({quote(f'{module}:{function}')})"
        case ShellScript(text=text):
            return f"shell({raw(text)})"
        case CommandLine(arguments=arguments):
            return f"command({listed(arguments)})"
        case ContainerImage(image=image, command=command, arguments=arguments):
            parts = [expression_text(image, spell)]
            parts += [f"command = {listed(command)}"] if command else []
            parts += [f"args = {listed(arguments)}"] if arguments else []
            return f"image({', '.join(parts)})"
        case NotebookFile(path=path):
            return f"notebook({quote(path)})"
        case SqlQuery(text=text, file=file, connection=connection):
            parts = [f"file({quote(file)})"] if file is not None else []
            parts += [raw(text)] if text is not None else []
            parts += [f"conn = {quote(connection)}"] if connection is not None else []
            return f"sql({', '.join(parts)})"
        case PipelineCall(pipeline=called):
            return f"pipeline {called}"
        case Decision(condition=condition):
            return f"if {expression_text(condition, spell)}"
        case GateCheck():
            return "gate"
        case ApprovalRequest():
            return "approval"
        case WaitCondition(condition=condition, arguments=arguments):
            return f"wait {condition}({_named(arguments, spell)})"


def _named(arguments: Mapping[str, Expression], spell: Spell) -> str:
    return ", ".join(f"{name} = {expression_text(arguments[name], spell)}" for name in sorted(arguments))


def raw(text: str) -> str:
    """A text that is not interpolated, in single quotes; one of several lines stands on lines of its own."""
    if "'" in text and "\n" not in text:
        return quote(text)
    return f"'''\n{text}\n'''" if "\n" in text else f"'{text}'"


def schedule_text(schedule: Schedule) -> str:
    """A schedule; the order of what is joined by `and` and `or` is none of its meaning."""
    match schedule.kind:
        case "cron":
            zone = "" if schedule.timezone == "UTC" else f", timezone = {quote(schedule.timezone)}"
            return f"cron({quote(schedule.expression)}{zone})"
        case "every":
            return f"every({duration_text(schedule.interval)})"
        case "asset":
            return f"asset({quote(schedule.uri)})"
        case joint:
            nested = [(schedule_text(one), one.kind in ("and", "or")) for one in schedule.members]
            return f" {joint} ".join(sorted(f"({text})" if nests else text for text, nests in nested))


def channel_text(alert: Alert) -> str:
    """Who is told: `slack("#ml", user = "a")`."""
    given = ", ".join(f"{name} = {plain_text(alert.arguments[name])}" for name in sorted(alert.arguments))
    return f"{alert.channel}({given})"
