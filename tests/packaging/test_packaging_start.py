"""A start loads what the command needs, and no more: what is loaded needlessly is waited for by everyone."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

GOOD = "pipeline p { task a = shell('true')  task b after a = shell('true') { timeout = 5m } }\n"
FAULTY = "pipeline p {\n  task a = \n  tsk b = shell('x')\n"

ENGINES = {"airflow", "kfp"}
GENERATORS = {"lark", "interegular"}
MODELS = {"pydantic", "pydantic_core", "annotated_types"}
STANDARD = {
    "asyncio",
    "email",
    "hashlib",
    "http",
    "logging",
    "sqlite3",
    "ssl",
    "unittest",
    "xml",
    "zipfile",
    "zoneinfo",
}
SLOW = ENGINES | GENERATORS | MODELS | STANDARD | {"jinja2", "jsonschema", "networkx"}

COMMANDS: dict[str, tuple[list[str], int, set[str]]] = {
    "version": (["--version"], 0, SLOW),
    "help": (["--help"], 0, SLOW),
    "explain": (["explain", "P0001"], 0, SLOW),
    "check": (["check", "good.pipe"], 0, SLOW | {"shutil"}),
    "check of a faulty file": (["check", "faulty.pipe"], 1, SLOW | {"shutil"}),
    "check for a target": (["check", "good.pipe", "--target", "local"], 0, SLOW),
    "compile": (["compile", "good.pipe", "--target", "airflow", "-o", "-"], 0, ENGINES | GENERATORS | MODELS),
    "compile to the IR": (["compile", "good.pipe", "--target", "ir", "-o", "-"], 0, SLOW),
    "plan": (["plan", "good.pipe"], 0, ENGINES | GENERATORS | MODELS),
}
"""Words, exit code, and the packages that are not loaded."""

REPORT = """
import sys
from pipec.cli import main
code = main(sys.argv[1:])
print("loaded", *sorted({name.partition(".")[0] for name in sys.modules}), file=sys.stderr)
sys.exit(code)
"""


@pytest.mark.parametrize("name", COMMANDS)
def test_what_a_command_does_not_load(name: str, tmp_path: Path) -> None:
    words, exit_code, forbidden = COMMANDS[name]
    (tmp_path / "good.pipe").write_text(GOOD, encoding="utf-8")
    (tmp_path / "faulty.pipe").write_text(FAULTY, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", REPORT, *words],
        cwd=tmp_path,
        env={key: value for key, value in os.environ.items() if not key.startswith("COVERAGE")},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == exit_code, done.stderr
    loaded = set(done.stderr.splitlines()[-1].split()[1:])
    assert "pipec" in loaded
    assert loaded & forbidden == set()
