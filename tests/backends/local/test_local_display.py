"""What a person sees of a run."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from pipec.ir.model import Retry
from tests.backends.local.harness import run, shell
from tests.support.ir_builder import output, pipeline

display = import_module("pipec.backends.local.display")
TaskUpdate = import_module("pipec.backends.local.observer").TaskUpdate
summary = import_module("pipec.backends.local.summary").summary
words = import_module("pipec.backends.local.words")
result = import_module("pipec.backends.local.result")

PIPELINE = pipeline(
    shell("extract", "echo 3 > $PIPEC_OUTPUTS/rows", outputs={"rows": "int"}),
    shell('train["rf"]', r"printf 'one\ntwo \033[31mred\n'; exit 75", after="extract", retry=Retry(max=1)),
    shell("deploy", "true", after='train["rf"]'),
    name="wafer",
    returns=output("extract.rows"),
)

PLAIN = """\
HH:MM:SS wafer started, run RUN
HH:MM:SS extract running
HH:MM:SS extract success in 0.0s
HH:MM:SS train["rf"] running
HH:MM:SS train["rf"] up_for_retry in 0.0s; again in 0.0s: exit code 75
HH:MM:SS train["rf"] running, attempt 2
HH:MM:SS train["rf"] failed in 0.0s, attempt 2: exit code 75
HH:MM:SS deploy upstream_failed
"""

SUMMARY = """\
wafer failed in 0.0s, run RUN

task         state            attempts   time
extract      success                 1  0.0s
train["rf"]  failed                  2  0.0s
deploy       upstream_failed         -      -

tasks: 1 success, 1 failed, 1 upstream_failed; success rate 33%
task time 0.0s, speed-up N, retries 1

train["rf"] failed after 2 attempts: exit code 75
  | one
  | two \N{REPLACEMENT CHARACTER}[31mred
  | pipec: exit code 75
  log: .pipec/runs/RUN/train%5B%22rf%22%5D/2.log
"""


def masked(text: str) -> str:
    """Times, run ids and durations replaced by what is always the same."""
    text = re.sub(r"\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d-[0-9a-f]{4}", "RUN", text)
    text = re.sub(r"\d\d:\d\d:\d\d", "HH:MM:SS", text)
    text = re.sub(r"speed-up \d+\.\d", "speed-up N", text)
    return re.sub(r"\d+\.\d+s", "0.0s", text)


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, str, Path]:
    folder = tmp_path_factory.mktemp("display")
    stream = io.StringIO()
    result = run(folder, PIPELINE, watcher=display.display_for(stream, live=False, color=False))
    return result, stream.getvalue(), folder


def test_plain_lines(seen: tuple[Any, str, Path]) -> None:
    assert masked(seen[1]) == PLAIN


def test_summary(seen: tuple[Any, str, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(seen[2])
    assert masked(summary(seen[0], color=False)) == SUMMARY


def test_summary_of_a_success_shows_what_it_returned(tmp_path: Path) -> None:
    result = run(tmp_path, pipeline(shell("a", "echo 3 > $PIPEC_OUTPUTS/output", outputs="int"), returns=output("a")))
    assert masked(summary(result, color=False)).endswith(
        "success rate 100%\ntask time 0.0s, speed-up N, retries 0\n\nreturned 3\n"
    )


def test_color_is_only_paint(seen: tuple[Any, str, Path]) -> None:
    painted = summary(seen[0], color=True)
    assert "\x1b[1;31mfailed\x1b[0m" in painted
    assert re.sub(r"\x1b\[[\d;]*m", "", painted) == summary(seen[0], color=False)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0.00s"),
        (0.994, "0.99s"),
        (0.996, "1.0s"),
        (59.94, "59.9s"),
        (59.96, "1m00s"),
        (125, "2m05s"),
        (3600, "1h00m"),
    ],
)
def test_durations(seconds: float, text: str) -> None:
    assert words.duration(seconds) == text


def screen(text: str) -> list[str]:
    """The lines a terminal shows after `text`, which moves up and clears only."""
    lines: list[str] = [""]
    for part in re.findall(r"\x1b\[\d*[AJ]|\r|\n|[^\x1b\r\n]+", re.sub(r"\x1b\[[\d;]*m", "", text)):
        if part.endswith("A") and part.startswith("\x1b"):
            assert lines[-1] == ""
            del lines[len(lines) - int(part[2:-1]) :]
            lines[-1] = ""
        elif part == "\n":
            lines.append("")
        elif not part.startswith("\x1b") and part != "\r":
            lines[-1] += part
    return lines


def test_live_display_redraws_what_runs_below_what_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setenv("LINES", "5")
    at = datetime(2026, 1, 2, tzinfo=UTC)
    stream = io.StringIO()
    live = display.display_for(stream, live=True, color=True)

    def shown() -> list[str]:
        return masked("\n".join(screen(stream.getvalue()))).split("\n")

    live.started(PIPELINE, "2026-01-02T03-04-05-abcd", at)
    live.changed(TaskUpdate("extract", "running", 1, at))
    live.refresh()
    assert shown() == ["wafer run RUN", "  extract running 0.0s", "  0 of 3 tasks done", ""]
    live.changed(TaskUpdate("extract", "success", 1, at, seconds=2.5))
    live.changed(TaskUpdate('train["rf"]', "up_for_retry", 1, at, seconds=2.5, message="no", retry_in=9.0))
    ended = [
        "wafer run RUN",
        "HH:MM:SS extract success in 0.0s",
        'HH:MM:SS train["rf"] up_for_retry in 0.0s; again in 0.0s: no',
    ]
    assert shown() == [*ended, '  train["rf"] waits 0.0s, attempt 2', "  1 of 3 tasks done", ""]
    for number in range(4):
        live.changed(TaskUpdate(f"a_task_of_a_name_longer_than_the_terminal_{number}", "running", 1, at))
    assert shown() == [
        *ended,
        '  train["rf"] waits 0.0s, attempt 2',
        "  a_task_of_a_name_lon... running 0.0s",
        "  ... and 3 more",
        "  1 of 3 tasks done",
        "",
    ]
    live.finished(None)
    assert shown() == [*ended, ""]


def test_a_summary_cuts_long_lines_and_indents_messages(tmp_path: Path) -> None:
    log = tmp_path / "1.log"
    log.write_text("short\n" + "x" * 1000 + "\n", "utf-8")
    task = result.TaskResult(state="failed", attempts=1, error="boom\nagain", log=str(log))
    times = {"started_at": "2026-01-02T03:04:05+00:00", "ended_at": "2026-01-02T03:04:06+00:00", "duration_s": 1.0}
    told = summary(result.RunResult(run_id="r", pipeline="p", state="failed", tasks={"a": task}, **times), color=False)
    assert "a failed: boom\n  again\n" in told
    assert f"  | short\n  | {'x' * 300} ... (1000 characters)\n" in told
