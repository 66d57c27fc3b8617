"""The end of the program of a python task: calls the function and hands over what it returned."""

from __future__ import annotations

import os
import sys

from pipec.runtime.calling import answer_to

from .attempts import is_first, tell, try_again_and_again
from .exchange import failed, request
from .finishing import finish
from .given import inputs_of
from .preparing import prepare


def main() -> int:
    """Answer the request; the exit status."""
    asked = request()
    if is_first(asked):
        return try_again_and_again(asked)
    folder = os.getcwd()
    if folder not in sys.path:
        sys.path.insert(0, folder)
    status = prepare(asked)
    if status != 0:
        return status
    try:
        answer = answer_to({**asked, "folder": folder, "inputs": inputs_of(asked)})
    except ValueError as error:
        return failed(str(error))
    if "outputs" not in answer:
        print(answer.get("traceback") or answer["message"], file=sys.stderr, flush=True)
        tell(answer["kind"], answer.get("exceptions", []), answer.get("exit_code"))
        return answer.get("exit_code") or 1
    return finish(asked, answer["outputs"])


sys.exit(main())
