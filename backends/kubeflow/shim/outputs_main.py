"""The end of the program behind an image task: reads its outputs from the texts that it wrote, and checks them."""

from __future__ import annotations

import os
import sys
import tempfile

from pipec.runtime.values import OutputError, read_outputs

from .computed import check
from .exchange import failed, request, values_of, write


def main() -> int:
    """Answer the request, whose `texts` say which input has the text of an output; the exit status."""
    asked = request()
    values = values_of(asked)
    with tempfile.TemporaryDirectory(prefix="pipec-") as written:
        for output, name in asked["texts"].items():
            with open(os.path.join(written, output), "w", encoding="utf-8", newline="") as file:
                file.write(f"{values[name]}\n")
        try:
            outputs = read_outputs(written, asked["outputs"])
            faults = check(asked, outputs)
            if faults:
                return failed("\n".join(faults))
            write(outputs, asked)
        except OutputError as error:
            return failed(str(error))
    return 0


sys.exit(main())
