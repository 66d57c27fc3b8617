"""What the README gives for CI is run as it stands there, and so are the hooks by the real pre-commit."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from tests.packaging.layout import PACKAGE_FOLDERS, ROOT

pytestmark = pytest.mark.engine

GOOD = "pipeline etl {\n  task extract = shell('true')\n}\n"
BAD = GOOD.replace("task", "tsk")
UNFORMATTED = GOOD.replace("\n  task", "\n      task")

_SECTION = (ROOT / "README.md").read_text("utf-8").partition("## In your CI and editor\n")[2].partition("\n## ")[0]
HOOKS, GITHUB, GITLAB = (
    import_module("yaml").safe_load(block)
    for block in re.findall(r"^```yaml\n(.*?)^```$", _SECTION, re.MULTILINE | re.DOTALL)
)

Run = Callable[[str], subprocess.CompletedProcess[str]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs a script in a folder with a pipeline, pipec on the path, and a `pip` that does nothing."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "pip").write_text("#!/bin/sh\n", "utf-8")
    (tmp_path / "bin" / "pip").chmod(0o755)
    (tmp_path / "etl.pipe").write_text(GOOD, "utf-8")
    path = os.pathsep.join([str(tmp_path / "bin"), str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = {**os.environ, "PATH": path}

    def script(text: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["bash", "-e", "-c", text], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300
        )

    return script


def commands(service: str) -> list[str]:
    if service == "gitlab":
        return list(GITLAB["pipec"]["script"])
    return [step["run"] for step in GITHUB["jobs"]["pipec"]["steps"] if "run" in step]


@pytest.mark.parametrize("service", ["github", "gitlab"])
@pytest.mark.parametrize(
    ("text", "fails"),
    [(GOOD, []), (BAD, ["pipec check", "pipec fmt"]), (UNFORMATTED, ["pipec fmt"])],
    ids=["good", "bad", "unformatted"],
)
def test_a_job(service: str, text: str, fails: list[str], run: Run, tmp_path: Path) -> None:
    """What it runs fails where it should, and the reports are written either way."""
    (tmp_path / "etl.pipe").write_text(text, "utf-8")
    ended = {command: run(command) for command in commands(service)}
    failed = [" ".join(command.split()[:2]) for command, process in ended.items() if process.returncode]
    assert sorted(set(failed)) == fails
    report = tmp_path / {"github": "pipec.sarif", "gitlab": "pipec.json"}[service]
    assert ("etl.pipe" in report.read_text("utf-8")) == (text == BAD)


def test_the_reports_are_those_that_are_handed_on() -> None:
    uploads: list[dict[str, Any]] = [
        step for step in GITHUB["jobs"]["pipec"]["steps"] if "upload" in step.get("uses", "")
    ]
    assert [step["with"]["sarif_file"] for step in uploads] == ["pipec.sarif"]
    assert GITLAB["pipec"]["artifacts"]["reports"] == {"codequality": "pipec.json"}


@pytest.fixture
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A git repository with the sources of pipec, at the tag that the README names."""
    folder = tmp_path_factory.mktemp("repository")
    for name in ("pyproject.toml", "README.md", "LICENSE", ".pre-commit-hooks.yaml"):
        shutil.copy(ROOT / name, folder)
    for name in PACKAGE_FOLDERS.values():
        shutil.copytree(
            ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "node_modules", "dist")
        )
    git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "sources")
    git(folder, "tag", HOOKS["repos"][0]["rev"])
    return folder


def git(folder: Path, *words: str) -> None:
    who = ["-c", "user.name=tests", "-c", "user.email=tests@example.com", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True)


def test_the_hooks_check_and_format(run: Run, repository: Path, tmp_path: Path) -> None:
    """Installed by pre-commit in an environment of their own, which takes a minute."""
    config = {"repos": [{**HOOKS["repos"][0], "repo": str(repository)}]}
    (tmp_path / ".pre-commit-config.yaml").write_text(import_module("yaml").safe_dump(config), "utf-8")
    (tmp_path / "etl.pipe").write_text(UNFORMATTED, "utf-8")
    (tmp_path / "notes.txt").write_text("no pipeline", "utf-8")
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "add", "etl.pipe", "notes.txt", ".pre-commit-config.yaml")
    hooks = f"PRE_COMMIT_HOME={tmp_path}/hooks pre-commit run --all-files"
    formatting = run(hooks)
    assert formatting.returncode == 1, formatting.stdout + formatting.stderr
    assert "pipec fmt" in formatting.stdout
    assert "files were modified by this hook" in formatting.stdout
    assert (tmp_path / "etl.pipe").read_text("utf-8") == GOOD
    assert run(hooks).returncode == 0
    (tmp_path / "etl.pipe").write_text(BAD, "utf-8")
    checking = run(hooks)
    assert checking.returncode == 1
    assert "error[P0005]" in checking.stdout
