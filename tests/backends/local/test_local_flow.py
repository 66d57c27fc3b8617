"""The engine's decisions carried out by real processes, and what a process is given to run in."""

from __future__ import annotations

import json
import re
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

import pytest

from pipec.engine.states import FINAL
from pipec.ir.expressions import RunField
from pipec.ir.model import CronSchedule
from pipec.parameters import ParameterError
from tests.backends.local.harness import Updates, command, log_text, python, run, shell
from tests.support.ir_builder import (
    binary,
    decision,
    gate,
    output,
    parameter,
    parameter_value,
    pipeline,
    require,
    run_value,
)


@pytest.mark.parametrize(("rows", "taken", "skipped"), [(5, "big", "small"), (1, "small", "big")])
def test_a_decision_takes_one_side_and_finally_runs(tmp_path: Path, rows: int, taken: str, skipped: str) -> None:
    result = run(
        tmp_path,
        pipeline(
            shell("extract", f"echo {rows} > $PIPEC_OUTPUTS/rows", outputs={"rows": "int"}),
            decision("decide", binary(output("extract.rows"), ">", 2), after="extract"),
            shell("big", "true", after="decide", side=[("decide", True)]),
            shell("small", "true", after="decide", side=[("decide", False)]),
            shell("join", "true", after="decide big small", rule="none_failed_min_one_success"),
            shell("cleanup", "true", is_finally=True),
        ),
    )
    states = {name: task.state for name, task in result.tasks.items()}
    assert states[skipped] == "skipped"
    assert {name for name, state in states.items() if state == "success"} == {
        "extract",
        "decide",
        taken,
        "join",
        "cleanup",
    }
    assert result.tasks["decide"].outputs == {"output": rows > 2}
    assert result.tasks["decide"].log is None


def test_a_failure_stops_what_depends_on_it_and_finally_still_runs(tmp_path: Path) -> None:
    result = run(
        tmp_path,
        pipeline(
            shell("breaks", "exit 1"),
            shell("after", "true", after="breaks"),
            shell("apart", "true"),
            gate("checks", require(binary(1, ">", 2), "one is less"), require(binary(1, ">", 3), "much less")),
            shell("cleanup", "touch cleaned", is_finally=True),
        ),
    )
    assert {name: task.state for name, task in result.tasks.items()} == {
        "breaks": "failed",
        "after": "upstream_failed",
        "apart": "success",
        "checks": "failed",
        "cleanup": "success",
    }
    assert result.tasks["checks"].error == "one is less\nmuch less"
    assert result.state == "failed"
    assert (tmp_path / "cleaned").exists()


def test_independent_tasks_run_at_once(tmp_path: Path) -> None:
    meets = "touch {0}; for i in $(seq 200); do test -e {1} && exit 0; sleep 0.02; done; exit 1"
    result = run(
        tmp_path, pipeline(shell("a", meets.format("a", "b")), shell("b", meets.format("b", "a"))), max_parallel=2
    )
    assert result.state == "success"


def test_max_parallel_limits_tasks_at_once(tmp_path: Path) -> None:
    watcher = Updates()
    run(tmp_path, pipeline(*[shell(f"t{number}", "true") for number in range(6)]), max_parallel=2, watcher=watcher)
    running, most = 0, 0
    for update in watcher.seen:
        running += 1 if update.state == "running" else -1
        most = max(most, running)
    assert (running, most) == (0, 2)


def test_what_a_shell_task_finds_in_its_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FROM_OUTSIDE", "outside")
    monkeypatch.setenv("PYTHONPATH", "/other")
    (tmp_path / "sub").mkdir()
    names = "FROM_OUTSIDE OVER word PIPEC_RUN_ID PIPEC_TASK PIPEC_ATTEMPT PYTHONPATH PWD PIPEC_OUTPUTS"
    script = f'for name in {names}; do echo "$name=${{!name}}"; done; echo > "$PIPEC_OUTPUTS/output"'
    fields = {"env": {"OVER": "option", "word": "option"}, "working_dir": "sub", "inputs": {"word": "input"}}
    result = run(tmp_path, pipeline(shell('t["a"]', script, outputs="str", **fields), command("c", "env", **fields)))
    task_folder = tmp_path / ".pipec" / "runs" / result.run_id / "t%5B%22a%22%5D"
    expected = {
        "FROM_OUTSIDE": "outside",
        "OVER": "option",
        "word": "input",
        "PIPEC_RUN_ID": result.run_id,
        "PIPEC_TASK": 't["a"]',
        "PIPEC_ATTEMPT": "1",
        "PYTHONPATH": f"{tmp_path}:/other",
        "PWD": str(tmp_path / "sub"),
        "PIPEC_OUTPUTS": str(task_folder / "1" / "outputs"),
    }
    assert dict(line.split("=", 1) for line in log_text(result, 't["a"]').splitlines()) == expected
    assert {"OVER=option", "word=input", "PIPEC_TASK=c"} <= set(log_text(result, "c").splitlines())
    assert "PIPEC_OUTPUTS" not in log_text(result, "c")


def test_what_a_python_task_finds_around_it(tmp_path: Path) -> None:
    code = """
import os, sys, subprocess
def look():
    print("said", end=" ")
    print("wrong", file=sys.stderr)
    subprocess.run(["echo", "by a child"])
    child = [sys.executable, "-c", "import steps; print(steps.__file__)"]
    return {
        "path": sys.path[0],
        "cwd": os.getcwd(),
        "child": subprocess.run(child, cwd="/", capture_output=True, text=True).stdout.strip(),
        "env": os.environ["OVER"] + os.environ["PIPEC_TASK"],
        "inputs": "PIPEC_OUTPUTS" in os.environ,
    }
"""
    # A module of the user's that is called as one of the standard library must not keep the worker from starting.
    (tmp_path / "json.py").write_text("raise RuntimeError('not the json you want')")
    (tmp_path / "queue.py").write_text("raise RuntimeError('not the queue you want')")
    result = run(tmp_path, pipeline(python("t", "look", outputs="json", env={"OVER": "option"})), code=code)
    assert result.tasks["t"].error is None
    assert result.tasks["t"].outputs["output"] == {
        "path": str(tmp_path),
        "cwd": str(tmp_path),
        "child": str(tmp_path / "steps.py"),
        "env": "optiont",
        "inputs": False,
    }
    assert sorted(log_text(result, "t").split()) == ["a", "by", "child", "said", "wrong"]


def test_the_facts_of_a_run(tmp_path: Path) -> None:
    fields = get_args(RunField)
    script = "; ".join(f'echo "${field}"' for field in fields)
    result = run(
        tmp_path,
        pipeline(
            shell("t", script, inputs={field: run_value(field) for field in fields}),
            schedule=CronSchedule(expression="0 2 * * *", timezone="Europe/Berlin"),
        ),
        date=datetime(2026, 1, 31, 23, 30, tzinfo=UTC),
    )
    moment = "2026-02-01T00:30:00+01:00"
    folder = tmp_path / ".pipec" / "runs" / result.run_id
    assert log_text(result, "t").splitlines() == [
        "2026-02-01",
        moment,
        moment,
        moment,
        result.run_id,
        "1",
        "p",
        folder.as_uri(),
    ]


def test_defaults_of_parameters_read_the_run(tmp_path: Path) -> None:
    result = run(
        tmp_path,
        pipeline(
            shell("t", 'echo "$day $n"', inputs={"day": parameter_value("day", "date"), "n": parameter_value("n")}),
            parameters=(
                parameter("day", "date", run_value("date")),
                parameter("n", "int", 1),
            ),
        ),
        parameters={"n": 7},
        date=datetime(2026, 1, 31, tzinfo=UTC),
    )
    assert result.parameters == {"day": "2026-01-31", "n": 7}
    assert log_text(result, "t") == "2026-01-31 7\n"


def test_a_default_without_value_starts_nothing(tmp_path: Path) -> None:
    broken = parameter("n", "float", binary(1, "/", 0, source="1 / 0"))
    with pytest.raises(ParameterError) as raised:
        run(tmp_path, pipeline(shell("t", "true"), parameters=(broken,)))
    assert str(raised.value) == "the default of `n` has no value: division by zero in 1 / 0"
    assert list((tmp_path / ".pipec" / "runs").iterdir()) == []


def test_what_is_kept_of_a_run(tmp_path: Path) -> None:
    result = run(tmp_path, pipeline(shell('t["a/b"]', "echo hello"), returns=binary(1, "+", 1)))
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d-[0-9a-f]{4}", result.run_id)
    folder = tmp_path / ".pipec" / "runs" / result.run_id
    assert (folder / "t%5B%22a%2Fb%22%5D" / "1.log").read_text() == "hello\n"
    assert json.loads((folder / "run.json").read_text()) == json.loads(result.json_text())
    assert sorted(path.name for path in folder.iterdir()) == [".lock", "run.json", "t%5B%22a%2Fb%22%5D"]
    assert (tmp_path / ".pipec" / ".gitignore").read_text() == "*\n"


def test_a_run_works_in_a_thread(tmp_path: Path) -> None:
    results = []
    thread = threading.Thread(target=lambda: results.append(run(tmp_path, pipeline(shell("t", "true")))))
    thread.start()
    thread.join()
    assert results[0].state == "success"
    assert results[0].tasks["t"].state in FINAL


def test_an_empty_pipeline_succeeds(tmp_path: Path) -> None:
    assert run(tmp_path, pipeline()).state == "success"
