"""Programs that several tasks run, written once where the workflow would be too large otherwise."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from difflib import unified_diff
from pathlib import Path
from typing import Any

import pytest
import yaml
from pipec.backends.kubeflow import sizes
from pipec.backends.kubeflow.linting import lint
from pipec.backends.kubeflow.requests import program

import pipec
from pipec.compilation import compile_to
from pipec.optimisation.optimiser import Optimiser
from tests.support.kubeflow import Kubeflow

GOLDEN = Path(__file__).parent / "golden"

STEPS = """
def one():
    return 1

def double(n):
    return 2 * n

def numbers():
    return [1, 2, 3]

def broken():
    raise RuntimeError("meant to fail")
"""

EVERYWHERE = """
pipeline part(n: int) -> int {
  image = "python:3.12"
  task inner(n) -> int = python("steps:double")
  return inner
}
pipeline p(level: int = 2) -> { all: list[int]?, one: int? } {
  image = "python:3.12"
  task numbers -> list[int] = python("steps:numbers")
  map n in numbers {
    task first(n) -> int = python("steps:double")
    task second(n = first + 1) -> int = shell('echo "$n" > $PIPEC_OUTPUTS/output')
  }
  task total(all = second[*]) -> list[int] = shell('echo "$all" > $PIPEC_OUTPUTS/output')
  task called(n = level) -> int = part
  if level > 3 {
    task x(n = called) -> int = python("steps:double")
  } else {
    task z = shell('true')
  }
  task join(n = x ?? 0) -> int = python("steps:double")
  finally { task bye = shell('echo bye') }
  return { all: total, one: join }
}
"""


def files(text: str, *chosen: str, format: str = "yaml") -> list[str]:
    loaded = pipec.load(Path("test.pipe"), text=text)
    assert loaded.program is not None, loaded.diagnostics.found
    made = compile_to(loaded, "p", "kubeflow", format=format, optimiser=Optimiser(set(chosen)))
    assert made, loaded.diagnostics.found
    return [file.text for file in made]


def compiled(text: str, *chosen: str) -> Any:
    return yaml.safe_load(files(text, *chosen)[0])


def shared_in(document: Any) -> dict[str, Any]:
    parameters = document["root"].get("inputDefinitions", {}).get("parameters", {})
    return {name: each for name, each in parameters.items() if name.startswith("pipec-")}


def many(tasks: int) -> str:
    lines = [f'  task task_{number} = python("steps:step_{number}")' for number in range(tasks)]
    return "\n".join(["pipeline p {", '  image = "steps:1"', *lines, "}", ""])


@pytest.fixture
def always(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every workflow is too large."""
    monkeypatch.setattr(sizes, "LARGEST", 0)


def test_only_where_the_workflow_would_be_too_large() -> None:
    small, large = compiled(many(20), "shared-programs"), compiled(many(100), "shared-programs")
    assert shared_in(small) == {}
    assert small == compiled(many(20))
    assert list(shared_in(large)) == ["pipec-call"]
    assert shared_in(large)["pipec-call"]["defaultValue"] == program("call", False)
    assert lint(large) == ()
    assert shared_in(compiled(many(100))) == {}


@pytest.mark.usefixtures("always")
def test_before_and_after(golden: Callable[[Path, str], None]) -> None:
    before, after = (
        re.sub(r"b64decode\('[^']*'\)", "b64decode('…')", files(many(2), *chosen)[0]).splitlines()
        for chosen in ((), ("shared-programs",))
    )
    changed = unified_diff(before, after, "before", "after", lineterm="")
    golden(GOLDEN / "shared_programs.txt", re.sub(r"[0-9a-f]{64}", "…", "\n".join(changed)) + "\n")


def test_the_same_bytes_again() -> None:
    assert files(many(100), "shared-programs") == files(many(100), "shared-programs")
    assert program("call", False).count("bz2.decompress") == 1
    assert files(many(100), "shared-programs")[0].count("bz2.decompress") == 1


@pytest.mark.usefixtures("always")
def test_a_program_of_one_task_stays_in_its_command() -> None:
    document = compiled(
        'pipeline p {\n  image = "a:1"\n  task a = python("s:f")\n  task b = shell(\'true\')\n}\n', "shared-programs"
    )
    assert compiled(many(1), "shared-programs") == compiled(many(1))
    assert shared_in(document) == {}


@pytest.mark.usefixtures("always")
def test_resources_of_kubernetes_hold_the_same() -> None:
    [text] = files(many(3), "shared-programs", format="crd")
    version = list(yaml.safe_load_all(text))[1]
    assert version["spec"]["pipelineSpec"] == compiled(many(3), "shared-programs")


@pytest.mark.usefixtures("always")
def test_programs_with_and_without_expressions_are_told_apart() -> None:
    text = """
pipeline p(n: int = 1) {
  image = "a:1"
  task a(n) = python("s:f")
  task b(n) = python("s:g")
  task c(n = n + 1) = python("s:f")
  task d(n = n + 2) = python("s:f")
}
"""
    found = shared_in(compiled(text, "shared-programs"))
    assert {name: each["defaultValue"] for name, each in found.items()} == {
        "pipec-call": program("call", False),
        "pipec-call-2": program("call", True),
    }


def run_task(text: Any) -> subprocess.CompletedProcess[str]:
    """Run the first task with a text for the program that it shares."""
    container = compiled(many(2), "shared-programs")["deploymentSpec"]["executors"]["exec-task-0"]["container"]
    given = {"inputs": {"parameterValues": {} if text is None else {"pipec-call": text}}}
    command = [sys.executable, *container["command"][1:], container["args"][0], json.dumps(given)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.usefixtures("always")
@pytest.mark.parametrize("text", [None, "", "print('other code')", program("call", False) + "\nprint('other code')"])
def test_no_other_program_is_run(text: str | None) -> None:
    done = run_task(text)
    assert done.returncode == 1
    assert done.stdout == ""
    expected = "pipec-call is not what this pipeline was compiled with: start the run without this parameter\n"
    assert done.stderr == expected


@pytest.mark.usefixtures("always")
def test_the_program_itself_is_run() -> None:
    assert "No module named 'steps'" in run_task(program("call", False)).stderr


@pytest.mark.engine
@pytest.mark.parametrize("chosen", [(), ("fuse",)])
@pytest.mark.parametrize("level", [3, 4])
def test_all_comes_out_the_same(
    level: int, chosen: tuple[str, ...], kubeflow: Kubeflow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In loops, called pipelines, branches and exit tasks, and in chains of tasks."""
    (tmp_path / "steps.py").write_text(STEPS, "utf-8")
    [apart] = files(EVERYWHERE, *chosen)
    monkeypatch.setattr(sizes, "LARGEST", 0)
    [shared] = files(EVERYWHERE, *chosen, "shared-programs")
    assert kubeflow.validate(shared) == []
    document = yaml.safe_load(shared)
    assert lint(document) == ()
    assert len(shared_in(document)) >= 2
    before, after = (kubeflow.run(text, {"level": level}, tmp_path) for text in (apart, shared))
    assert before.state == after.state == "SUCCESS", after
    assert after.outputs == before.outputs == {"all": "[3,5,7]", "one": 8 * level if level > 3 else 0}
    assert after.states == before.states
    assert {path: task.outputs for path, task in after.tasks.items()} == {
        path: task.outputs for path, task in before.tasks.items()
    }


@pytest.mark.engine
@pytest.mark.usefixtures("always")
def test_attempts_inside_of_a_container(kubeflow: Kubeflow, tmp_path: Path) -> None:
    """Each is a process of its own that runs the same program."""
    (tmp_path / "steps.py").write_text(STEPS, "utf-8")
    retry = 'retry = { max: 2, on: ["RuntimeError"], delay: 0s }'
    text = f"""
pipeline p {{
  image = "python:3.12"
  task a = python("steps:broken") {{ {retry} }}
  task b = python("steps:broken") {{ {retry} }}
}}
"""
    [shared] = files(text, "shared-programs")
    run = kubeflow.run(shared, folder=tmp_path)
    assert run.state == "FAILURE"
    assert run.tasks["a"].log.count("meant to fail") >= 3
