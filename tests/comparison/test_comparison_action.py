"""The workflow in the manual that posts a comparison on a pull request: its script is run in a repository."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.grammar.manual import manual_text

pytestmark = pytest.mark.engine


def script() -> str:
    """What the step runs that compares."""
    found = re.search(r"^```yaml\n(name: pipelines\n.*?)^```$", manual_text(), re.MULTILINE | re.DOTALL)
    assert found is not None
    steps = yaml.safe_load(found[1])["jobs"]["diff"]["steps"]
    (own,) = (step["run"] for step in steps if step.get("name") == "Compare")
    assert isinstance(own, str)
    return own


def git(*words: str) -> None:
    subprocess.run(
        ["git", "-c", "user.name=n", "-c", "user.email=e@example.com", *words], check=True, capture_output=True
    )


@pytest.fixture
def comment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with a branch `base` and files changed since; where the comment will be."""
    monkeypatch.chdir(tmp_path)
    Path("lib.pipe").write_text("component work = shell('old')\n", "utf-8")
    Path("own.pipe").write_text('import "lib.pipe" as lib\npipeline own { task a = lib.work }\n', "utf-8")
    Path("same.pipe").write_text("pipeline same { task a = shell('a') }\n", "utf-8")
    git("init", "-q", "-b", "base")
    git("add", ".")
    git("commit", "-qm", "first")
    git("checkout", "-qb", "mine")
    return tmp_path / "comment.md"


def compared(comment: Path) -> str:
    git("add", ".")
    git("commit", "-qm", "second")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    subprocess.run(["bash", "-e", "-c", script()], check=True, env={**os.environ, "PATH": path, "BASE": "base"})
    return comment.read_text("utf-8")


def test_what_changed_is_told_of_every_file(comment: Path) -> None:
    Path("lib.pipe").write_text("component work = shell('new')\n", "utf-8")
    Path("same.pipe").write_text("# a comment\npipeline same { task a = shell('a') }\n", "utf-8")
    Path("-a new one.pipe").write_text("pipeline fresh { task a = shell('a') }\n", "utf-8")
    Path("broken.pipe").write_text("pipeline broken {\n", "utf-8")
    text = compared(comment)
    assert re.findall("^### .*$", text, re.MULTILINE) == ["### `pipeline fresh (added)`", "### `pipeline own`"]
    assert "!   does  shell('old') → shell('new')\n" in text


def test_nothing_changed(comment: Path) -> None:
    Path("same.pipe").write_text("pipeline same {\n  task a = shell('a')\n}\n", "utf-8")
    assert compared(comment) == "No pipeline changed its meaning.\n"
