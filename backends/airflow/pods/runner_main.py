"""The end of RUN_PYTHON: its source is copied behind that of the functions it calls, this is not imported.

It is run as `python -c RUN_PYTHON module:function INPUTS OUTPUTS SINGLE`: in JSON the types of inputs and outputs, and
whether there is a single output. PIPEC_INPUTS holds the values of the inputs as JSON. The answer goes into
`return.json` in the folder PIPEC_OUTPUTS; the reason of a failure also into the termination message of the container.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from typing import Any

from pipec.runtime.calling import answer_to


def main() -> int:
    """Answer the request; the exit status."""
    module, _, function = sys.argv[1].partition(":")
    types, outputs, is_single = map(json.loads, sys.argv[2:5])
    values = json.loads(os.environ.pop("PIPEC_INPUTS", "{}"))
    folder = os.getcwd()
    if folder not in sys.path:
        sys.path.insert(0, folder)
    answer = answer_to(
        {
            "module": module,
            "function": function,
            "folder": folder,
            "inputs": {name: (values[name], type_text) for name, type_text in types.items()},
            "outputs": outputs,
            "single_output": is_single,
        }
    )
    written = os.environ.get("PIPEC_OUTPUTS")
    if written:
        with open(os.path.join(written, "return.json"), "w", encoding="utf-8") as file:
            json.dump(answer, file)
    return 0 if "outputs" in answer else report(answer, is_told=bool(written))


def report(answer: dict[str, Any], is_told: bool) -> int:
    """Say why there are no outputs; the exit status. It is 0 where a further attempt cannot help and that `is_told`."""
    print(answer.pop("traceback", answer["message"]), file=sys.stderr, flush=True)
    if answer["kind"] != "error":
        return 0 if is_told else 1
    answer["message"] = answer["message"][:1000]
    with contextlib.suppress(OSError), open("/dev/termination-log", "w", encoding="utf-8") as file:
        json.dump(answer, file)
    return answer.get("exit_code") or 1


sys.exit(main())
