"""What the writers of all kinds of tasks are given, and what they give back."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property

from pipec.analysis.pods import runs_in_pod
from pipec.frozen import Frozen
from pipec.ir.expressions import Expression, LiteralValue
from pipec.ir.model import NO_OPTIONS, Input, Parameter, Pipeline, Program, Task
from pipec.ir.traverse import task_expressions

from .alerts import task_arguments
from .bodies import BodyBuilder
from .escape import jinja_escape
from .expressions import Surroundings
from .layout import Call, Node, lay_out
from .literals import docstring, py, text_source, timedelta_source
from .loops import Loop
from .names import Names
from .options import OPTIONS
from .pods.executor import executor_arguments
from .reading import Family, Reader
from .references import context_keys
from .schedule import asset_arguments
from .versions import Version
from .views import FunctionView

Arguments = list[tuple[str | None, Node]]
"""Arguments of a call in order; one without a name is positional."""


class Written(Frozen):
    """A task as it stands in the file.

    `creation` makes it in the DAG; `functions` stand at the top level; `reads` are the tasks and `maps` the maps whose
    values its creation is given as arguments, so that they draw edges; `macros` are functions that its templates call.
    """

    task: Task
    creation: Node
    functions: tuple[FunctionView, ...] = ()
    reads: tuple[str, ...] = ()
    maps: tuple[str, ...] = ()
    macros: tuple[str, ...] = ()
    function_name: str | None = None
    """Of a `@task` function: its name, for `function.partial(…).expand(…)`."""


class Setting(Frozen):
    """The pipeline as it is lowered, what everything in it is called, and what tasks have in common.

    `version` is that of Airflow; `program` holds the pipeline as it was written; `list_tasks` the task that gives the
    list of each map; `guards` what is checked before a task runs, where Airflow's own rules do not do; `shared` the
    arguments that `default_args` has already; `rules` the trigger rules on Airflow. `plain_decisions` are decisions
    that are no branch operators; `loops` says which instances of a loop share a function.
    """

    version: Version
    program: Program
    pipeline: Pipeline
    names: Names
    reserved: frozenset[str]
    list_tasks: Mapping[str, str]
    guards: Mapping[str, Node]
    shared: Mapping[str, Node]
    rules: Mapping[str, str]
    plain_decisions: frozenset[str]
    loops: Mapping[str, Loop]

    @cached_property
    def tasks(self) -> Mapping[str, Task]:
        return {task.id: task for task in self.pipeline.tasks}

    @cached_property
    def parameters(self) -> Mapping[str, Parameter]:
        return {parameter.name: parameter for parameter in self.pipeline.parameters}

    def with_names(self, names: Names) -> Setting:
        """The same with other names."""
        return replace(self, names=names)

    @property
    def reader(self) -> Reader:
        return Reader(self.names, self.tasks, self.list_tasks)

    def value_of(self, id: str) -> str:
        """What a task returned: a function that is called as a task gives it by itself, an operator has it."""
        variable, task = self.names.variables[id], self.tasks[id]
        is_operator = task.implementation.kind == "wait" or runs_in_pod(task)
        return f"{variable}.output" if is_operator else variable

    def surroundings(self, own: str | None = None, families: tuple[Family, ...] = ()) -> Surroundings:
        """What expressions refer to; `own` is the task they stand in, `families` are loops that one argument holds."""
        return Surroundings(self.names, self.tasks, self.parameters, own, families)

    def body(
        self,
        task: Task,
        pulled: tuple[str, ...],
        parameters: tuple[str, ...] = (),
        families: tuple[Family, ...] = (),
    ) -> BodyBuilder:
        """A writer of the body of a function of a task."""
        return BodyBuilder(task, self.surroundings(task.id, families), parameters, self.reserved, pulled)

    def operator(self, name: str, task: Task, own: Arguments) -> Call:
        """An operator that is no `@task` function: `own` arguments stand between its id and what all tasks take."""
        causes = retried_causes(task)
        if causes is not None and not self.version.has_retry_policy:
            name = self.version.retried_operators[name]
            own = [*own, ("retried_on", py(list(causes)))]
        arguments: Arguments = [("task_id", py(self.names.ids[task.id])), *own, *self.common_arguments(task)]
        doc = task_doc(task)
        if doc:
            arguments.append(("doc_md", text_source(doc)))
        return Call(name, tuple(arguments))

    def common_arguments(self, task: Task) -> Iterator[tuple[str | None, Node]]:
        """What every kind of task takes: rule, attempts, pool and the like, checks, alerts, assets."""
        options = task.options
        rule = self.rules[task.id]
        if rule != "all_success" and not task.is_finally:
            yield "trigger_rule", py(rule)
        if task.id in self.guards:
            yield "pre_execute", self.guards[task.id]
        if options is not NO_OPTIONS:
            attempts = attempt_arguments(task, self.version)
            yield from ((name, node) for name, node in attempts if self.shared.get(name) != node)
        if task.implementation.kind in WAITING:
            yield from ((name, node) for name, node in _NO_ATTEMPTS.items() if name in self.shared)
        if options is not NO_OPTIONS or task.targets:
            yield from self._native_arguments(task)
        if task.map is not None:
            limit = next((one.max_parallel for one in self.pipeline.maps if one.name == task.map), None)
            if limit is not None:
                yield "max_active_tis_per_dagrun", py(limit)
        if options is not NO_OPTIONS:
            yield from executor_arguments(self.pipeline, task)
        yield from task_arguments(task)
        yield from asset_arguments(task, self.version)

    def _native_arguments(self, task: Task) -> Iterator[tuple[str, Node]]:
        """Options that Airflow has as well, and those of the target block."""
        options = task.options
        native = {"pool": options.pool, "queue": options.queue, "priority_weight": options.priority}
        if options.priority is not None and "weight_rule" not in self.shared:
            native["weight_rule"] = "absolute"
        own = {name: value for name, value in task.targets.get("airflow", {}).items() if name in OPTIONS.task}
        for name, value in {**{name: value for name, value in native.items() if value is not None}, **own}.items():
            yield name, py(value)


WAITING = frozenset({"wait", "approval"})
"""Kinds of tasks whose timeout is how long they wait, an argument of their own, and which are not tried again."""

UNTRIED = frozenset({"decision", "gate", "values", "items"}) | WAITING
"""Kinds of tasks that have no attempts: those that fail do so for good."""

_NO_ATTEMPTS = {"retries": "0", "execution_timeout": "None"}


class Fields:
    """The templated fields of an operator.

    A text known when compiling is escaped. Everything else is computed by one function of the task, a macro of the DAG
    that the templates call: no value is ever pasted into a template.
    """

    def __init__(self, task: Task, setting: Setting) -> None:
        self._task = task
        self._setting = setting
        self._texts: dict[str, Expression] = {}
        self._inputs: dict[str, Input] = {}

    def text(self, key: str, expression: Expression) -> Node:
        """The text of an expression as the source of a templated string; `key` is its name among the task's fields."""
        if isinstance(expression, LiteralValue) and isinstance(expression.value, str):
            return py(jinja_escape(expression.value))
        self._texts[key] = expression
        return self._template(key)

    def input(self, given: Input) -> Node:
        """The text form of an input, as programs get it in a variable of its name."""
        self._inputs[given.name] = given
        return self._template(given.name)

    def _template(self, key: str, filter: str = "") -> str:
        """The template of a field, with a filter behind it where Airflow is not the last to read it."""
        name = self._setting.names.field_functions[self._task.id]
        return py(f"{{{{ {name}({', '.join(self._context())})[{key!r}]{filter} }}}}")

    def _context(self) -> list[str]:
        """All keys of the context, so that templates written early call the function as it is in the end."""
        expressions = [expression for _, expression in task_expressions(self._task)]
        reads = self._setting.reader.of_fields(self._task, expressions)
        return context_keys(expressions, self._setting.parameters, ["ti"] if reads.pulled else [])

    def functions(self) -> tuple[FunctionView, ...]:
        """The function that computes the fields; none where all are known when compiling."""
        if not (self._texts or self._inputs):
            return ()
        expressions = [expression for _, expression in task_expressions(self._task)]
        reads = self._setting.reader.of_fields(self._task, expressions)
        body = self._setting.body(self._task, reads.pulled, tuple(self._context()))
        name = self._setting.names.field_functions[self._task.id]
        return (
            FunctionView(
                decorator=None,
                header=f"def {name}({', '.join(self._context())}):",
                docstring=f'"""What templates of `{self._setting.names.ids[self._task.id]}` ask for."""',
                body=body.fields(self._texts, self._inputs),
            ),
        )

    def macros(self) -> tuple[str, ...]:
        """The names of `functions()`."""
        return (self._setting.names.field_functions[self._task.id],) if self._texts or self._inputs else ()


def expressions_of(task: Task) -> list[Expression]:
    """Every expression that the task's function computes, in source order."""
    return [expression for _, expression in task_expressions(task)]


def task_doc(task: Task) -> str:
    """The documentation of a task, with its tags, which Airflow has none of."""
    tags = f"Tags: {', '.join(task.options.tags)}" if task.options.tags else ""
    return "\n\n".join(filter(None, [inspect.cleandoc(task.doc) if task.doc else "", tags]))


class SharedFunction(Frozen):
    """A function of several tasks: its name, and the arguments of its decorator."""

    name: str
    arguments: Arguments


def function_view(
    task: Task,
    setting: Setting,
    decorator: str,
    own: Arguments,
    parameters: Iterable[str],
    body: str,
    shared: SharedFunction | None = None,
) -> FunctionView:
    """A function under a decorator of Airflow: its `own` arguments stand behind the id, before those all tasks take.

    One that is `shared` by several tasks has no id, and only what they say alike.
    """
    id, name = setting.names.ids[task.id], setting.names.functions[task.id]
    arguments: Arguments = [("task_id", py(id))] if name != id else []
    arguments += [*own, *setting.common_arguments(task)]
    if shared is not None:
        name, arguments = shared.name, [*own, *shared.arguments]
    doc = task_doc(task)
    shown_doc = docstring(doc, 4) if doc and task.map is None else None  # of a mapped task Airflow does not look at it
    if doc and shown_doc is None:
        arguments.append(("doc_md", text_source(doc)))
    decorators = [lay_out(Call(decorator, tuple(arguments)), 0) if arguments else decorator]
    causes = retried_causes(task)
    if causes is not None and not setting.version.has_retry_policy:
        decorators.append(lay_out(Call("@retried_on", tuple((None, py(cause)) for cause in causes)), 0))
    return FunctionView(
        decorator="\n".join(decorators),
        header=lay_out(Call(f"def {name}", tuple((None, one) for one in parameters)), 0, after=1) + ":",
        docstring=shown_doc,
        body=body,
    )


def retried_causes(task: Task) -> tuple[str | int, ...] | None:
    """What a task is tried again after; None where that is any failure, or it is never tried again."""
    retry = task.options.retry
    is_tried = retry is not None and retry.max > 0 and task.implementation.kind not in UNTRIED
    return retry.on if retry is not None and is_tried else None


def attempt_arguments(task: Task, version: Version) -> Iterator[tuple[str, Node]]:
    """How often and how long a task is tried. What pipec itself adds, decisions and gates are tried once."""
    retry, timeout = task.options.retry, task.options.timeout
    if task.implementation.kind in UNTRIED:
        return
    if retry is not None and retry.max > 0:
        grows = retry.backoff != 1 and retry.delay > 0
        delay = retry.delay if grows or retry.max_delay is None else min(retry.delay, retry.max_delay)
        yield "retries", py(retry.max)
        yield "retry_delay", timedelta_source(delay)
        if grows:
            yield "retry_exponential_backoff", py(retry.backoff) if version.takes_backoff else "True"
            if retry.max_delay is not None:
                yield "max_retry_delay", timedelta_source(retry.max_delay)
        if retry.on is not None and version.has_retry_policy:
            yield "retry_policy", Call("RetryOn", tuple((None, py(cause)) for cause in retry.on))
    if timeout is not None:
        yield "execution_timeout", timedelta_source(timeout)
