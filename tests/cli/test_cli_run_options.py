"""Options of `pipec run` that do not go together, and who else is told of a run: logs for programs, traces."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.cli.conftest import Call

DAILY = """\
pipeline daily {
  schedule = cron("0 2 * * *", timezone = "Europe/Berlin")
  start    = 2026-01-01
  task extract(day = run.date) = shell('test "$PIPEC_ATTEMPT" -gt 1 || exit 75') { retries = 1 }
  task broken after extract = shell('exit 3')
}
"""


@pytest.fixture
def daily(folder: Path) -> str:
    Path("daily.pipe").write_text(DAILY)
    return "daily.pipe"


WRONG = [
    ([], "which FILE?"),
    (["FILE", "--to=2026-01-02"], "--to is for a backfill: give --from too"),
    (["FILE", "--max-active=2"], "--max-active is for a backfill: give --from too"),
    (["FILE", "--fail-fast"], "--fail-fast is for a backfill: give --from too"),
    (["FILE", "--from=2026-01-01", "--date=2026-01-01"], "--date is for one run, --from makes many"),
    (["FILE", "--from=2026-01-01", "--resume"], "--resume is for one run, --from makes many"),
    (["FILE", "--from=2026-01-01", "--explain-cache=x"], "--explain-cache is for one run, --from makes many"),
    (["FILE", "--from=2026-01-02", "--to=2026-01-01"], "--to 2026-01-01 is before --from 2026-01-02"),
    (["FILE", "--from=yesterday"], "`yesterday` is not a date such as 2026-01-31"),
    (["FILE", "--max-active=0", "--from=2026-01-01"], "`0` is not a number above 0"),
    (["FILE", "--resume", "--date=2026-01-01"], "a run that is resumed keeps its date: leave --date out"),
    (["FILE", "--resume", "--dry-run"], "--dry-run shows a new run: leave --resume out"),
    (["--resume", "FILE", "--dry-run"], "--dry-run shows a new run: leave --resume out"),
    (["FILE", "--log-format=xml"], "invalid choice: 'xml'"),
    (["etl.pipe", "--from=2026-01-01"], "pipeline `etl` has no schedule to run by"),
]


@pytest.mark.parametrize(("words", "message"), WRONG, ids=[" ".join(words) for words, _ in WRONG])
def test_what_does_not_go_together(call: Call, daily: str, words: list[str], message: str) -> None:
    said = call("run", *[daily if word == "FILE" else word for word in words])
    assert said.exit_code == 2
    assert said.out == ""
    assert said.err.startswith("error: ")
    assert message in said.err
    assert not Path(".pipec").exists()


def test_help_names_every_option_once(call: Call) -> None:
    said = call("run", "--help")
    assert said.exit_code == 0
    for option in ("--resume [RUN]", "--from DATE", "--capacity cpu=N,memory=SIZE,gpu=N", "--approve NAME", "--otel"):
        assert said.out.count(f"\n  {option}") == 1
    assert all(len(line) <= 120 for line in said.out.splitlines())


def test_a_log_for_programs(call: Call, daily: str) -> None:
    said = call("run", daily, "--log-format", "json", "--json")
    result = json.loads(said.out)
    lines = [json.loads(line) for line in said.err.splitlines()]
    assert {(line["run_id"], line["pipeline"]) for line in lines} == {(result["run_id"], "daily")}
    assert [(line["event"], line.get("task"), line.get("state"), line["level"]) for line in lines] == [
        ("run_started", None, None, "info"),
        ("task_changed", "extract", "running", "info"),
        ("task_changed", "extract", "up_for_retry", "warning"),
        ("task_changed", "extract", "running", "info"),
        ("task_changed", "extract", "success", "info"),
        ("task_changed", "broken", "running", "info"),
        ("task_changed", "broken", "failed", "error"),
        ("run_finished", None, "failed", "error"),
    ]
    assert lines[-2]["message"] == "exit code 3"


@contextmanager
def collector(status: int = 200) -> Iterator[tuple[str, list[ExportTraceServiceRequest]]]:
    """A collector of traces on this machine: its address and what it was sent."""
    sent: list[ExportTraceServiceRequest] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            sent.append(ExportTraceServiceRequest.FromString(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *arguments: object) -> None:
            """Nothing is printed."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}", sent
        server.shutdown()


@pytest.mark.engine
def test_a_trace_of_the_run(call: Call, daily: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with collector() as (address, sent):
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", address)
        assert call("run", daily).exit_code == 1
        assert sent == []
        said = call("run", daily, "--otel", "--json")
    spans = [span for one in sent for of in one.resource_spans for scope in of.scope_spans for span in scope.spans]
    assert sorted(span.name for span in spans) == [
        "broken",
        "broken attempt 1",
        "extract",
        "extract attempt 1",
        "extract attempt 2",
        "run daily",
    ]
    [run] = [span for span in spans if span.name == "run daily"]
    named = {attribute.key: attribute.value.string_value for attribute in run.attributes}
    assert named["pipec.run_id"] == json.loads(said.out)["run_id"]
    assert said.exit_code == 1


@pytest.mark.engine
def test_a_trace_that_nobody_takes_changes_nothing(call: Call, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with collector(400) as (address, _):
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", address)
        said = call("run", "etl.pipe", "--otel")
    assert said.exit_code == 0
    assert said.err.splitlines()[-1] == "the trace was not delivered: the collector cannot be reached or refused it"
