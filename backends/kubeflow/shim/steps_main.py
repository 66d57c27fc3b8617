"""The end of the program of several tasks in one container: runs the program of each, one after the other.

To its program a task is alone: what Kubeflow gives it is put together here, and what it writes is kept for the others.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from typing import Any

from pipec.runtime.process import run_process

from .exchange import received, request


def main() -> int:
    """Run the tasks until one fails; its exit status."""
    asked = request()
    made: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory(prefix="pipec-") as folder:
        for number, step in enumerate(asked["steps"]):
            is_last = number == len(asked["steps"]) - 1
            written = os.path.join(folder, f"{number}.json")
            outputs = received().get("outputs", {}) if is_last else {"outputFile": written}
            given = json.dumps({"inputs": inputs_of(step, made), "outputs": outputs})
            command = [sys.executable, "-c", asked["programs"][step["program"]], step["request"], given]
            status = run_process(command, environment=os.environ, working_dir=None, log=None, timeout=None)
            if status != 0:
                print(f"{step['task']} failed, and so nothing after it was run", file=sys.stderr, flush=True)
                return status if status > 0 else 128 - status
            if not is_last:
                with open(written, encoding="utf-8") as file:
                    made.append(json.load(file)["parameterValues"])
    return 0


def inputs_of(step: dict[str, Any], made: list[dict[str, Any]]) -> dict[str, Any]:
    """The inputs of one task as Kubeflow gives them: out of those of all, and of what tasks before it made."""
    inputs = received().get("inputs", {})
    found: dict[str, Any] = {"parameterValues": {}, "artifacts": {}}
    for name, outer in step["given"].items():
        for kind, values in found.items():
            if outer in inputs.get(kind, {}):
                values[name] = inputs[kind][outer]
    for name, (number, output) in step["made"].items():
        found["parameterValues"][name] = made[number][output]
    return found


sys.exit(main())
