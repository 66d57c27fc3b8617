"""Going on with a run: what runs again when nothing, the text or a parameter has changed; and who may do it."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.backends.local.commands import Finished, check_integrity, finish, pipec, start, until, write

pytestmark = pytest.mark.engine

PIPELINE = """\
pipeline p(day: str = "monday", size: int = 1) {
  task fetch(day) -> int = shell('echo fetch >> ran; echo 3 > $PIPEC_OUTPUTS/output')
  task count(size) -> int = shell('echo count >> ran; echo $size > $PIPEC_OUTPUTS/output')
  task join(a = fetch, b = count) -> int = shell('echo join >> ran; echo $((a + b)) > $PIPEC_OUTPUTS/output')
  task fails after join = shell('echo fails >> ran; test -e mended')
  task late after fails = shell('echo late >> ran')
  finally { task sweep = shell('echo sweep >> ran') }
}
"""


def ran(folder: Path) -> list[str]:
    """The tasks that ran since this was asked last, in the order of their names."""
    file = folder / "ran"
    lines = file.read_text().split() if file.exists() else []
    file.write_text("")
    return sorted(lines)


@pytest.fixture
def failed(tmp_path: Path) -> Path:
    """The folder of a run that failed."""
    write(tmp_path, PIPELINE)
    assert pipec(tmp_path, "run", "p.pipe").exit_code == 1
    assert ran(tmp_path) == ["count", "fails", "fetch", "join", "sweep"]
    return tmp_path


def resume(folder: Path, *words: str) -> Finished:
    return pipec(folder, "run", "p.pipe", "--resume", "--json", *words)


def test_what_had_not_succeeded_runs_and_what_finally_does(failed: Path) -> None:
    (failed / "mended").touch()
    over = resume(failed)
    assert over.exit_code == 0
    assert over.said[1] == "resumed; the pipeline is as it was"
    assert {"fetch success before", "count success before", "join success before"} <= set(over.said)
    assert ran(failed) == ["fails", "late", "sweep"]
    assert over.result["resumed"]
    assert {name: task["restored"] for name, task in over.result["tasks"].items()} == {
        "fetch": True,
        "count": True,
        "join": True,
        "fails": False,
        "late": False,
        "sweep": False,
    }
    assert over.result["tasks"]["fails"]["attempts"] == 2
    again = resume(failed)
    assert again.exit_code == 2
    assert again.err == f"error: run {over.result['run_id']} succeeded: there is nothing to resume\n"


CHANGES = [
    ("a task", "echo 3 >", "echo 4 >", ["task `fetch`: its implementation changed"], ["fails", "fetch", "join"]),
    (
        "a new task",
        "  task late",
        "  task new after count = shell('echo new >> ran')\n  task late",
        ["task `new` is new"],
        ["fails", "new"],
    ),
    ("a comment", "  task late", "  # soon\n  task late", [], ["fails"]),
    (
        "inputs",
        "fetch(day)",
        "fetch(day = upper(day))",
        ["task `fetch`: its inputs changed"],
        ["fails", "fetch", "join"],
    ),
]


@pytest.mark.parametrize(
    ("old", "new", "lines", "again"), [change[1:] for change in CHANGES], ids=[change[0] for change in CHANGES]
)
def test_a_change_of_the_text_runs_just_that_and_what_depends_on_it(
    failed: Path, old: str, new: str, lines: list[str], again: list[str]
) -> None:
    (failed / "p.pipe").write_text(PIPELINE.replace(old, new))
    over = resume(failed)
    assert over.said[1] == ("resumed; since then:" if lines else "resumed; the pipeline is as it was")
    assert [line.strip() for line in over.said if line.startswith("  ")] == lines
    assert ran(failed) == sorted([*again, "sweep"])


def test_a_success_is_taken_up_again_where_its_text_has_changed(tmp_path: Path) -> None:
    write(tmp_path, PIPELINE.replace("test -e mended", "true"))
    assert pipec(tmp_path, "run", "p.pipe").exit_code == 0
    ran(tmp_path)
    write(tmp_path, PIPELINE.replace("test -e mended", "true").replace("echo late >> ran", "echo late >> ran; true"))
    over = resume(tmp_path)
    assert over.exit_code == 0
    assert ran(tmp_path) == ["late", "sweep"]


def test_another_value_of_a_parameter_runs_what_reads_it(failed: Path) -> None:
    over = resume(failed, "--param", "size=5")
    assert over.said[1:3] == ["resumed; since then:", "  parameter `size` has another value"]
    assert ran(failed) == ["count", "fails", "join", "sweep"]
    assert over.result["tasks"]["join"]["outputs"] == {"output": 8}
    assert over.result["parameters"] == {"day": "monday", "size": 5}


def test_parameters_and_the_date_are_those_of_the_run(tmp_path: Path) -> None:
    write(
        tmp_path,
        """\
pipeline p(size: int = 1, day: date = run.date) {
  task count(size, day) = shell('echo $size $day; test -e mended')
}
""",
    )
    words = ("run", "p.pipe", "--json", "--param", "size=7", "--date", "2026-01-31")
    assert pipec(tmp_path, *words).exit_code == 1
    (tmp_path / "mended").touch()
    over = pipec(tmp_path, "run", "--json", "--resume", environment={"PIPEC_PARAM_SIZE": "9"})
    assert over.exit_code == 0, over.err
    assert over.result["parameters"] == {"size": 7, "day": "2026-01-31"}
    assert Path(over.result["tasks"]["count"]["log"]).read_text() == "7 2026-01-31\n"


def test_the_run_knows_its_file_and_pipeline(tmp_path: Path) -> None:
    text = "pipeline a { task x = shell('test -e mended') }\npipeline b { task y = shell('true') }\n"
    (tmp_path / "two.pipe").write_text(text)
    first = pipec(tmp_path, "run", "two.pipe", "--pipeline=a", "--json")
    assert pipec(tmp_path, "run", "two.pipe", "--pipeline=b").exit_code == 0
    (tmp_path / "mended").touch()
    over = pipec(tmp_path, "run", "--json", f"--resume={first.result['run_id']}")
    assert (over.exit_code, over.states) == (0, {"x": "success"})
    refused = pipec(tmp_path, "run", "two.pipe", "--pipeline=b", f"--resume={first.result['run_id']}")
    assert refused.exit_code == 2
    assert refused.err == f"error: run {first.result['run_id']} is one of a, not of b\n"


GOES_ON = """\
pipeline p {
  task first = shell('echo "began $PIPEC_RUN_ID" >> began; until test -e go; do sleep 0.02; done')
  task second after first = shell('echo $PIPEC_RUN_ID >> ended')
}
"""


def test_a_run_that_goes_on_is_not_resumed(tmp_path: Path) -> None:
    write(tmp_path, GOES_ON)
    process = start(tmp_path, "run", "p.pipe", "--json")
    until(lambda: (tmp_path / "began").exists())
    refused = pipec(tmp_path, "run", "p.pipe", "--resume")
    (tmp_path / "go").touch()
    over = finish(process)
    assert (over.exit_code, over.states) == (0, {"first": "success", "second": "success"})
    assert refused.exit_code == 2
    assert refused.err == f"error: run {over.result['run_id']} is still going on: another process runs it\n"
    assert (tmp_path / "began").read_text().count("began") == 1


def test_two_runs_at_once_in_one_folder(tmp_path: Path) -> None:
    write(tmp_path, GOES_ON)
    processes = [start(tmp_path, "run", "p.pipe", "--json") for _ in range(3)]
    until(lambda: (tmp_path / "began").exists() and len((tmp_path / "began").read_text().splitlines()) == 3)
    (tmp_path / "go").touch()
    over = [finish(process) for process in processes]
    assert [one.exit_code for one in over] == [0, 0, 0]
    ids = {one.result["run_id"] for one in over}
    assert len(ids) == 3
    assert set((tmp_path / "ended").read_text().split()) == ids
    check_integrity(tmp_path)
    listed = json.loads(pipec(tmp_path, "runs", "--json").out)
    assert {run["run_id"] for run in listed["runs"]} == ids


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["run", "p.pipe", "--resume"], "there is no run of p in {folder}/.pipec"),
        (["run", "p.pipe", "--resume", "2026"], "there is no run 2026 in {folder}/.pipec"),
        (["run", "--resume"], "there are no runs in {folder}/.pipec"),
    ],
)
def test_nothing_to_resume(tmp_path: Path, words: list[str], message: str) -> None:
    write(tmp_path, PIPELINE)
    over = pipec(tmp_path, *words)
    assert over.exit_code == 2
    assert over.err == f"error: {message.format(folder=tmp_path)}\n"


def test_a_store_nobody_may_write(tmp_path: Path) -> None:
    write(tmp_path, PIPELINE)
    os.symlink("/sys", tmp_path / ".pipec")
    over = pipec(tmp_path, "run", "p.pipe")
    assert over.exit_code == 2
    assert over.err.startswith("error: the run store cannot be used (")
    assert over.err.count("\n") == 1
    assert ran(tmp_path) == []
