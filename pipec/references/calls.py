"""The Python functions that a program calls: with what, for what, and where that is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pipec.api import Loaded
from pipec.frozen import Frozen
from pipec.ir.expressions import LiteralValue
from pipec.ir.model import Alert, Pipeline, PythonFunction, Task, WaitCondition
from pipec.ir.traverse import location_of
from pipec.ir.types import BOOL, STR, Type, optional
from pipec.references.writing import Writing
from pipec.semantics.references import function_reference
from pipec.syntax.source import Span

_FACTS: Mapping[str, Type] = {
    **dict.fromkeys(("event", "pipeline", "run_id"), STR),
    "task": optional(STR),
    **dict.fromkeys(("message", "url"), STR),
}
"""What the function of an alert is called with."""


class Call(Frozen):
    """A call of `module:function`. `subject` is who calls: "task `train`".

    `inputs` are types by name, `places` where inputs are written, by name; `outputs` are types by name, of a `single`
    unnamed one under `output`. `is_elsewhere` says that the code runs where other modules may be installed.
    """

    module: str
    function: str
    subject: str
    inputs: Mapping[str, Type]
    outputs: Mapping[str, Type]
    single: bool
    span: Span
    places: Mapping[str, Span]
    is_elsewhere: bool = False
    what: str = "input"


def python_calls(loaded: Loaded, writing: Writing) -> Iterator[Call]:
    """The calls of all pipelines of a program; those that are written alike once."""
    assert loaded.program is not None
    seen = set[tuple[object, ...]]()
    for pipeline in loaded.program.pipelines.values():
        for task in pipeline.tasks:
            key = (task.name, task.location, *(one.type for one in task.inputs))
            if key not in seen:
                seen.add(key)
                yield from _calls_of(task, loaded, writing)
        for alert in _alerts(pipeline):
            if alert.location not in seen:
                seen.add(alert.location)  # type: ignore[arg-type]
                yield from _alert_call(alert, loaded)


def _calls_of(task: Task, loaded: Loaded, writing: Writing) -> Iterator[Call]:
    match task.implementation:
        case PythonFunction(module=module, function=function):
            written = _written(task, f"{module}:{function}", loaded, writing)
            yield Call(
                module,
                function,
                written.subject,
                {one.name: one.type for one in task.inputs},
                {one.name: one.type for one in task.outputs},
                task.single_output,
                written.span,
                written.places,
                bool(task.options.image or task.options.packages),
            )
        case WaitCondition(condition="python", arguments={"function": LiteralValue(value=text)}, argument_types=types):
            reference = function_reference(text)
            if reference is not None:
                span = loaded.span_of(location_of(task, "implementation"))
                yield Call(
                    *reference,
                    f"wait `{task.name}`",
                    types,
                    {"output": BOOL},
                    True,
                    _quoted(span, text) or span,
                    {},
                    what="argument",
                )


class _Written(Frozen):
    """Who calls, where the function is named, and where the inputs are written, by name."""

    subject: str
    span: Span
    places: Mapping[str, Span]


def _written(task: Task, text: str, loaded: Loaded, writing: Writing) -> _Written:
    """Where the call of a task is written: in the component, where it comes of one."""
    span = loaded.span_of(location_of(task, "implementation"))
    quoted = _quoted(span, text)
    component = writing.component("python", text, {one.name for one in task.inputs}) if quoted is None else None
    if component is not None:
        places = {parameter.name.text: parameter.span for parameter in component.parameters}
        inside = _quoted(component.implementation.span, text)
        return _Written(f"component `{component.name.text}`", inside or span, places)
    inputs = {one.name: task.locations.get(f"inputs.{one.name}") for one in task.inputs}
    places = {name: loaded.span_of(place) for name, place in inputs.items() if place is not None}
    return _Written(f"task `{task.name}`", quoted or span, places)


def _quoted(span: Span, text: str) -> Span | None:
    """The text inside of a span, without its quotes."""
    start = span.text.find(text)
    return None if start < 0 else Span(span.source, span.start + start, span.start + start + len(text))


def _alerts(pipeline: Pipeline) -> Iterator[Alert]:
    yield from pipeline.alerts
    for task in pipeline.tasks:
        yield from task.alerts


def _alert_call(alert: Alert, loaded: Loaded) -> Iterator[Call]:
    text = alert.arguments.get("function")
    reference = function_reference(text) if alert.channel == "python" and isinstance(text, str) else None
    if reference is not None:
        span = loaded.span_of(alert.location)
        yield Call(*reference, "an alert", _FACTS, {}, False, _quoted(span, str(text)) or span, {}, what="value")
