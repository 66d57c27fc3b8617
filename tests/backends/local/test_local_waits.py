"""Waits in a run: what they look at comes, never comes in time, or the run is stopped meanwhile."""

from __future__ import annotations

import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.backends.local.commands import Finished, finish, pipec, start, until, write

pytestmark = pytest.mark.engine


def pipeline(condition: str, options: str = "") -> str:
    return f"""\
pipeline p {{
  wait ready = {condition} {{ poll = 50ms  {options} }}
  task next after ready = shell('echo next >> ran')
  task beside = shell('echo beside >> ran')
}}
"""


def run(folder: Path, *words: str) -> Finished:
    return pipec(folder, "run", "p.pipe", "--json", "--max-parallel=1", *words)


def begun(folder: Path, text: str, steps: str = "") -> object:
    """A run that waits, and whose other task has ended: a wait takes no slot."""
    write(folder, text, steps)
    process = start(folder, "run", "p.pipe", "--json", "--max-parallel=1")
    until(lambda: (folder / "ran").exists())
    return process


ALL = {"ready": "success", "next": "success", "beside": "success"}


def test_a_file_that_comes_during_the_run(tmp_path: Path) -> None:
    process = begun(tmp_path, pipeline('file("incoming/*.csv")'))
    (tmp_path / "incoming").mkdir()
    (tmp_path / "incoming" / "other.txt").touch()
    (tmp_path / "incoming" / "lots.csv").touch()
    over = finish(process)
    assert (over.exit_code, over.states) == (0, ALL)
    assert "ready waits for incoming/*.csv" in over.said
    assert over.result["tasks"]["ready"]["log"] is None


def test_until_a_time(tmp_path: Path) -> None:
    write(tmp_path, pipeline("until(run.timestamp + 1s)", "timeout = 30s").replace("poll = 50ms", "poll = 1h"))
    moment = datetime.now(UTC) + timedelta(seconds=0.5)
    over = run(tmp_path, f"--date={moment.isoformat()}")
    assert (over.exit_code, over.states) == (0, ALL)
    ended = datetime.fromisoformat(over.result["tasks"]["ready"]["ended_at"])
    assert moment + timedelta(seconds=1) <= ended <= moment + timedelta(seconds=4)


PREDICATE = """\
import os, time

def is_there(name):
    with open("looks", "a") as file:
        file.write("look\\n")
    return os.path.exists(name)

def raises(name):
    raise LookupError(f"no {name}")

def is_odd(name):
    return 1

def hangs(name):
    open("hanging", "w").close()
    time.sleep(60)
"""


def test_a_predicate(tmp_path: Path) -> None:
    process = begun(tmp_path, pipeline('python("steps:is_there", name = "flag")'), PREDICATE)
    until(lambda: (tmp_path / "looks").exists() and (tmp_path / "looks").read_text().count("look") > 2)
    (tmp_path / "flag").touch()
    over = finish(process)
    assert (over.exit_code, over.states) == (0, ALL)
    assert over.result["tasks"]["ready"]["attempts"] == 1


def test_a_predicate_is_looked_at_while_a_task_takes_the_only_slot(tmp_path: Path) -> None:
    text = """\
pipeline p {
  task long = python("steps:long")
  wait ready = python("steps:is_there", name = "flag") { poll = 50ms }
}
"""
    steps = (
        PREDICATE
        + "\ndef long():\n    while not os.path.exists('looks'):\n        time.sleep(0.02)\n    open('flag', 'w')\n"
    )
    write(tmp_path, text, steps)
    over = run(tmp_path)
    assert (over.exit_code, over.states) == (0, {"long": "success", "ready": "success"})


@pytest.mark.parametrize(
    ("function", "error"),
    [
        ("raises", "LookupError: no flag"),
        ("is_odd", "output: expected bool, got int 1"),
        ("missing", "has no function missing"),
    ],
)
def test_a_predicate_that_fails_ends_the_wait(tmp_path: Path, function: str, error: str) -> None:
    write(tmp_path, pipeline(f'python("steps:{function}", name = "flag")'), PREDICATE)
    over = run(tmp_path)
    assert over.states == {"ready": "failed", "next": "upstream_failed", "beside": "success"}
    assert error in over.result["tasks"]["ready"]["error"]


def test_a_task_of_another_pipeline(tmp_path: Path) -> None:
    (tmp_path / "other.pipe").write_text(
        "pipeline other { task load = shell('test -e good')  task last after load = shell('true') }\n"
    )
    process = begun(tmp_path, pipeline('task("other.load")'))
    today = datetime.now(UTC).date()
    yesterday = (today - timedelta(days=1)).isoformat()
    assert pipec(tmp_path, "run", "other.pipe").exit_code == 1
    (tmp_path / "good").touch()
    assert pipec(tmp_path, "run", "other.pipe", f"--date={yesterday}").exit_code == 0
    assert (tmp_path / "ran").read_text() == "beside\n"
    assert pipec(tmp_path, "run", "other.pipe", f"--date={today}").exit_code == 0
    over = finish(process)
    assert (over.exit_code, over.states) == (0, ALL)


def test_an_asset_that_another_run_produces(tmp_path: Path) -> None:
    (tmp_path / "other.pipe").write_text(
        "pipeline other { task load = shell('test -e good') { produces = [\"s3://lake/lots\"] } }\n"
    )
    (tmp_path / "good").touch()
    assert pipec(tmp_path, "run", "other.pipe").exit_code == 0
    process = begun(tmp_path, pipeline('asset("s3://lake/lots")'))
    (tmp_path / "good").unlink()
    assert pipec(tmp_path, "run", "other.pipe").exit_code == 1
    assert (tmp_path / "ran").read_text() == "beside\n"
    (tmp_path / "good").touch()
    assert pipec(tmp_path, "run", "other.pipe").exit_code == 0
    over = finish(process)
    assert (over.exit_code, over.states) == (0, ALL)


@pytest.mark.parametrize(
    ("options", "exit_code", "ready", "following"),
    [
        ("timeout = 200ms", 1, "failed", "upstream_failed"),
        ("timeout = 200ms  on_timeout = fail", 1, "failed", "upstream_failed"),
        ("timeout = 200ms  on_timeout = skip", 0, "skipped", "skipped"),
    ],
)
@pytest.mark.parametrize(
    "condition",
    [
        'file("nowhere")',
        "until(run.timestamp + 1h)",
        'python("steps:is_there", name = "flag")',
        'python("steps:hangs", name = "flag")',
        'task("other.load")',
        'asset("s3://lake/lots")',
    ],
)
def test_what_does_not_come_in_time(
    tmp_path: Path, condition: str, options: str, exit_code: int, ready: str, following: str
) -> None:
    write(tmp_path, pipeline(condition, options), PREDICATE)
    over = run(tmp_path)
    assert over.exit_code == exit_code
    assert over.states == {"ready": ready, "next": following, "beside": "success"}
    assert over.result["tasks"]["ready"]["error"].startswith("timed out after 0.2s: waits ")
    assert over.seconds < 10


@pytest.mark.parametrize(
    "condition", ['file("nowhere")', "until(run.timestamp + 1h)", 'python("steps:hangs", name = "flag")', 'task("o.t")']
)
def test_ctrl_c_during_a_wait_and_the_run_resumed(tmp_path: Path, condition: str) -> None:
    process = begun(tmp_path, pipeline(condition), PREDICATE)
    if "hangs" in condition:
        until(lambda: (tmp_path / "hanging").exists())
    process.send_signal(signal.SIGINT)  # type: ignore[attr-defined]
    over = finish(process)
    assert over.exit_code == 130
    assert over.states == {"ready": "failed", "next": "skipped", "beside": "success"}
    assert over.result["tasks"]["ready"]["error"] == "cancelled"
    assert "Traceback" not in over.err
    write(tmp_path, pipeline('file("p.pipe")'))
    again = run(tmp_path, "--resume")
    assert (again.exit_code, again.states) == (0, ALL)
    assert (tmp_path / "ran").read_text() == "beside\nnext\n"


def test_a_wait_for_no_file_at_all_fails_at_once(tmp_path: Path) -> None:
    write(tmp_path, 'pipeline p(glob: str = "") { wait ready = file(glob) }\n')
    over = run(tmp_path)
    assert over.states == {"ready": "failed"}
    assert "needs a text that is not empty" in over.result["tasks"]["ready"]["error"]
