"""The end of the program of a wait: calls a predicate until it is true, or until it waited long enough."""

from __future__ import annotations

import os
import sys
import time
from typing import Any

from pipec.engine.evaluate import EvaluationError
from pipec.runtime.calling import answer_to

from .attempts import tell
from .computed import inputs_of
from .exchange import failed, request, write


def main() -> int:
    """Look again and again; the exit status."""
    asked = request()
    folder = os.getcwd()
    if folder not in sys.path:
        sys.path.insert(0, folder)
    try:
        call = {**asked, "folder": folder, "inputs": inputs_of(asked), "outputs": {"output": "bool"}}
    except (EvaluationError, ValueError) as error:
        return failed(str(error))
    began = time.monotonic()
    while True:
        looked = time.monotonic()
        answer = answer_to({**call, "single_output": True})
        if "outputs" not in answer:
            print(answer.get("traceback") or answer["message"], file=sys.stderr, flush=True)
            tell(answer["kind"], answer.get("exceptions", []), answer.get("exit_code"))
            return answer.get("exit_code") or 1
        if answer["outputs"]["output"]:
            return told(asked, True)
        wake = looked + asked["poll"]
        end = None if asked["timeout"] is None else began + asked["timeout"]
        if end is not None and wake >= end:
            time.sleep(max(0.0, end - time.monotonic()))
            return told(asked, False)
        time.sleep(max(0.0, wake - time.monotonic()))


def told(asked: dict[str, Any], has_arrived: bool) -> int:
    """Say whether it came to pass: where others want to know, else by the exit status."""
    if asked["outputs_by"]:
        write({"arrived": has_arrived}, asked)
        return 0
    return 0 if has_arrived else failed(f"timed out after {asked['timeout']:g}s")


sys.exit(main())
