"""Traces of runs for OpenTelemetry: a span for the run, in it one for every task, in that one for every attempt.

Needs the packages of `pipec[otel]`; configured by the standard variables OTEL_EXPORTER_OTLP_ENDPOINT,
OTEL_EXPORTER_OTLP_HEADERS, OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES and so on.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..store.records import AttemptRecord, RunRecord, TaskRecord
from .rows import last_moment
from .shape import Shape, shape_of

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import ReadableSpan, Span
    from opentelemetry.sdk.trace.export import SpanExporter
    from opentelemetry.trace import Tracer

_ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
_BATCH = 512
_FAILED = frozenset({"failed", "upstream_failed", "killed"})
INSTALL = "traces need further packages: pip install 'pipec[otel]'"


def is_enabled(environment: Mapping[str, str], asked: bool = False) -> bool:
    """Whether to send traces: asked for, or an endpoint is set; the standard switches turn them off."""
    if environment.get("OTEL_SDK_DISABLED", "").lower() == "true" or environment.get("OTEL_TRACES_EXPORTER") == "none":
        return False
    return asked or any(environment.get(name) for name in _ENDPOINTS)


def export(record: RunRecord) -> str | None:
    """Send the trace of a run that is over; in one line why that failed, None where all of it was delivered.

    Never raises: a run is what it is, delivered or not. Waits at most for OTEL_EXPORTER_OTLP_TIMEOUT (10 s).
    """
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    except ImportError:
        return INSTALL
    import logging

    # The exporter logs every refusal with a traceback; what there is to say is said below.
    logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)
    try:
        return send(record, OTLPSpanExporter())
    except Exception as error:
        return f"the trace was not delivered: {type(error).__name__}: {error}"


def send(record: RunRecord, exporter: SpanExporter) -> str | None:
    """Give the spans of a run to an exporter; in one line why it did not take them, else None."""
    from opentelemetry.sdk.trace.export import SpanExportResult

    spans = spans_of(record)
    try:
        for start in range(0, len(spans), _BATCH):
            if exporter.export(spans[start : start + _BATCH]) is not SpanExportResult.SUCCESS:
                return "the trace was not delivered: the collector cannot be reached or refused it"
    finally:
        exporter.shutdown()
    return None


def spans_of(record: RunRecord) -> Sequence[ReadableSpan]:
    """The spans of a run with their real times, inner ones first."""
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
    from opentelemetry.trace import set_span_in_context

    from pipec import __version__

    ended: list[ReadableSpan] = []

    class Collector(SpanProcessor):
        def on_end(self, span: ReadableSpan) -> None:
            ended.append(span)

    # What the environment says of the service wins over the name given here.
    resource = Resource({"service.name": "pipec", "service.version": __version__}).merge(_environment_resource())
    provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    provider.add_span_processor(Collector())
    tracer = provider.get_tracer("pipec", __version__)
    shape = shape_of(record)
    end = last_moment(record, record.started_at)
    run = _start(tracer, f"run {record.pipeline}", record.started_at, None, _run_attributes(record))
    within = set_span_in_context(run)
    for task in record.tasks.values():
        _task_spans(tracer, task, shape, end, within)
    _end(run, max(end, record.started_at), record.status, record.error)
    return ended


def _task_spans(tracer: Tracer, task: TaskRecord, shape: Shape, run_end: float, within: Any) -> None:
    """A task from its first attempt to its last; one without attempts has no time and no span."""
    from opentelemetry.trace import set_span_in_context

    if not task.attempts:
        return
    ends = [_ended(attempt, run_end) for attempt in task.attempts]
    span = _start(tracer, task.task, task.attempts[0].started_at, within, _task_attributes(task, shape))
    for attempt, end in zip(task.attempts, ends, strict=True):
        inner = _start(
            tracer,
            f"{task.task} attempt {attempt.attempt}",
            attempt.started_at,
            set_span_in_context(span),
            _attempt_attributes(task, attempt),
        )
        failure = attempt.failure or {}
        if failure:
            _record_failure(inner, failure, end)
        _end(inner, end, attempt.state, failure.get("message"))
    _end(span, max(ends), task.state, task.error)


def _run_attributes(record: RunRecord) -> dict[str, Any]:
    """`cicd.pipeline.…` are names of the semantic conventions, `pipec.…` our own."""
    return {
        "cicd.pipeline.name": record.pipeline,
        "cicd.pipeline.run.id": record.run_id,
        "cicd.pipeline.result": _result(record),
        "pipec.run_id": record.run_id,
        "pipec.pipeline": record.pipeline,
        "pipec.state": record.status,
        "pipec.date": str(record.context.get("date", "")),
        "pipec.source_digest": record.source_digest,
        "pipec.interrupted": record.interrupted,
    }


def _result(record: RunRecord) -> str:
    if record.interrupted or record.status == "killed":
        return "cancellation"
    return {"success": "success", "failed": "failure"}.get(record.status, "error")


def _task_attributes(task: TaskRecord, shape: Shape) -> dict[str, Any]:
    place = shape.place(task.task)
    attributes: dict[str, Any] = {
        "cicd.pipeline.task.name": place.row,
        "cicd.pipeline.task.run.id": task.task,
        "pipec.task": task.task,
        "pipec.state": task.state,
        "pipec.attempts": task.attempts_made,
        "pipec.restored": task.restored,
    }
    if place.segment.indices:
        attributes["pipec.map_indices"] = list(place.segment.indices)
    if place.task is not None:
        attributes["pipec.kind"] = place.task.implementation.kind
    return attributes


def _attempt_attributes(task: TaskRecord, attempt: AttemptRecord) -> dict[str, Any]:
    attributes: dict[str, Any] = {
        "pipec.task": task.task,
        "pipec.attempt": attempt.attempt,
        "pipec.state": attempt.state,
    }
    if attempt.log:
        attributes["pipec.log"] = attempt.log
    if attempt.cached_from:
        attributes["pipec.cached_from"] = attempt.cached_from
    exit_code = (attempt.failure or {}).get("exit_code")
    if exit_code is not None:
        attributes["process.exit.code"] = exit_code
    return attributes


def _record_failure(span: Span, failure: Mapping[str, Any], at: float) -> None:
    """The failure as an event, as exceptions are recorded."""
    message = failure.get("message")
    text = message if isinstance(message, str) else json.dumps(message)
    attributes = {"exception.type": str(failure.get("kind", "error")), "exception.message": text}
    span.add_event("exception", attributes, timestamp=_nanoseconds(at))
    span.set_attribute("error.type", str(failure.get("kind", "error")))


def _start(tracer: Tracer, name: str, at: float, within: Any, attributes: dict[str, Any]) -> Span:
    span: Any = tracer.start_span(name, context=within, start_time=_nanoseconds(at), attributes=attributes)
    return span  # type: ignore[no-any-return]


def _end(span: Span, at: float, state: str, message: str | None) -> None:
    from opentelemetry.trace import Status, StatusCode

    if state in _FAILED:
        span.set_status(Status(StatusCode.ERROR, message or state))
    elif state == "success":
        span.set_status(Status(StatusCode.OK))
    span.end(_nanoseconds(at))


def _ended(attempt: AttemptRecord, run_end: float) -> float:
    return max(attempt.started_at, run_end if attempt.ended_at is None else attempt.ended_at)


def _nanoseconds(moment: float) -> int:
    return round(moment * 1e9)


def _environment_resource() -> Any:
    from opentelemetry.sdk.resources import OTELResourceDetector

    return OTELResourceDetector().detect()
