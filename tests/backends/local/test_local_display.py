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
live_display = import_module("pipec.backends.local.live_display")
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


AT = datetime(2026, 1, 2, tzinfo=UTC)


class Terminal:
    """A live display and what can be seen of it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, columns: int, rows: int) -> None:
        monkeypatch.setenv("COLUMNS", str(columns))
        monkeypatch.setenv("LINES", str(rows))
        monkeypatch.setattr(live_display, "_REDRAW_SECONDS", 0)
        self.stream = io.StringIO()
        self.live = display.display_for(self.stream, live=True, color=True)

    def change(self, task: str, state: str, attempt: int = 1, **facts: Any) -> None:
        self.live.changed(TaskUpdate(task, state, attempt, AT, **facts))

    def shown(self) -> list[str]:
        self.live.refresh()
        return self.lines()

    def lines(self) -> list[str]:
        return masked("\n".join(screen(self.stream.getvalue()))).split("\n")


def test_live_display_redraws_what_runs_below_what_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal(monkeypatch, 40, 5)
    terminal.live.started(PIPELINE, "2026-01-02T03-04-05-abcd", AT)
    terminal.change("extract", "running")
    assert terminal.shown() == ["wafer run RUN", "  extract running 0.0s", "  0 of 3 tasks done", ""]
    terminal.change("extract", "success", seconds=2.5)
    terminal.change('train["rf"]', "up_for_retry", seconds=2.5, message="no", retry_in=9.0)
    ended = [
        "wafer run RUN",
        "HH:MM:SS extract success in 0.0s",
        'HH:MM:SS train["rf"] up_for_retry in 0.0s; again in 0.0s: no',
    ]
    assert terminal.lines() == [*ended, '  train["rf"] waits 0.0s, attempt 2', "  1 of 3 tasks done", ""]
    for number in range(4):
        terminal.change(f"a_task_of_a_name_longer_than_the_terminal_{number}", "running")
    assert terminal.shown() == [
        *ended,
        '  train["rf"] waits 0.0s, attempt 2',
        "  a_task_of_a_name_lon... running 0.0s",
        "  ... and 3 more",
        "  1 of 3 tasks done",
        "",
    ]
    terminal.live.finished(None)
    assert terminal.lines() == [*ended, ""]


def test_of_a_map_over_many_items_a_terminal_shows_what_needs_a_look(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal(monkeypatch, 80, 20)
    terminal.live.started(PIPELINE, "2026-01-02T03-04-05-abcd", AT)
    terminal.live.mapped("extract", 11)
    for index in range(11):
        terminal.change(f"extract[{index}]", "running")
        if index < 8:
            terminal.change(f"extract[{index}]", "success", seconds=1)
    terminal.change("extract[8]", "failed", seconds=1, message="boom")
    terminal.change("extract[9]", "up_for_retry", seconds=1, message="busy", retry_in=5)
    lasting = [
        "wafer run RUN",
        "HH:MM:SS extract is mapped over 11 items",
        "HH:MM:SS extract[8] failed in 0.0s: boom",
        "HH:MM:SS extract[9] up_for_retry in 0.0s; again in 0.0s: busy",
    ]
    assert terminal.shown() == [
        *lasting,
        "  extract 9 of 11 items done, 1 running, 1 to be tried again",
        "  9 of 13 tasks done",
        "",
    ]
    terminal.change("extract[9]", "running", 2)
    terminal.change("extract[9]", "success", 2, seconds=1)
    terminal.change("extract[10]", "success", seconds=1)
    ended = "HH:MM:SS extract, 11 items: 10 success, 1 failed in 0.0s"
    assert terminal.shown() == [*lasting, ended, "  11 of 13 tasks done", ""]


def test_items_of_maps_in_maps_are_counted_together(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal(monkeypatch, 80, 20)
    terminal.live.started(PIPELINE, "2026-01-02T03-04-05-abcd", AT)
    terminal.live.mapped("extract", 2)
    terminal.live.mapped("extract[0]", 6)
    terminal.live.mapped("extract[1]", 6)
    for outer in range(2):
        for inner in range(6):
            terminal.change(f"extract[{outer}][{inner}]", "success", seconds=1)
    assert terminal.shown() == [
        "wafer run RUN",
        "HH:MM:SS extract is mapped over 2 items",
        "HH:MM:SS extract, 12 items: 12 success in 0.0s",
        "  12 of 14 tasks done",
        "",
    ]


def test_few_items_have_lines_of_their_own_and_tasks_of_other_pipelines_are_not_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    terminal = Terminal(monkeypatch, 80, 20)
    terminal.live.started(PIPELINE, "2026-01-02T03-04-05-abcd", AT)
    terminal.live.mapped("extract", 0)
    terminal.live.mapped("deploy/push", 1)
    terminal.change("deploy/push[0]", "success", seconds=1)
    assert terminal.shown() == [
        "wafer run RUN",
        "HH:MM:SS extract is mapped over 0 items",
        "HH:MM:SS deploy/push is mapped over 1 item",
        "HH:MM:SS deploy/push[0] success in 0.0s",
        "  0 of 2 tasks done",
        "",
    ]


def test_nothing_is_drawn_below_a_question_while_an_answer_is_typed(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal(monkeypatch, 80, 20)
    terminal.live.started(PIPELINE, "2026-01-02T03-04-05-abcd", AT)
    terminal.change("extract", "running")
    terminal.live.asked("deploy", "go?", "[y/n]")
    asked = ["wafer run RUN", "HH:MM:SS deploy asks: go?  [y/n]"]
    assert terminal.shown() == [*asked, ""]
    terminal.change("extract", "success", seconds=1)
    assert terminal.shown() == [*asked, "HH:MM:SS extract success in 0.0s", ""]
    terminal.live.answered("deploy", True, "ann")
    assert terminal.shown()[-3:] == ["HH:MM:SS deploy approved by ann", "  1 of 3 tasks done", ""]


def test_a_summary_cuts_long_lines_and_indents_messages(tmp_path: Path) -> None:
    log = tmp_path / "1.log"
    log.write_text("short\n" + "x" * 1000 + "\n", "utf-8")
    task = result.TaskResult(state="failed", attempts=1, error="boom\nagain", log=str(log))
    times = {"started_at": "2026-01-02T03:04:05+00:00", "ended_at": "2026-01-02T03:04:06+00:00", "duration_s": 1.0}
    told = summary(result.RunResult(run_id="r", pipeline="p", state="failed", tasks={"a": task}, **times), color=False)
    assert "a failed: boom\n  again\n" in told
    assert f"  | short\n  | {'x' * 300} ... (1000 characters)\n" in told


def test_a_summary_of_many_tasks_shows_those_that_did_not_succeed() -> None:
    times = {"started_at": "2026-01-02T03:04:05+00:00", "ended_at": "2026-01-02T03:04:06+00:00", "duration_s": 1.0}
    tasks = {f"t{number}": result.TaskResult(state="success", attempts=1) for number in range(60)}
    tasks |= {f"s{number}": result.TaskResult(state="skipped", attempts=0) for number in range(70)}
    told = summary(result.RunResult(run_id="r", pipeline="p", state="success", tasks=tasks, **times), color=False)
    rows = told.split("\n\n")[1].splitlines()
    assert rows[0].split() == ["task", "state", "attempts", "time"]
    assert [row.split()[:2] for row in rows[1:-1]] == [[f"s{number}", "skipped"] for number in range(50)]
    assert rows[-1] == "... and 60 success, 20 skipped: see `pipec runs r`"
    assert "\n\ntasks: 60 success, 70 skipped; success rate 100%\n" in told
