"""`pipec compile --verify` and the two forms of a file."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

import pipec
from pipec.cli import main
from tests.support.environments import environment
from tests.support.kubeflow import REQUIREMENTS, VERSION

PIPELINE = """\
## What it is for.
pipeline p(n: int = 3) {
  target kubeflow { image = "registry.example.com/steps:1" }
  task work(n) -> int = python("steps:f") { timeout = 5m }
  task more(work) = python("steps:g")
}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "p.pipe").write_text(PIPELINE, "utf-8")
    return tmp_path / "p.pipe"


def python(program: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """This interpreter, with the packages of Kubeflow's SDK before its own."""
    found = environment(f"kubeflow-{VERSION}", REQUIREMENTS, newest=(3, 13)).parents[1]
    packages = found / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages"
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("KF", "PYTHON"))}
    command = [sys.executable, "-P", *program]
    return subprocess.run(
        command, cwd=folder, env={**kept, "PYTHONPATH": str(packages)}, capture_output=True, text=True, check=False
    )


@pytest.mark.engine
@pytest.mark.parametrize("form", ["yaml", "crd"])
def test_what_is_written_has_no_faults(form: str, file: Path) -> None:
    words = ["-m", "pipec", "compile", "p.pipe", "--target", "kubeflow", "--format", form, "--verify", "-o", "-"]
    done = python(words, file.parent)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.engine
@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        ('"componentInputParameter": "n"', '"componentInputParameter": "m"', "m"),
        ('"taskInfo":', '"taskInfos":', "taskInfos"),
        ('"image": "registry', '"images": "registry', "images"),
        ('"activeDeadlineSeconds":', '"activeDeadlines":', "activeDeadlines"),
    ],
)
def test_faults_are_found(before: str, after: str, fault: str, file: Path) -> None:
    text = pipec.compile(pipec.load(file), "kubeflow")[0].text
    assert before in text
    (file.parent / "p.yaml").write_text(text.replace(before, after), "utf-8")
    program = (
        "import json; from pipec.backends.kubeflow.verifying import faults_of;"
        "print(json.dumps(list(faults_of(open('p.yaml').read()))))"
    )
    done = python(["-c", program], file.parent)
    assert done.returncode == 0, done.stderr
    faults = json.loads(done.stdout)
    assert faults
    assert any(fault in one for one in faults), faults


def test_the_sdk_may_be_missing(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compile", str(file), "--target", "kubeflow", "--verify", "-o", "-"]) == 2
    assert 'has to be installed beside pipec: pip install "pipec[kubeflow]"' in capsys.readouterr().err


def test_resources_hold_the_same_specification(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plain, platform = yaml.safe_load_all(pipec.compile(pipec.load(file), "kubeflow")[0].text)
    assert main(["compile", str(file), "--target", "kubeflow", "--format", "crd", "-o", "-"]) == 0
    pipeline, version = yaml.safe_load_all(capsys.readouterr().out)
    assert (pipeline["kind"], pipeline["metadata"]["name"]) == ("Pipeline", "p")
    assert version["spec"]["pipelineSpec"] == plain
    assert version["spec"]["platformSpec"] == platform
    assert version["metadata"]["name"].startswith("p-")
    again = importlib.import_module("pipec.backends.kubeflow.manifests").version_name("p" * 80, "text", 63)
    assert len(again) == 63


def test_other_forms_are_refused(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compile", str(file), "--target", "kubeflow", "--format", "xml"]) == 2
    assert "it writes yaml and crd" in capsys.readouterr().err
    assert main(["compile", str(file), "--target", "airflow", "--format", "crd"]) == 2
    assert "it writes one form alone" in capsys.readouterr().err
