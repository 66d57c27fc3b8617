"""What the README shows is what the commands print."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")

CONSOLE = dict(re.findall(r"^```console\n\$ pipec (.*)\n([^`]*(?:`[^`]+`[^`]*)*?)^```$", README, re.MULTILINE))
"""Command to what it prints."""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with the examples in it, and with the file that the tour asks the reader to save."""
    (tmp_path / "examples").symlink_to(ROOT / "examples", target_is_directory=True)
    (churn,) = re.findall(r"^```\n(pipeline churn.*?)^```$", README, re.MULTILINE | re.DOTALL)
    (tmp_path / "churn.pipe").write_text(churn, encoding="utf-8")
    return tmp_path


def pipec(arguments: str, folder: Path) -> str:
    command = [sys.executable, "-m", "pipec", *arguments.split()]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, encoding="utf-8", timeout=60).stdout


def test_every_command_is_found() -> None:
    assert [command.split()[0] for command in CONSOLE] == ["check", "plan", "simulate", "compile"]


@pytest.mark.parametrize("command", CONSOLE)
def test_commands_print_what_is_shown(command: str, checkout: Path) -> None:
    assert pipec(command, checkout).strip() == CONSOLE[command].strip()


def test_the_generated_file_holds_what_is_shown(checkout: Path) -> None:
    pipeline = "examples/complete_ml_pipeline/pipeline.pipe"
    generated = pipec(f"compile {pipeline} --target airflow -o -", checkout)
    excerpts = re.findall(r"^```python\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
    assert len(excerpts) == 2
    assert [excerpt for excerpt in excerpts if excerpt not in generated] == []


def test_every_example_is_listed() -> None:
    folders = sorted(file.parent.name for file in (ROOT / "examples").glob("*/pipeline.pipe"))
    listing = (ROOT / "examples" / "README.md").read_text(encoding="utf-8")
    assert sorted(re.findall(r"^\| \[`(\w+)`\]\(\1/pipeline\.pipe\) \|", listing, re.MULTILINE)) == folders
    assert sorted(re.findall(r"^## (\w+)$", listing, re.MULTILINE)) == folders
    assert len(folders) == 26
    assert "twenty-six pipelines with their task code" in README


def test_the_two_commands_differ_in_what_they_run_only() -> None:
    """Nothing but Python and pip is assumed, and the continuous integration finds the test command."""
    commands = re.findall(r"^```sh\n(.*)\n```$", README, re.MULTILINE)
    assert [re.sub(r" --extra .*", "", command) for command in commands] == [
        "python3 -m pip install -qU --target .uv uv && .uv/bin/uv run --frozen"
    ] * 2
    assert [command.partition(" --extra ")[2] for command in commands] == [
        "examples pipec run examples/complete_ml_pipeline/pipeline.pipe",
        "dev pytest -n 2 --dist loadgroup",
    ]
