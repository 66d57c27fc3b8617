"""The page on deploying: its jobs for CI are run as they stand there, in a project of their own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

PAGE = (files("pipec.backends.airflow") / "deploying.md").read_text("utf-8")
JOBS = [
    import_module("yaml").safe_load(block)
    for block in re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
]

ETL = """\
import "lib/steps.pipe" as steps

pipeline etl {
  task extract = shell('true') { pool = "wafer" }
  task load = steps.load
  order extract -> load
  target airflow { pools = { wafer: 8 } }
}
"""
LIBRARY = "component load = shell('true')\n"


def github_steps() -> list[str]:
    steps = JOBS[0]["jobs"]["airflow"]["steps"]
    return [step["run"] for step in steps if "run" in step]


def gitlab_steps() -> list[str]:
    steps: list[str] = JOBS[1]["airflow"]["script"]
    return steps


STEPS = {"github": github_steps(), "gitlab": gitlab_steps()}


@dataclass(frozen=True)
class Project:
    """A folder with sources and compiled files, where `pip` notes what it is asked for."""

    folder: Path

    def run(self, script: str) -> subprocess.CompletedProcess[str]:
        """One step as a runner runs it: GitHub by `bash -e`, GitLab until a command fails."""
        environment = {
            **os.environ,
            "PATH": os.pathsep.join([str(self.folder / "bin"), str(Path(sys.executable).parent), os.environ["PATH"]]),
            "GITHUB_STEP_SUMMARY": str(self.folder / "summary.md"),
        }
        return subprocess.run(
            ["bash", "-e", "-c", script], cwd=self.folder, env=environment, capture_output=True, text=True
        )

    def job(self, steps: list[str]) -> subprocess.CompletedProcess[str]:
        """All steps up to the first that fails; the last one that was run."""
        for step in steps:
            ended = self.run(step)
            if ended.returncode:
                break
        return ended


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "pip").write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/installed\n', "utf-8")
    (tmp_path / "bin" / "pip").chmod(0o755)
    (tmp_path / "pipelines" / "lib").mkdir(parents=True)
    (tmp_path / "pipelines" / "etl.pipe").write_text(ETL, "utf-8")
    (tmp_path / "pipelines" / "lib" / "steps.pipe").write_text(LIBRARY, "utf-8")
    project = Project(tmp_path)
    (command,) = re.findall(r"^    (pipec compile .*)$", PAGE, re.MULTILINE)
    compiled = project.run(command)
    assert compiled.returncode == 0, compiled.stderr
    return project


def test_the_jobs_are_yaml_with_the_same_commands() -> None:
    assert len(JOBS) == 2
    commands: list[Any] = [re.findall(r"pipec \w+|--\w+", "\n".join(steps)) for steps in STEPS.values()]
    github, gitlab = commands
    assert [word for word in github if word != "--output"] == gitlab


def test_the_page_names_the_files_that_are_written(project: Project) -> None:
    named = re.findall(r"^\| `(etl_[\w.]+)` \|", PAGE, re.MULTILINE)
    assert sorted(named) == sorted(path.name for path in (project.folder / "dags").iterdir())


@pytest.mark.engine
@pytest.mark.parametrize("service", STEPS)
def test_a_job_is_green_when_all_is_well(service: str, project: Project) -> None:
    before = {path.name: path.read_bytes() for path in (project.folder / "dags").iterdir()}
    ended = project.job(STEPS[service])
    assert ended.returncode == 0, ended.stderr
    assert {path.name: path.read_bytes() for path in (project.folder / "dags").iterdir()} == before
    assert (project.folder / "installed").read_text("utf-8").splitlines() == [
        "install pipec[airflow]",
        "install -r dags/etl_requirements.txt",
    ]


@pytest.mark.engine
@pytest.mark.parametrize("service", STEPS)
def test_a_job_is_red_when_the_committed_file_is_not_the_compiled_one(service: str, project: Project) -> None:
    source = project.folder / "pipelines" / "etl.pipe"
    source.write_text(ETL.replace("'true'", "'false'"), "utf-8")
    ended = project.job(STEPS[service])
    assert ended.returncode == 1
    assert '-        bash_command="true",\n+        bash_command="false",\n' in ended.stdout
    if service == "github":
        summary = (project.folder / "summary.md").read_text("utf-8")
        assert summary.startswith("```diff\n--- dags/etl_dag.py\n")


@pytest.mark.engine
@pytest.mark.parametrize("service", STEPS)
def test_a_job_is_red_when_airflow_does_not_load_a_file(service: str, project: Project) -> None:
    source = project.folder / "pipelines" / "etl.pipe"
    source.write_text(ETL.replace('"wafer" }', '"wafer" target airflow { executor = "NoExecutor" } }'), "utf-8")
    project.run("pipec compile pipelines/etl.pipe --target airflow -o dags")
    ended = project.job(STEPS[service])
    assert ended.returncode == 1
    assert "error: etl_dag.py: UnknownExecutorException: " in ended.stderr


@pytest.mark.engine
def test_a_job_is_red_when_a_pipeline_has_an_error(project: Project) -> None:
    (project.folder / "pipelines" / "etl.pipe").write_text(ETL.replace("order", "ordr"), "utf-8")
    ended = project.job(STEPS["github"])
    assert ended.returncode == 1
    assert ended.stdout.startswith("::error file=pipelines/etl.pipe,line=6,")
