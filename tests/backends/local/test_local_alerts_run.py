"""Alerts of runs, delivered through real servers on this machine; and what becomes of a run whose alerts are not."""

from __future__ import annotations

import json
import threading
import time
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from tests.backends.local.alerts.servers import MailServer, WebServer, free_port, mail_server, silent_server, web_server
from tests.backends.local.commands import Finished, finish, pipec, start, until, write

pytestmark = pytest.mark.engine

store_module = import_module("pipec.backends.local.store.store")

NO_PROXY = {"no_proxy": "127.0.0.1"}


def recorded(folder: Path) -> list[dict[str, Any]]:
    """The alerts of the last run as the store has them."""
    store = store_module.RunStore.open_existing(folder / ".pipec")
    record = store.run(store.resolve("last"))
    store.close()
    alerts: list[dict[str, Any]] = record.alerts
    return alerts


def told(web: WebServer) -> set[tuple[str, str, str | None, str]]:
    """What came: where to, the event, the task and the message."""
    return {(one.path, one.body["event"], one.body["task"], one.body["message"]) for one in web.posted}


def run(folder: Path, text: str, *words: str, steps: str = "", **environment: str) -> Finished:
    write(folder, text, steps)
    return pipec(folder, "run", "p.pipe", "--json", *words, environment=NO_PROXY | environment)


def test_a_web_service_is_told_of_all_that_happens(tmp_path: Path) -> None:
    with web_server() as web:
        over = run(
            tmp_path,
            f"""\
pipeline p {{
  task again = shell('test "$PIPEC_ATTEMPT" -gt 1 || exit 75') {{ retries = 1 }}
  task fine after again = shell('true') {{ on success = webhook("{web.url}/fine") }}
  task breaks after again = shell('exit 3') {{ on failure = webhook("{web.url}/breaks") }}
  task never after breaks = shell('true') {{ on failure = webhook("{web.url}/never") }}
  task unlike after fine = shell('true') {{ trigger_rule = all_failed }}
  on failure, success, retry, skipped = webhook("{web.url}/run")
}}
""",
        )
        assert over.exit_code == 1
        assert told(web) == {
            ("/run", "retry", "again", "task again failed and is tried again: exit code 75"),
            ("/fine", "success", "fine", "task fine succeeded"),
            ("/breaks", "failure", "breaks", "task breaks failed: exit code 3"),
            ("/run", "skipped", "unlike", "task unlike was skipped"),
            ("/run", "failure", None, "p failed: never"),
        }
        assert {one.body["run_id"] for one in web.posted} == {over.result["run_id"]}
        assert len(web.posted) == 5
    assert over.said.count("alert by webhook sent") == 5
    alerts = recorded(tmp_path)
    assert {(one["event"], one["task"], one["error"]) for one in alerts} == {
        ("retry", "again", None),
        ("success", "fine", None),
        ("failure", "breaks", None),
        ("skipped", "unlike", None),
        ("failure", "", None),
    }


def test_mail_of_a_success(tmp_path: Path) -> None:
    with mail_server(MailServer()) as mail:
        over = run(
            tmp_path,
            'pipeline p { task x = shell("true")  on success, failure = email("ml@example.com", "ops@example.com") }\n',
            PIPEC_SMTP_HOST="127.0.0.1",
            PIPEC_SMTP_PORT=str(mail.port),
            PIPEC_SMTP_TLS="none",
            PIPEC_SMTP_FROM="pipec@example.com",
        )
    assert over.exit_code == 0
    [envelope] = mail.envelopes
    assert envelope.rcpt_tos == ["ml@example.com", "ops@example.com"]
    assert isinstance(envelope.content, bytes)
    message = message_from_bytes(envelope.content, policy=policy.default)
    assert message["Subject"] == "p succeeded"
    assert over.result["run_id"] in str(message.get_content())
    assert "alert by email sent" in over.said


CALLBACKS = """\
import json, time

def note(**facts):
    with open("told", "a") as file:
        file.write(json.dumps(facts) + "\\n")
    print("told")

def raises(**facts):
    raise RuntimeError("nobody is there")

def hangs(**facts):
    time.sleep(60)
"""


def test_a_python_function_is_called(tmp_path: Path) -> None:
    over = run(
        tmp_path,
        """\
pipeline p {
  task x = shell('exit 3') { on failure = python("steps:note") }
  on failure = python("steps:note")
}
""",
        steps=CALLBACKS,
    )
    told = [json.loads(line) for line in (tmp_path / "told").read_text().splitlines()]
    folder = (tmp_path / ".pipec" / "runs" / over.result["run_id"]).as_uri()
    common = {"event": "failure", "pipeline": "p", "run_id": over.result["run_id"], "url": folder}
    assert sorted(told, key=lambda one: str(one["task"])) == [
        {**common, "task": None, "message": "p failed: x"},
        {**common, "task": "x", "message": "task x failed: exit code 3"},
    ]
    assert over.said.count("alert by python sent") == 2
    assert set(over.states) == {"x"}


def test_alerts_that_fail_are_reported_and_change_nothing(tmp_path: Path) -> None:
    with web_server((404, b"not here", {})) as web:
        over = run(
            tmp_path,
            f"""\
pipeline p {{
  task x = shell('true')
  on success = [
    webhook("{web.url}/gone"), webhook("http://127.0.0.1:{free_port()}/"),
    email("ml@example.com"), slack("#ml"), python("steps:raises"),
  ]
}}
""",
            steps=CALLBACKS,
        )
    assert (over.exit_code, over.result["state"]) == (0, "success")
    said = [line for line in over.said if line.startswith("alert by")]
    assert len(said) == 5
    assert all(" not sent: " in line for line in said)
    assert any(line.startswith("alert by python not sent: RuntimeError: nobody is there") for line in said)
    assert any(line.startswith("alert by webhook not sent: ") and "404" in line for line in said)
    assert any(line.startswith("alert by email not sent: ") and "PIPEC_SMTP_HOST" in line for line in said)
    assert any(line.startswith("alert by slack not sent: ") and "PIPEC_SLACK_" in line for line in said)
    assert all(one["error"] for one in recorded(tmp_path))


def test_an_alert_that_nobody_takes_does_not_hold_up_the_tasks(tmp_path: Path) -> None:
    with silent_server() as port:
        write(
            tmp_path,
            f"""\
pipeline p {{
  task x = shell('exit 1') {{ on failure = webhook("http://127.0.0.1:{port}/") }}
  task y = shell('sleep 0.3; touch done')
}}
""",
        )
        process = start(tmp_path, "run", "p.pipe", "--json", environment=NO_PROXY)
        began = time.monotonic()
        until(lambda: (tmp_path / "done").exists(), 8)
        assert time.monotonic() - began < 8
        until(lambda: bool(list(tmp_path.glob(".pipec/runs/*/y/1.log"))))
        time.sleep(0.5)
        process.terminate()  # not only tasks but alerts too end when the run is stopped
        over = finish(process, timeout=8)
    assert over.states == {"x": "failed", "y": "success"}
    assert over.exit_code == 1
    assert "alerts that were not delivered in time: 1" in over.said


def test_no_alerts(tmp_path: Path) -> None:
    with web_server() as web:
        over = run(
            tmp_path, f'pipeline p {{ task x = shell("true")  on success = webhook("{web.url}/") }}\n', "--no-alerts"
        )
    assert (over.exit_code, web.posted) == (0, [])
    assert not any("alert" in line for line in over.said)


@pytest.mark.parametrize("channel", ["webhook", "python"])
def test_a_missed_deadline_alerts_while_the_run_goes_on(tmp_path: Path, channel: str) -> None:
    with web_server() as web:
        to = f'webhook("{web.url}/")' if channel == "webhook" else 'python("steps:note")'
        write(
            tmp_path,
            f"""\
pipeline p {{
  task long = python("steps:long") {{ deadline = 300ms }}
  task short = shell('true') {{ deadline = 1h }}
  deadline = 500ms
  on deadline, success = {to}
}}
""",
            CALLBACKS + "\nimport os\ndef long():\n    while not os.path.exists('go'):\n        time.sleep(0.02)\n",
        )
        process = start(tmp_path, "run", "p.pipe", "--json", "--max-parallel=1", environment=NO_PROXY)
        called = tmp_path / "told"

        def count() -> int:
            return len(web.posted) + (called.read_text().count("\n") if called.exists() else 0)

        until(lambda: count() == 2)
        assert process.poll() is None
        (tmp_path / "go").touch()
        over = finish(process)
        assert count() == 3
    assert (over.exit_code, over.states) == (0, {"long": "success", "short": "success"})
    assert "deadline missed: long is not over after 0.30s" in over.said
    assert "deadline missed: the run is not over after 0.50s" in over.said
    assert [(one["event"], one["task"]) for one in recorded(tmp_path)] == [
        ("deadline", "long"),
        ("deadline", ""),
        ("success", ""),
    ]


class Busy(BaseHTTPRequestHandler):
    """A web service that takes its time, and counts how many call at once."""

    now = 0
    most = 0
    taken = 0
    lock = threading.Lock()

    def do_POST(self) -> None:
        with Busy.lock:
            Busy.now += 1
            Busy.most = max(Busy.most, Busy.now)
            Busy.taken += 1
        self.rfile.read(int(self.headers["Content-Length"]))
        time.sleep(0.05)
        with Busy.lock:
            Busy.now -= 1
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *arguments: object) -> None:
        """Nothing is printed."""


def test_many_alerts_are_not_sent_all_at_once(tmp_path: Path) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Busy) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        over = run(
            tmp_path,
            f"""\
pipeline p(items: list[int]) {{
  map item in items {{
    task x(item) = shell('exit 1') {{ on failure = webhook("http://127.0.0.1:{server.server_address[1]}/") }}
  }}
}}
""",
            f"--param=items={list(range(60))}",
        )
        server.shutdown()
    assert over.exit_code == 1
    assert Busy.taken == 60
    assert 1 < Busy.most <= 8
    assert over.said.count("alert by webhook sent") == 60
