"""The end of the program of what only computes: decisions, gates, lists of maps, computed defaults and results."""

from __future__ import annotations

import sys
from typing import Any

from pipec.engine.evaluate import EvaluationError
from pipec.runtime.values import OutputError

from .computed import check, inputs_of
from .exchange import failed, request, write


def main() -> int:
    """Answer the request; the exit status."""
    asked = request()
    try:
        values: dict[str, Any] = {name: value for name, (value, _) in inputs_of(asked).items()}
        faults = check(asked, {})
        if faults:
            return failed("\n".join(faults))
        write(values, asked)
    except (EvaluationError, OutputError, ValueError) as error:
        return failed(str(error))
    return 0


sys.exit(main())
