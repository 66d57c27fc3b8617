"""Notebooks, and Python functions with packages of their own, run for real."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.backends.airflow.compiling import compile_text
from tests.support.airflow import AirflowHome

pytestmark = pytest.mark.engine


def notebook(*cells: str) -> str:
    """A notebook of these cells, the first of which has defaults of its parameters."""
    shown: list[dict[str, Any]] = [
        {
            "cell_type": "code",
            "id": f"cell-{number}",
            "execution_count": None,
            "metadata": {"tags": ["parameters"]} if number == 0 else {},
            "outputs": [],
            "source": cell,
        }
        for number, cell in enumerate(cells)
    ]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return json.dumps({"cells": shown, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5})


def test_a_notebook_is_given_inputs_and_gives_outputs(airflow: AirflowHome) -> None:
    text = compile_text("""
        pipeline p(day: date = 2026-01-31, title: str = "'q\\" {{ x }} \\\\ é") {
          task report(day, title, ratio = 0.5, names = ["a", "b"], note = null) -> { text: str, pages: int }
            = notebook("report.ipynb") { env = { STAGE: "test" } }
        }""")
    cells = (
        "day = title = ratio = names = None\nnote = 1",
        "import os\nfolder = os.environ['PIPEC_OUTPUTS']\nprint('hello')",
        "open(folder + '/text', 'w').write(f'{day} {title} {ratio} {names} {note} {os.environ[\"STAGE\"]}')\n"
        "open(folder + '/pages', 'w').write('3')",
    )
    run = airflow.run(text, {"report.ipynb": notebook(*cells)})
    assert run.states == {"report": "success"}, run.log
    assert run.values == {"report": {"text": "2026-01-31 'q\" {{ x }} \\ é 0.5 ['a', 'b'] None test", "pages": 3}}


def test_a_notebook_that_fails(airflow: AirflowHome) -> None:
    text = compile_text("""
        pipeline p {
          task matches = notebook("fails.ipynb") { retry = { max: 1, on: ["KeyError"] } }
          task other = notebook("fails.ipynb") { retry = { max: 1, on: ["ValueError"] } }
          task nothing -> int = notebook("fine.ipynb") { retries = 1 }
        }""")
    run = airflow.run(text, {"fails.ipynb": notebook("raise KeyError('x')"), "fine.ipynb": notebook("1 + 1")})
    assert run.states == {"matches": "failed", "other": "failed", "nothing": "failed"}
    assert run.attempts == {"matches": 2, "other": 1, "nothing": 1}
    assert "missing outputs: $PIPEC_OUTPUTS/output not written" in run.log


def wheel(folder: Path) -> Path:
    """A package of one module, `tiny_answers`, to be installed without an index."""
    import zipfile

    name = "tiny_answers-1.0"
    file = folder / f"{name}-py3-none-any.whl"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("tiny_answers.py", "ANSWER = 42\n")
        archive.writestr(f"{name}.dist-info/METADATA", "Metadata-Version: 2.1\nName: tiny-answers\nVersion: 1.0\n")
        archive.writestr(
            f"{name}.dist-info/WHEEL", "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{name}.dist-info/RECORD", "")
    return file


STEPS = """
import datetime, os, sys
def work(n, day):
    import tiny_answers
    try:
        import airflow
    except ImportError:
        return {"text": f"{tiny_answers.ANSWER + n} {day:%d.%m.} {os.environ['STAGE']} {os.path.basename(os.getcwd())}"}
def refused(): raise ConnectionRefusedError("no")
def bad(): return "x"
"""


def test_packages_are_installed_for_the_task_alone(airflow: AirflowHome, tmp_path: Path) -> None:
    file = json.dumps(str(wheel(tmp_path)))
    text = compile_text(f"""
        pipeline p(day: date = 2026-01-31) {{
          task work(n = 1, day) -> {{ text: str }} = python("steps:work") {{
            packages = [{file}]
            env = {{ STAGE: "test" }}
            working_dir = "inner"
          }}
          task refused = python("steps:refused") {{ packages = [{file}]  retry = {{ max: 1, on: ["OSError"] }} }}
          task bad -> int = python("steps:bad") {{ packages = [{file}]  retries = 1 }}
        }}""")
    folder = tmp_path / "beside"
    (folder / "inner").mkdir(parents=True)
    (folder / "steps.py").write_text(STEPS)
    run = airflow.run(text, folder)
    assert run.states == {"work": "success", "refused": "failed", "bad": "failed"}, run.log
    assert run.values == {"work": {"text": "43 31.01. test inner"}}
    assert run.attempts == {"work": 1, "refused": 2, "bad": 1}
    assert "output output: expected int, got str 'x'" in run.log
    shutil.rmtree(folder)
