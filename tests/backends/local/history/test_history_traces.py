"""Traces: a span for the run, its tasks and their attempts, as a collector receives them."""

from __future__ import annotations

import builtins
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from pipec.backends.local.history.traces import INSTALL, export, is_enabled, spans_of
from pipec.backends.local.store.records import RunRecord

from tests.backends.local.history.samples import START, attempt, calling, ended, run_of, state
from tests.support.ir_builder import pipeline, task


def record() -> RunRecord:
    shape = pipeline(task("a"), task("b", after="a"), task("c", after="b"), name="etl")
    return run_of(
        shape,
        [
            *attempt("a", 0, 1, error="busy", again=True),
            *attempt("a", 2, 3.5, number=2),
            *attempt("b", 3.5, 4, error="no"),
            state("c", 4, "upstream_failed"),
            ended(4.25, "failed"),
        ],
    )


ENABLED = {
    "nothing": ({}, False, False),
    "asked for": ({}, True, True),
    "an endpoint": ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"}, False, True),
    "one for traces": ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://127.0.0.1:4318/v1/traces"}, False, True),
    "an empty endpoint": ({"OTEL_EXPORTER_OTLP_ENDPOINT": ""}, False, False),
    "turned off": ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318", "OTEL_SDK_DISABLED": "True"}, True, False),
    "no traces": ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://x", "OTEL_TRACES_EXPORTER": "none"}, False, False),
}


@pytest.mark.parametrize("case", ENABLED)
def test_when_traces_are_sent(case: str) -> None:
    environment, asked, expected = ENABLED[case]
    assert is_enabled(environment, asked) is expected


def tree(spans: Any) -> dict[str, tuple[str | None, float, float, str]]:
    """By name: the parent, start and end in seconds of the run, and the status."""
    names = {span.context.span_id: span.name for span in spans}
    return {
        span.name: (
            names.get(span.parent.span_id) if span.parent else None,
            round(span.start_time / 1e9 - START, 3),
            round(span.end_time / 1e9 - START, 3),
            span.status.status_code.name,
        )
        for span in spans
    }


def test_spans_have_the_real_times_and_stand_in_one_another() -> None:
    found = tree(spans_of(record()))
    assert found == {
        "run etl": (None, 0, 4.25, "ERROR"),
        "a": ("run etl", 0, 3.5, "OK"),
        "a attempt 1": ("a", 0, 1, "ERROR"),
        "a attempt 2": ("a", 2, 3.5, "OK"),
        "b": ("run etl", 3.5, 4, "ERROR"),
        "b attempt 1": ("b", 3.5, 4, "ERROR"),
    }
    assert len({span.context.trace_id for span in spans_of(record())}) == 1


def test_what_spans_say() -> None:
    spans = {span.name: span for span in spans_of(record())}
    assert spans["run etl"].attributes["cicd.pipeline.result"] == "failure"
    assert spans["run etl"].attributes["pipec.run_id"] == "run1"
    assert spans["a"].attributes["pipec.attempts"] == 2
    assert spans["a"].attributes["pipec.kind"] == "python"
    assert spans["b attempt 1"].attributes["pipec.state"] == "failed"
    assert spans["b attempt 1"].status.description == "no"
    [event] = spans["b attempt 1"].events
    assert dict(event.attributes) == {"exception.type": "error", "exception.message": "no"}
    assert spans["run etl"].resource.attributes["service.name"] == "pipec"


def test_instances_of_maps_and_called_pipelines() -> None:
    spans = {span.name: span for span in spans_of(calling())}
    scrub = spans["cleaned@2/scrub[1]"].attributes
    assert scrub["cicd.pipeline.task.name"] == "cleaned/scrub"
    assert scrub["pipec.map_indices"] == (1,)


def test_the_environment_names_the_service(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_SERVICE_NAME", "nightly")
    monkeypatch.setenv("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment=test")
    attributes = spans_of(record())[0].resource.attributes
    assert (attributes["service.name"], attributes["deployment.environment"]) == ("nightly", "test")


@contextmanager
def collector(status: int) -> Iterator[tuple[str, list[tuple[str, bytes]]]]:
    """An HTTP server that answers with a status and keeps what it was sent."""
    received: list[tuple[str, bytes]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append((self.path, self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(status)
            self.end_headers()

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", received
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch) -> Any:
    def use(url: str) -> None:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", url)
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_COMPRESSION", "none")
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "1")

    return use


@pytest.mark.engine
def test_a_collector_receives_the_trace(endpoint: Any) -> None:
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

    with collector(200) as (url, received):
        endpoint(url)
        assert export(record()) is None
    [(path, body)] = received
    assert path == "/v1/traces"
    [resource] = ExportTraceServiceRequest.FromString(body).resource_spans
    spans = {span.name: span for scope in resource.scope_spans for span in scope.spans}
    assert set(spans) == set(tree(spans_of(record())))
    assert spans["a attempt 2"].parent_span_id == spans["a"].span_id
    assert spans["a"].parent_span_id == spans["run etl"].span_id
    assert spans["a"].end_time_unix_nano - spans["a"].start_time_unix_nano == 3_500_000_000


@pytest.mark.engine
def test_a_collector_that_refuses_is_a_message(endpoint: Any) -> None:
    with collector(400) as (url, _):
        endpoint(url)
        assert export(record()) == "the trace was not delivered: the collector cannot be reached or refused it"


@pytest.mark.engine
def test_no_collector_is_a_message(endpoint: Any) -> None:
    endpoint("http://127.0.0.1:1")
    message = export(record())
    assert message is not None
    assert message.startswith("the trace was not delivered: ")
    assert "\n" not in message


def test_missing_packages_are_a_message(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *arguments: Any, **options: Any) -> Any:
        if name.startswith("opentelemetry"):
            raise ImportError(name)
        return real(name, *arguments, **options)

    monkeypatch.setattr(builtins, "__import__", without)
    assert export(record()) == INSTALL
    assert "pip install 'pipec[otel]'" in INSTALL
