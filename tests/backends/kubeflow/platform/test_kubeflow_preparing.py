"""Packages and working directories of python, shell and command tasks."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.backends.kubeflow.platform.written import HAS_IMAGE, compiled
from tests.support.kubeflow import Kubeflow, KubeflowTask

pytestmark = pytest.mark.engine

PIP = """
import pathlib, sys
target = pathlib.Path(sys.argv[sys.argv.index("--target") + 1])
packages = sys.argv[sys.argv.index("--") + 1:]
if "broken" in packages:
    sys.exit("there is no broken")
(target / "bin").mkdir()
(target / "bin" / "tool").write_text("#!/bin/sh\\necho tool\\n")
(target / "bin" / "tool").chmod(0o755)
(target / "fetched.py").write_text(f"PACKAGES = {packages!r}")
"""
"""Stands for pip: what it was asked to install can be imported, and is a program."""

STEPS = """
import os

def packages():
    import fetched
    return fetched.PACKAGES

def folder():
    return os.getcwd()
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "pip").mkdir()
    (tmp_path / "pip" / "__init__.py").touch()
    (tmp_path / "pip" / "__main__.py").write_text(PIP, "utf-8")
    (tmp_path / "steps.py").write_text(STEPS, "utf-8")
    (tmp_path / "data").mkdir()
    return tmp_path


def run(kubeflow: Kubeflow, task: str, folder: Path) -> KubeflowTask:
    text = compiled(f"pipeline p {{ {HAS_IMAGE}\ntask work{task} }}")
    assert kubeflow.validate(text) == []
    return kubeflow.run(text, folder=folder).tasks["work"]


PACKAGES = '{ packages = ["numpy==2.0", "a b; $(id)"] }'


def test_packages_of_a_function(kubeflow: Kubeflow, folder: Path) -> None:
    work = run(kubeflow, f'-> list[str] = python("steps:packages") {PACKAGES}', folder)
    assert work.outputs == {"output": ["numpy==2.0", "a b; $(id)"]}, work


@pytest.mark.parametrize("implementation", ["shell('tool')", 'command(["tool"])'])
def test_programs_of_packages(implementation: str, kubeflow: Kubeflow, folder: Path) -> None:
    assert run(kubeflow, f"= {implementation} {PACKAGES}", folder).log == "tool\n"


def test_packages_that_cannot_be_installed(kubeflow: Kubeflow, folder: Path) -> None:
    work = run(kubeflow, "= shell('echo never') { packages = [\"broken\"] }", folder)
    assert work.state == "FAILURE"
    assert work.log == "there is no broken\ncannot install broken\n"


def test_the_working_directory(kubeflow: Kubeflow, folder: Path) -> None:
    data = str(folder / "data")
    assert run(kubeflow, '-> str = python("steps:folder") { working_dir = "data" }', folder).outputs["output"] == data
    assert run(kubeflow, f"= shell('pwd') {{ working_dir = \"{data}\" }}", folder).log == f"{data}\n"


def test_a_working_directory_that_is_not_there(kubeflow: Kubeflow, folder: Path) -> None:
    work = run(kubeflow, "= shell('pwd') { working_dir = \"nowhere\" }", folder)
    assert work.state == "FAILURE"
    assert work.log == "cannot work in nowhere: No such file or directory\n"
