"""Answers requests, each as JSON in a line, until the input ends.

A request has `do`, the name of what is asked for, and its arguments. An answer has `error`, what was raised, or null,
and the fields that the function here of that name gives.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
import warnings
from collections.abc import Callable
from typing import Any

from tests.support.kubeflow_runner import documents, running, software

Answer = dict[str, Any]


def validate(pipeline: str) -> Answer:
    """The faults of a file."""
    return {"faults": documents.faults(pipeline)}


def canonical(pipeline: str) -> Answer:
    """Both documents of a file in the one form that all equal files have."""
    return documents.canonical(pipeline)


def compile_sdk(source: str) -> Answer:
    """The file that the SDK writes."""
    return {"pipeline": software.compiled(source)}


def run(**arguments: Any) -> Answer:
    """What came of a run."""
    return running.run(**arguments)


FUNCTIONS: dict[str, Callable[..., Answer]] = {
    function.__name__: function for function in (validate, canonical, compile_sdk, run)
}


def main() -> None:
    """Answer requests."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what the SDK prints is no answer
    warnings.simplefilter("ignore")
    for line in sys.stdin:
        request = json.loads(line)
        try:
            found = {"error": None, **FUNCTIONS[request.pop("do")](**request)}
        except Exception:
            found = {"error": traceback.format_exc()}
        print(json.dumps(found), file=answers, flush=True)


if __name__ == "__main__":
    main()
