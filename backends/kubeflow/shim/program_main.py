"""The end of the program of a shell or command task: runs it with its inputs as environment variables."""

from __future__ import annotations

import os
import sys
import tempfile

from pipec.engine.evaluate import EvaluationError, text_value
from pipec.runtime.process import run_process
from pipec.runtime.values import OutputError, environment, from_json, read_outputs

from .attempts import is_first, tell, try_again_and_again
from .computed import inputs_of, read, scope_of
from .exchange import failed, request
from .finishing import finish
from .preparing import prepare


def main() -> int:
    """Answer the request; the exit status."""
    asked = request()
    if is_first(asked):
        return try_again_and_again(asked)
    status = prepare(asked)
    if status != 0:
        return status
    try:
        scope = scope_of(asked)
        arguments = [text_value(read(one), scope) for one in asked["arguments"]]
        inputs = {name: from_json(value, type_text) for name, (value, type_text) in inputs_of(asked).items()}
    except (EvaluationError, ValueError) as error:
        return failed(str(error))
    with tempfile.TemporaryDirectory(prefix="pipec-") as written:
        variables = {**os.environ, **environment(inputs), "PIPEC_OUTPUTS": written}
        try:
            status = run_process(arguments, environment=variables, working_dir=None, log=None, timeout=None)
        except (FileNotFoundError, PermissionError) as error:
            print(f"cannot start {arguments[0]}: {error}", file=sys.stderr, flush=True)
            status = 127 if isinstance(error, FileNotFoundError) else 126
        except (OSError, ValueError) as error:
            return failed(f"cannot start {arguments[0]}: {error}")
        if status != 0:
            code = status if status > 0 else 128 - status
            tell("error", [], code)
            return code
        try:
            outputs = read_outputs(written, asked["outputs"])
        except OutputError as error:
            return failed(str(error))
    return finish(asked, outputs)


sys.exit(main())
