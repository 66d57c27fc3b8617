"""Functions: what a worker is asked for a python task, and what came of it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipec.engine.events import AttemptFailed, AttemptSucceeded, Failure
from pipec.ir.model import PythonFunction, Task

from .attempt import Attempt
from .failures import status_failure
from .programs import working_dir

Variables = tuple[tuple[str, str], ...]

NO_VARIABLES: Variables = ()
"""Of a task without the option `env`."""


def own_variables(task: Task) -> Variables:
    """The option `env` of a task: only workers that were started with it may run the task."""
    return tuple(sorted((name, str(value)) for name, value in task.options.env.items()))


def function_request(attempt: Attempt, folder: Path, variables: Mapping[str, str]) -> dict[str, Any]:
    """What is asked of a worker. `folder` is that of the `.pipe` file, `variables` the environment of the worker.

    Raises StartError.
    """
    launch = attempt.launch
    function = launch.task.implementation
    assert isinstance(function, PythonFunction)
    place = str(folder)
    python_path = variables.get("PYTHONPATH")
    return {
        "module": function.module,
        "function": function.function,
        "inputs": {
            declared.name: (launch.inputs[declared.name], str(declared.type)) for declared in launch.task.inputs
        },
        "outputs": {output.name: str(output.type) for output in launch.task.outputs},
        "single_output": launch.task.single_output,
        "folder": place,
        "working_dir": working_dir(launch.task, folder),
        "log": str(launch.log),
        "variables": {
            "PYTHONPATH": os.pathsep.join([place, python_path]) if python_path else place,
            **attempt.mark.variables(),
        },
    }


def function_outcome(attempt: Attempt) -> AttemptSucceeded | AttemptFailed:
    """What the worker answered, or what its end says where it did not."""
    answer = attempt.answer
    if answer is None:
        if attempt.status == 0:
            return attempt.failed(Failure("error", "the process ended itself before the function returned"))
        assert attempt.status is not None
        return attempt.failed(status_failure(attempt.status))
    if "outputs" in answer:
        return attempt.succeeded(answer["outputs"])
    exceptions = tuple(answer.get("exceptions", ()))
    failure = Failure(answer["kind"], answer["message"], exceptions, answer.get("exit_code"))
    return AttemptFailed(attempt.launch.id, failure)
