"""The IR as text for people: what was made of a file, in a few lines a task."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

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
)
from pipec.ir.model import (
    ApprovalRequest,
    CombinedSchedule,
    CommandLine,
    ContainerImage,
    Decision,
    GateCheck,
    Implementation,
    NotebookFile,
    Pipeline,
    PipelineCall,
    Program,
    PythonFunction,
    Schedule,
    ShellScript,
    SqlQuery,
    Task,
    WaitCondition,
)
from pipec.ir.types import quote


def printout(program: Program) -> str:
    """All pipelines of a program, ending in a newline. For reading, not for parsing."""
    lines = [f"program {program.source}"]
    for key, pipeline in program.pipelines.items():
        lines.append("")
        lines.extend(_pipeline(key, pipeline))
    lines.extend(f"\ntest {quote(test.title)} for {test.pipeline}" for test in program.tests)
    return "\n".join(lines) + "\n"


def _pipeline(key: str, pipeline: Pipeline) -> Iterator[str]:
    yield f"pipeline {key}"
    for parameter in pipeline.parameters:
        default = "" if parameter.default is None else f" = {expression_text(parameter.default)}"
        yield f"  parameter {parameter.name}: {parameter.type}{default}"
    if pipeline.schedule is not None:
        yield f"  schedule {_schedule(pipeline.schedule)}"
    for name in ("start", "end", "max_active_runs", "concurrency", "deadline", "owner"):
        value = getattr(pipeline, name)
        if value is not None:
            yield f"  {name} {value}"
    if pipeline.catchup:
        yield "  catchup"
    if pipeline.tags:
        yield f"  tags {' '.join(pipeline.tags)}"
    for region in pipeline.maps:
        yield f"  map {region.name}: {region.variable} in {expression_text(region.items)}"
    for task in pipeline.tasks:
        yield from (f"  {line}" for line in _task(task))
    if pipeline.returns is not None:
        yield f"  return {expression_text(pipeline.returns)}"


def _task(task: Task) -> Iterator[str]:
    outputs = ", ".join(f"{output.name}: {output.type}" for output in task.outputs)
    yield f"task {task.id}" + (f" -> {{ {outputs} }}" if outputs else "")
    if task.upstream:
        yield f"  after {', '.join(task.upstream)}"
    if task.trigger_rule != "all_success":
        yield f"  when {task.trigger_rule}"
    for side in task.branches:
        yield f"  in the {'if' if side.taken else 'else'} side of {side.decision}"
    if task.map is not None:
        yield f"  in map {task.map}"
    if task.group is not None:
        yield f"  in group {task.group}"
    if task.is_finally:
        yield "  in finally"
    for given in task.inputs:
        yield f"  input {given.name}: {given.type} = {expression_text(given.value)}"
    yield f"  does {implementation_text(task.implementation)}"
    for requirement in task.requirements:
        yield f"  require {expression_text(requirement.condition)}"
    options = task.options.model_dump(exclude_defaults=True)
    for name, value in sorted(options.items()):
        yield f"  {name} {json.dumps(value, sort_keys=True, ensure_ascii=False)}"


def implementation_text(implementation: Implementation) -> str:
    """What a task does, on one line but for the texts of scripts and queries."""
    match implementation:
        case PythonFunction(module=module, function=function):
            return f"python {module}:{function}"
        case ShellScript(text=text):
            return f"shell {quote(text)}"
        case CommandLine(arguments=arguments):
            return f"command [{_joined(arguments)}]"
        case ContainerImage(image=image, command=command, arguments=arguments):
            return f"image {expression_text(image)} [{_joined(command)}] [{_joined(arguments)}]"
        case NotebookFile(path=path):
            return f"notebook {path}"
        case SqlQuery(text=text, file=file):
            return f"sql {quote(text)}" if text is not None else f"sql file {file}"
        case PipelineCall(pipeline=called):
            return f"pipeline {called}"
        case Decision(condition=condition):
            return f"decide {expression_text(condition)}"
        case GateCheck():
            return "check the requirements"
        case ApprovalRequest(message=message):
            return "ask for approval" if message is None else f"ask {expression_text(message)}"
        case WaitCondition(condition=condition, arguments=named):
            given = ", ".join(f"{name} = {expression_text(value)}" for name, value in named.items())
            return f"wait for {condition}({given})"


def _schedule(schedule: Schedule) -> str:
    match schedule:
        case CombinedSchedule(kind=kind, members=members):
            return "(" + f" {kind} ".join(_schedule(member) for member in members) + ")"
        case _:
            fields = schedule.model_dump(exclude={"kind"})
            return f"{schedule.kind}({', '.join(f'{name} = {value}' for name, value in fields.items())})"


Spell = Callable[[Expression], str | None]
"""How an expression is written by somebody's own rules; None where they have none for it."""


def expression_text(expression: Expression, spell: Spell | None = None) -> str:
    """An expression on one line, with parentheses around every operation inside another.

    Values are JSON and outputs `task.output`, unless `spell` has something to say.
    """
    if spell is not None and (spelt := spell(expression)) is not None:
        return spelt

    def text(part: Expression) -> str:
        return expression_text(part, spell)

    def operand(part: Expression) -> str:
        nests = isinstance(part, UnaryOperation | BinaryOperation | ConditionalExpression)
        return f"({text(part)})" if nests else text(part)

    match expression:
        case LiteralValue(value=value):
            return quote(value) if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        case ParameterReference(name=name):
            return name
        case RunReference(field=field):
            return f"run.{field}"
        case OutputReference(task=task, output=output, mapped=mapped):
            return f"{task}[*].{output}" if mapped else f"{task}.{output}"
        case ItemReference(map=map):
            return f"item of {map}"
        case UnaryOperation(operator=operator, operand=inner):
            return f"{operator} {operand(inner)}" if operator == "not" else f"{operator}{operand(inner)}"
        case BinaryOperation(operator=operator, left=left, right=right):
            return f"{operand(left)} {operator} {operand(right)}"
        case ConditionalExpression(condition=condition, then=then, otherwise=otherwise):
            return f"{operand(condition)} ? {operand(then)} : {operand(otherwise)}"
        case Interpolation(parts=parts):
            return '"' + "".join(_piece(part, spell) for part in parts) + '"'
        case FunctionCall(function=function, arguments=arguments):
            return f"{function}({_joined(arguments, spell)})"
        case IndexOperation(base=base, index=index):
            return f"{operand(base)}[{text(index)}]"
        case ListExpression(items=items):
            return f"[{_joined(items, spell)}]"
        case DictExpression(entries=entries):
            return "{ " + ", ".join(f"{_key(entry.key)}: {text(entry.value)}" for entry in entries) + " }"


def _key(key: str) -> str:
    return key if key.isidentifier() else quote(key)


def _joined(expressions: tuple[Expression, ...], spell: Spell | None = None) -> str:
    return ", ".join(expression_text(expression, spell) for expression in expressions)


def _piece(part: Expression, spell: Spell | None) -> str:
    if isinstance(part, LiteralValue) and isinstance(part.value, str):
        return quote(part.value)[1:-1]
    return f"${{{expression_text(part, spell)}}}"
