"""`pipec run` on files: what goes to stdout and stderr, and the exit code."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from pipec.cli import main

ETL = """
pipeline etl(rows: int = 3, day: date = run.date) -> { rows: int } {
  task extract(rows, day) -> { rows: int } = shell('echo "$day"; echo "$rows" > "$PIPEC_OUTPUTS/rows"')
  if extract.rows > 2 { task big = shell('true') } else { task small = shell('true') }
  task load(rows = extract.rows) = python("steps:load")
  finally { task cleanup = shell('true') }
  return { rows: extract.rows }
}
"""

STEPS = """
def load(rows):
    print("loading", rows)
    if rows == 13:
        raise RuntimeError("unlucky")
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project in a folder of its own, and another folder to stand in."""
    project = tmp_path / "project"
    project.mkdir()
    (project / "etl.pipe").write_text(ETL)
    (project / "steps.py").write_text(STEPS)
    stand = tmp_path / "stand"
    stand.mkdir()
    monkeypatch.chdir(stand)
    return project


def states(result: dict[str, Any]) -> dict[str, str]:
    return {name: task["state"] for name, task in result["tasks"].items()}


def test_a_run_that_succeeds(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", str(folder / "etl.pipe")]) == 0
    said = capsys.readouterr()
    assert re.match(r"etl success in .*s, run ", said.out)
    assert 'returned {"rows": 3}' in said.out
    assert re.search(r"^\d\d:\d\d:\d\d load success in ", said.err, re.MULTILINE)
    assert "\x1b" not in said.out + said.err
    assert [path.name for path in Path.cwd().iterdir()] == [".pipec"]


def test_a_run_that_fails(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", str(folder / "etl.pipe"), "--param", "rows=13"]) == 1
    said = capsys.readouterr()
    assert re.match(r"etl failed in .*s, run ", said.out)
    assert "\nload failed: RuntimeError: unlucky\n  | loading 13\n  | Traceback" in said.out
    assert re.search(r"^  log: \.pipec/runs/.*/load/1\.log$", said.out, re.MULTILINE)


def test_json(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", str(folder / "etl.pipe"), "--json", "--param", "rows=1", "--date", "2026-01-31"]) == 0
    result = json.loads(capsys.readouterr().out)
    schema = import_module("pipec.backends.local.result").RunResult.model_json_schema()
    jsonschema.validate(result, schema)
    assert {"run_id", "pipeline", "state", "started_at", "ended_at", "tasks"} <= set(result)
    task_keys = {"state", "attempts", "started_at", "ended_at", "outputs", "error"}
    assert all(task_keys <= set(task) for task in result["tasks"].values())
    assert (result["pipeline"], result["state"], result["returns"]) == ("etl", "success", {"rows": 1})
    assert result["parameters"] == {"rows": 1, "day": "2026-01-31"}
    assert states(result) == {
        "extract": "success",
        "decide_big": "success",
        "big": "skipped",
        "small": "success",
        "load": "success",
        "cleanup": "success",
    }
    assert Path(result["tasks"]["extract"]["log"]).read_text() == "2026-01-31\n"
    kept = Path(".pipec/runs", result["run_id"], "run.json")
    assert json.loads(kept.read_text()) == result


def test_parameters_come_from_file_environment_and_options(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "values.toml").write_text("rows = 7\nday = 2026-01-01\n")
    monkeypatch.setenv("PIPEC_PARAM_ROWS", "8")
    command = ["run", str(folder / "etl.pipe"), "--params", str(folder / "values.toml"), "--dry-run", "--json"]
    assert main(command) == 0
    assert json.loads(capsys.readouterr().out)["parameters"] == {"rows": 8, "day": "2026-01-01"}
    assert main([*command, "--param", "rows=9"]) == 0
    assert json.loads(capsys.readouterr().out)["parameters"] == {"rows": 9, "day": "2026-01-01"}


def test_dry_run_runs_nothing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", str(folder / "etl.pipe"), "--dry-run"]) == 0
    assert capsys.readouterr().out == (
        "etl: 6 tasks; those of a level can run at once\n"
        "   1  extract\n"
        "   2  decide_big, load\n"
        "   3  big, small\n"
        "   4  cleanup\n"
    )
    assert list(Path.cwd().iterdir()) == []


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--param", "rwos=1"], "error[P0601]: `rwos` is no parameter of etl\n  help: there is `rows`\n"),
        (["--param", "rows=many"], "error[P0603]: --param rows: expected int, got str 'many'\n"),
        (["--param", "rows"], "`rows` is not of the form name=value"),
        (["--params", "none.json"], "error[P0604]: cannot read none.json: No such file or directory\n"),
        (["--max-parallel", "0"], "`0` is not a number above 0"),
        (["--date", "tomorrow"], "`tomorrow` is not a date such as 2026-01-31"),
        (["--pipeline", "elt"], "has no pipeline `elt`: there is `etl`"),
        (["--no-such-option"], "unrecognized arguments: --no-such-option"),
    ],
)
def test_wrong_usage(folder: Path, capsys: pytest.CaptureFixture[str], options: list[str], message: str) -> None:
    assert main(["run", str(folder / "etl.pipe"), *options]) == 2
    said = capsys.readouterr()
    assert message in said.err
    assert said.out == ""
    assert list(Path.cwd().iterdir()) == []


def test_a_file_with_several_pipelines_needs_a_choice(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    two = folder / "two.pipe"
    two.write_text("pipeline a { task x = shell('true') }\npipeline b { task y = shell('true') }\n")
    assert main(["run", str(two)]) == 2
    assert "two.pipe defines `a`, `b`: choose one with --pipeline" in capsys.readouterr().err
    assert main(["run", str(two), "--pipeline", "b", "--json"]) == 0
    assert states(json.loads(capsys.readouterr().out)) == {"y": "success"}


def test_a_file_with_errors_does_not_run(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = folder / "wrong.pipe"
    wrong.write_text("pipeline p { task x(a = nowhere) = shell('true') }\n")
    assert main(["run", str(wrong)]) == 1
    said = capsys.readouterr()
    assert "nowhere" in said.err
    assert said.out == ""


def test_what_cannot_run_here_is_refused_at_its_place(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    query = folder / "query.pipe"
    query.write_text("pipeline p {\n  task q = sql('select 1', conn = 'db')\n}\n")
    assert main(["run", str(query)]) == 1
    said = capsys.readouterr().err
    assert "error[P0501]: `local` cannot express" in said
    assert "query.pipe:2:" in said
    assert list(Path.cwd().iterdir()) == []


def test_a_store_that_cannot_be_written(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path(".pipec").write_text("a file is in the way")
    assert main(["run", str(folder / "etl.pipe")]) == 2
    assert capsys.readouterr().err == f"error: the run store cannot be used (Not a directory): {Path.cwd()}/.pipec\n"


def test_ctrl_c(folder: Path) -> None:
    (folder / "long.pipe").write_text("pipeline p { task x = shell('touch began; sleep 30') }\n")
    command = [sys.executable, "-m", "pipec", "run", str(folder / "long.pipe"), "--json"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 20
    while not (folder / "began").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=20)
    result = json.loads(out)
    assert process.returncode == 130
    assert (result["interrupted"], result["state"], states(result)) == (True, "failed", {"x": "failed"})
    assert result["tasks"]["x"]["error"] == "cancelled"
    assert "stopping: ending what runs\n" in err
    assert "Traceback" not in err
