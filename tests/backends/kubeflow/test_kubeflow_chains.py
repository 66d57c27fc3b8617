"""Chains of tasks in one container, really run: what comes out is what comes of each in a container of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import pipec
from pipec.compilation import compile_to
from pipec.optimisation.optimiser import Optimiser
from tests.support.kubeflow import Kubeflow, KubeflowRun, KubeflowTask

pytestmark = pytest.mark.engine

STEPS = """
import os

def clean(rows, where, day):
    print("cleaning", rows, where, day, os.getpid())
    return {"left": rows - day, "where": where + "/clean"}

def broken(**inputs):
    raise RuntimeError("meant to fail")

def double(n):
    return 2 * n

def numbers():
    return [1, 2, 3]
"""

VALUES = r"""
pipeline p(day: str = "mon $x {y}", level: int = 2) -> { found: json, rows: int } {
  image = "python:3.12"
  task fetch(day) -> { path: dataset, rows: int, note: str? } = shell(
    'printf %s "$day" > $PIPEC_OUTPUTS/path; echo 12 > $PIPEC_OUTPUTS/rows; touch $PIPEC_OUTPUTS/note') {
    require rows > level else "only ${rows} rows"
  }
  task clean(rows = fetch.rows, where = fetch.path, day = level) -> { left: int, where: dataset }
    = python("steps:clean")
  task count(n = clean.left + 1, where = clean.where) -> json
    = shell('echo "[$n, \"$where\"]" > $PIPEC_OUTPUTS/output; echo "counted $n $where"')
  task rows -> int = command(["sh", "-c", "echo 7 > $PIPEC_OUTPUTS/output"])
  return { found: count, rows: rows }
}
"""


def compiled(text: str, fuse: bool) -> str:
    loaded = pipec.load(Path("test.pipe"), text=text)
    chosen = {"constant-branches", "redundant-edges"} | ({"fuse"} if fuse else set())
    assert loaded.program is not None, loaded.diagnostics.found
    files = compile_to(loaded, "p", "kubeflow", optimiser=Optimiser(chosen))
    assert files, loaded.diagnostics.found
    return files[0].text


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "steps.py").write_text(STEPS, "utf-8")
    return tmp_path


def both(text: str, kubeflow: Kubeflow, folder: Path) -> tuple[KubeflowRun, KubeflowRun]:
    """The run of a pipeline each of whose tasks has a container, and the one with chains in one."""
    runs = []
    for fuse in (False, True):
        made = compiled(text, fuse)
        assert kubeflow.validate(made) == []
        runs.append(kubeflow.run(made, folder=folder))
    return runs[0], runs[1]


def test_values_arrive(kubeflow: Kubeflow, folder: Path) -> None:
    apart, together = both(VALUES, kubeflow, folder)
    assert apart.state == together.state == "SUCCESS", together
    assert together.tasks.keys() == apart.tasks.keys() - {"fetch", "clean"}
    expected: dict[str, Any] = {"output": '[11,"mon $x {y}/clean"]'}
    assert together.tasks["count"].outputs == apart.tasks["count"].outputs == expected
    assert together.outputs == apart.outputs
    lines = together.tasks["count"].log.splitlines()
    assert [line.rsplit(" ", 1)[0] for line in lines[:1]] == ["cleaning 12 mon $x {y} 2"]
    assert lines[1:] == ["counted 11 mon $x {y}/clean"]


FAILING = """
pipeline p {{
  image = "python:3.12"
  task a -> int = shell('echo a; echo 1 > $PIPEC_OUTPUTS/output') {{ {a} }}
  task b(n = a) -> int = {b}
  task c(n = b) = shell('echo c')
  task d after c = shell('echo d')
  task other = shell('echo other')
  finally {{ task clean = shell('echo clean') }}
}}
"""


@pytest.mark.parametrize(
    ("a", "b", "log"),
    [
        ("", 'python("steps:broken")', "a\nRuntimeError: meant to fail\nb failed, and so nothing after it was run\n"),
        ("", "shell('echo b; exit 3')", "a\nb\nb failed, and so nothing after it was run\n"),
        (
            "",
            "shell('echo b')",
            "a\nb\nmissing outputs: $PIPEC_OUTPUTS/output not written\nb failed, and so nothing after it was run\n",
        ),
        (
            'require output > 3 else "only ${output}"',
            'python("steps:double")',
            "a\nrequirement not met: only 1\na failed, and so nothing after it was run\n",
        ),
    ],
    ids=["an exception", "an exit status", "no output", "a requirement"],
)
def test_nothing_is_run_after_a_failure(a: str, b: str, log: str, kubeflow: Kubeflow, folder: Path) -> None:
    apart, together = both(FAILING.format(a=a, b=b), kubeflow, folder)
    assert apart.state == together.state == "FAILURE"
    before, after = by_name(apart), by_name(together)
    assert after.keys() - {"exit-handler-1"} == {"d", "other", "clean"}
    assert after["d"].state == "FAILURE"
    assert all(after[name].state == before[name].state for name in after if name != "d")
    lines = [line for line in after["d"].log.splitlines() if line and not line.startswith(("Trace", " "))]
    assert lines == log.splitlines()


def by_name(run: KubeflowRun) -> dict[str, KubeflowTask]:
    return {path.rsplit("/", 1)[-1]: task for path, task in run.tasks.items()}


PLACES = """
pipeline p(level: int = LEVEL) -> { all: list[int]?, one: int? } {
  image = "python:3.12"
  task numbers -> list[int] = python("steps:numbers")
  map n in numbers {
    task first(n) -> int = python("steps:double")
    task second(n = first) -> int = python("steps:double")
  }
  task total(all = second[*]) -> list[int] = shell('echo "$all" > $PIPEC_OUTPUTS/output')
  if level > 3 {
    task x -> int = shell('echo 1 > $PIPEC_OUTPUTS/output')
    task y(n = x) -> int = python("steps:double")
  } else {
    task z = shell('true')
  }
  task join(n = y ?? 0) -> int = python("steps:double")
  return { all: total, one: join }
}
"""


@pytest.mark.parametrize("level", [3, 4])
def test_in_maps_and_branches(level: int, kubeflow: Kubeflow, folder: Path) -> None:
    apart, together = both(PLACES.replace("LEVEL", str(level)), kubeflow, folder)
    assert apart.state == together.state == "SUCCESS"
    assert together.outputs == apart.outputs
    assert together.outputs == {"all": "[4,8,12]", "one": 4 if level > 3 else 0}
    assert len(together.tasks) < len(apart.tasks)
    assert not [path for path in together.tasks if path.rsplit("/", 1)[-1] in ("first", "x")]
