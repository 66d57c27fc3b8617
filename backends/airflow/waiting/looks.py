"""Waits that look at something: `Wait`, a sensor that stands in the generated file, and a function of each that looks.

Airflow's own sensors mean other things: `FileSensor` needs a connection and knows no `**`, `S3KeySensor` lets `*`
stand for slashes, `ExternalTaskSensor` wants equal logical dates, which runs by hand or by assets have none of, and
`AwaitMessageSensor` knows no group of which each takes one message.
"""

from __future__ import annotations

from pipec.ir.expressions import LiteralValue
from pipec.ir.model import Input, Options, Output, PythonFunction, Task, WaitCondition
from pipec.ir.types import BOOL, JSON, STR
from pipec.semantics.references import function_reference

from ..bodies import BodyBuilder
from ..layout import Call, ListNode, Node
from ..literals import py, timedelta_source
from ..references import RUN_FIELDS, context_keys
from ..schedule import asset
from ..setting import Arguments, Setting, Written, expressions_of
from ..views import FunctionView
from .other_tasks import other_task
from .timing import timeout_source

_RUN_FIELDS = {"task": "date", "asset": "interval_start", "message": "interval_start"}
"""What of the run itself a look asks for."""


def write_look(task: Task, setting: Setting) -> Written:
    """The sensor and its function."""
    wait = task.implementation
    assert isinstance(wait, WaitCondition)
    arguments: Arguments = [
        ("look", setting.names.functions[task.id]),
        ("poke_interval", timedelta_source(wait.poll)),
        ("timeout", timeout_source(task)),
    ]
    if wait.on_timeout == "skip":
        arguments.append(("on_timeout", py("skip")))
    if wait.condition != "python":
        arguments.append(("silent_fail", "True"))
    uri = wait.arguments.get("uri")
    if wait.condition == "asset" and isinstance(uri, LiteralValue):
        arguments.append(("inlets", ListNode((asset(uri.value, setting.version),))))
    operator = "WaitForMessage" if wait.condition == "message" else "Wait"
    return Written(task, setting.operator(operator, task, arguments), (_function(task, wait, setting),))


def _function(task: Task, wait: WaitCondition, setting: Setting) -> FunctionView:
    expressions = expressions_of(task)
    reads = setting.reader.of_fields(task, expressions)
    more = ["ti"] if reads.pulled or wait.condition == "task" else []
    if wait.condition in _RUN_FIELDS:
        more.append(RUN_FIELDS[_RUN_FIELDS[wait.condition]][1])
    context = context_keys(expressions, setting.parameters, more)
    if wait.condition == "python":
        body = setting.body(_predicate(task, wait), reads.pulled, tuple(context)).build()
    else:
        builder = setting.body(_with_inputs(task, wait), reads.pulled, tuple(context))
        for statement in reads.pulled:
            builder.writer.line(statement)
        builder.writer.statement(_call(wait, builder, task, setting), "return ")
        body = builder.writer.text
    return FunctionView(
        decorator=None,
        header=f"def {setting.names.functions[task.id]}({', '.join(context)}):",
        docstring=f'"""Whether there is what `{setting.names.ids[task.id]}` waits for."""',
        body=body,
    )


def _predicate(task: Task, wait: WaitCondition) -> Task:
    """A python task that calls the predicate."""
    given = {name: value for name, value in wait.arguments.items() if name != "function"}
    inputs = (Input(name=name, type=wait.argument_types.get(name, JSON), value=value) for name, value in given.items())
    named = wait.arguments["function"]
    assert isinstance(named, LiteralValue)
    function = function_reference(named.value)
    assert function is not None
    return task.model_copy(
        update={
            "implementation": PythonFunction(module=function.module, function=function.function),
            "inputs": tuple(inputs),
            "outputs": (Output(name="output", type=BOOL),),
            "single_output": True,
            "options": Options(),
        }
    )


def _with_inputs(task: Task, wait: WaitCondition) -> Task:
    """The task with the arguments of the wait as inputs."""
    inputs = (Input(name=name, type=STR, value=value) for name, value in wait.arguments.items())
    return task.model_copy(update={"inputs": tuple(inputs)})


def _call(wait: WaitCondition, builder: BodyBuilder, task: Task, setting: Setting) -> Node:
    """The call of the helper that looks, with the arguments of the wait."""
    given = dict(builder.inputs())
    match wait.condition:
        case "file":
            return Call("file_is_there", ((None, given["glob"]),))
        case "object":
            return Call("object_is_there", ((None, given["uri"]),))
        case "asset":
            return Call("asset_was_updated", ((None, given["uri"]), (None, RUN_FIELDS["interval_start"][0])))
        case "message":
            group: Node = given.get("group") or py(f"pipec.{setting.pipeline.name}.{task.id}")
            others = [(name, given[name]) for name in ("servers", "key") if name in given]
            since = ("since", RUN_FIELDS["interval_start"][0])
            return Call("next_message", ((None, given["topic"]), ("group", group), since, *others))
        case "task":
            return Call("task_succeeded", ((None, "ti"), *_named(wait, given["task"], setting)))
    raise TypeError(f"{wait.condition} is looked at by a function of its own")


def _named(wait: WaitCondition, given: Node, setting: Setting) -> list[tuple[str | None, Node]]:
    """The DAG, the ids, the date and the time zone of a task that is waited for."""
    text, timezone = wait.arguments["task"], setting.pipeline.timezone
    date = RUN_FIELDS["date"][0]
    if not isinstance(text, LiteralValue):
        return [(None, Call("*task_named", ((None, given),))), (None, date), (None, py(timezone))]
    other = other_task(text.value, setting.program, timezone)
    return [(None, py(other.dag_id)), (None, py(list(other.ids))), (None, date), (None, py(other.timezone))]
