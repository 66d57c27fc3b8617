"""Whole DAG files: golden ones, what ruff says of them, and that they are always the same bytes."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from pipec.backends.airflow.support import MARK

from tests.backends.airflow.compiling import compile_text
from tests.examples.test_examples_plan import SEVERAL

GOLDEN = Path(__file__).parent / "golden"
SOURCES = sorted(GOLDEN.glob("*.pipe"))
FOR_KUBEFLOW = ("tuning_pipeline",)
"""Examples with what Airflow has not."""
EXAMPLES = [
    path
    for path in sorted((Path(__file__).parents[3] / "examples").glob("*/pipeline.pipe"))
    if path.parent.name not in (*SEVERAL, *FOR_KUBEFLOW)
]


def compiled(source: Path) -> str:
    return compile_text(source.read_text("utf-8"), source.name)


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_golden(source: Path, golden: Callable[[Path, str], None]) -> None:
    """The part of each file above what is copied from pipec."""
    golden(source.with_suffix(".py.txt"), compiled(source).partition(MARK)[0])


@pytest.mark.parametrize("source", [*SOURCES, *EXAMPLES], ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_ruff_has_nothing_to_say(source: Path, tmp_path: Path) -> None:
    file = tmp_path / "generated_dag.py"
    file.write_text(compiled(source), "utf-8")
    ruff = [sys.executable, "-m", "ruff"]
    settings = ["--isolated", "--no-cache", "--line-length", "120", "--target-version", "py311"]
    rules = ["--preview", "--select", "E4,E7,E9,F,I,AIR3"]
    checked = subprocess.run([*ruff, "check", *settings, *rules, file], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout
    formatted = subprocess.run([*ruff, "format", "--diff", *settings, file], capture_output=True, text=True)
    assert formatted.returncode == 0, formatted.stdout


def test_a_file_is_the_same_in_every_process(tmp_path: Path) -> None:
    texts = set()
    for seed in ("1", "2"):
        command = [
            sys.executable,
            "-m",
            "pipec",
            "compile",
            str(GOLDEN / "branches.pipe"),
            "--target",
            "airflow",
            "-o",
            "-",
        ]
        run = subprocess.run(command, env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, cwd=tmp_path)
        assert run.returncode == 0, run.stderr
        texts.add(run.stdout)
    assert len(texts) == 1


def test_comments_change_nothing_and_everything_else_does() -> None:
    text = (GOLDEN / "etl.pipe").read_text("utf-8")
    assert compile_text("# a comment\n\n" + text) == compile_text(text)
    assert compile_text(text.replace("'python fetch_data.py'", "'python fetch.py'")) != compile_text(text)


def test_compiling_imports_no_airflow() -> None:
    program = (
        "import sys; from tests.backends.airflow.test_airflow_files import GOLDEN, compiled;"
        "compiled(GOLDEN / 'branches.pipe'); print('airflow' in sys.modules)"
    )
    root = Path(__file__).parents[3]
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=root)
    assert run.stdout == "False\n"
