"""What is done before the code of a task starts: its packages are installed, and its working directory entered."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from typing import Any


def prepare(asked: dict[str, Any]) -> int:
    """See to packages and working directory, also for processes that are started; the exit status."""
    if "packages" in asked:
        status = install(asked["packages"])
        if status != 0:
            return status
    if "working_dir" in asked:
        try:
            os.chdir(asked["working_dir"])
        except OSError as error:
            print(f"cannot work in {asked['working_dir']}: {error.strerror}", file=sys.stderr, flush=True)
            return 1
    return 0


def install(packages: list[str]) -> int:
    """Let pip put packages into a folder of their own, before all others where Python looks; the exit status."""
    folder = tempfile.mkdtemp(prefix="pipec-packages-")
    options = ["--quiet", "--disable-pip-version-check", "--no-input", "--no-warn-script-location"]
    command = [sys.executable, "-m", "pip", "install", *options, "--target", folder, "--", *packages]
    status = subprocess.run(command, stdin=subprocess.DEVNULL, check=False).returncode
    if status != 0:
        print(f"cannot install {', '.join(packages)}", file=sys.stderr, flush=True)
        return status
    sys.path.insert(0, folder)
    for variable, path in (("PYTHONPATH", folder), ("PATH", os.path.join(folder, "bin"))):
        os.environ[variable] = os.pathsep.join([path, *filter(None, [os.environ.get(variable)])])
    return 0
