"""RUN_PYTHON, run as a process as a container runs it."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pipec.backends.airflow.pods.runner import RUN_PYTHON, runner_definition, runner_source

STEPS = """
import datetime, dataclasses
@dataclasses.dataclass
class Two:
    a: int
    b: str
def double(n): return n * 2
def two(a, b): return Two(a, b)
def next_day(day): return day + datetime.timedelta(days=1)
def nothing(): print("said")
def both(text): return {"a": 1}
def refused(): raise ConnectionRefusedError("no")
def left(): raise SystemExit(3)
def left_well(): raise SystemExit(0)
class Inner:
    @staticmethod
    def call(**named): return named
async def later(): return 1
"""


def call(
    folder: Path, function: str, values: dict[str, Any], types: dict[str, str], outputs: dict[str, str], single: bool
) -> tuple[int, dict[str, Any], dict[str, Any], str]:
    """The exit status, the answer, the last words, and what was printed on standard error."""
    (folder / "steps.py").write_text(STEPS)
    last_words = folder / "termination-log"
    program = runner_source().replace("/dev/termination-log", str(last_words))
    ended = subprocess.run(
        [sys.executable, "-c", program, f"steps:{function}", *map(json.dumps, (types, outputs, single))],
        env={"PIPEC_OUTPUTS": str(folder), "PIPEC_INPUTS": json.dumps(values)},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    words = json.loads(last_words.read_text()) if last_words.exists() else {}
    return ended.returncode, json.loads((folder / "return.json").read_text()), words, ended.stderr


def test_the_constant_holds_the_program() -> None:
    (assignment, _) = ast.parse(runner_definition()).body
    assert isinstance(assignment, ast.Assign)
    assert isinstance(assignment.targets[0], ast.Name)
    assert assignment.targets[0].id == RUN_PYTHON
    assert ast.literal_eval(assignment.value) == runner_source()


@pytest.mark.parametrize(
    ("function", "values", "types", "outputs", "single", "expected"),
    [
        ("double", {"n": 2}, {"n": "int"}, {"output": "int"}, True, {"output": 4}),
        ("double", {"n": 2}, {"n": "float"}, {"output": "float"}, True, {"output": 4.0}),
        ("two", {"a": 1, "b": "é"}, {"a": "int", "b": "str"}, {"a": "int", "b": "str"}, False, {"a": 1, "b": "é"}),
        ("next_day", {"day": "2026-01-31"}, {"day": "date"}, {"output": "date"}, True, {"output": "2026-02-01"}),
        ("nothing", {}, {}, {}, False, {}),
        ("Inner.call", {"class": None}, {"class": "int?"}, {"output": "json"}, True, {"output": {"class": None}}),
    ],
)
def test_outputs(
    tmp_path: Path,
    function: str,
    values: dict[str, Any],
    types: dict[str, str],
    outputs: dict[str, str],
    single: bool,
    expected: dict[str, Any],
) -> None:
    status, answer, words, _ = call(tmp_path, function, values, types, outputs, single)
    assert (status, answer, words) == (0, {"outputs": expected}, {})


@pytest.mark.parametrize(
    ("function", "status", "message"),
    [
        ("refused", 1, "ConnectionRefusedError: no"),
        ("left", 3, "the task called sys.exit(3) instead of returning"),
        ("left_well", 1, "the task called sys.exit(0) instead of returning"),
        ("absent", 1, "has no function absent"),
    ],
)
def test_failures_are_told_with_the_last_words(tmp_path: Path, function: str, status: int, message: str) -> None:
    ended, answer, words, printed = call(tmp_path, function, {}, {}, {"output": "int"}, True)
    assert ended == status
    assert message in words["message"]
    assert (words["exceptions"], words["kind"]) == (answer["exceptions"], "error")
    assert message in printed


def test_the_traceback_begins_with_the_function(tmp_path: Path) -> None:
    *_, printed = call(tmp_path, "refused", {}, {}, {}, False)
    assert 'steps.py", line' in printed
    assert "<string>" not in printed


@pytest.mark.parametrize("function", ["both", "later"])
def test_bad_outputs_are_no_failure_of_the_process(tmp_path: Path, function: str) -> None:
    values = {"text": "x"} if function == "both" else {}
    status, answer, words, _ = call(tmp_path, function, values, dict.fromkeys(values, "str"), {"output": "int"}, True)
    assert (status, answer["kind"], words) == (0, "output", {})
