"""The end of the program of a python task: calls the function and hands over what it returned."""

from __future__ import annotations

import os
import sys
from typing import Any

from pipec.runtime.calling import answer_to
from pipec.runtime.values import OutputError

from .exchange import failed, request, write
from .given import check, inputs_of


def main() -> int:
    """Answer the request; the exit status."""
    asked = request()
    folder = os.getcwd()
    if folder not in sys.path:
        sys.path.insert(0, folder)
    try:
        answer = answer_to({**asked, "folder": folder, "inputs": inputs_of(asked)})
    except ValueError as error:
        return failed(str(error))
    if "outputs" not in answer:
        failed(str(answer.get("traceback") or answer["message"]))
        return answer.get("exit_code") or 1
    return finish(asked, answer["outputs"])


def finish(asked: dict[str, Any], outputs: dict[str, Any]) -> int:
    """Check what is required, and hand the outputs over; the exit status."""
    faults = check(asked, outputs)
    if faults:
        return failed("\n".join(faults))
    try:
        write(outputs, asked)
    except OutputError as error:
        return failed(str(error))
    return 0


sys.exit(main())
