"""Programs: what a shell or command task is started with, and what came of it."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from pipec.engine.events import AttemptFailed, AttemptSucceeded, Failure
from pipec.ir.model import CommandLine, ShellScript, Task
from pipec.runtime.values import OutputError, environment, from_json, read_outputs

from .attempt import Attempt, Launch
from .failures import StartError, folder_failure, log_failure, start_failure, status_failure
from .worker import open_log

OUTPUTS = "PIPEC_OUTPUTS"
"""The variable that says where a program writes its outputs; there where the task declares some."""


def working_dir(task: Task, folder: Path) -> str:
    """Where a task runs, `folder` being that of the `.pipe` file. Raises StartError where it is no folder."""
    chosen = task.options.working_dir
    path = str(folder / chosen) if chosen else str(folder)
    if not os.path.isdir(path):
        raise StartError(Failure("error", f"working_dir {path!r} is not a folder"))
    return path


def start_program(attempt: Attempt, folder: Path, variables: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """Start the program of a shell or command task in a session of its own.

    `folder` is that of the `.pipe` file, `variables` the environment that the task adds to. Raises StartError.
    """
    launch = attempt.launch
    place = working_dir(launch.task, folder)
    arguments = _arguments(launch)
    own = {name: str(value) for name, value in launch.task.options.env.items()}
    environment = {**variables, **own}
    environment |= _text_values(launch, folder, environment.get("PYTHONPATH")) | attempt.mark.variables()
    try:
        log = open_log(str(launch.log), os.O_TRUNC)
    except OSError as error:
        raise StartError(log_failure(launch.log, error)) from error
    try:
        return subprocess.Popen(
            arguments,
            executable=_executable(arguments[0], environment.get("PATH")),
            env=environment,
            cwd=place,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        raise StartError(start_failure(arguments[0], error)) from error
    finally:
        os.close(log)


def program_outcome(attempt: Attempt, status: int) -> AttemptSucceeded | AttemptFailed:
    """What a program that ended with this return code gave."""
    if status != 0:
        return attempt.failed(status_failure(status))
    task = attempt.launch.task
    if not task.outputs:
        return attempt.succeeded({})
    types = {output.name: str(output.type) for output in task.outputs}
    try:
        return attempt.succeeded(read_outputs(_outputs_folder(attempt.launch), types))
    except OutputError as error:
        return attempt.failed(Failure("output", str(error)))
    except OSError as error:
        return attempt.failed(Failure("output", f"cannot read the outputs: {error.strerror}"))


def _arguments(launch: Launch) -> list[str]:
    match launch.task.implementation:
        case ShellScript(text=text):
            return ["bash", "-c", text]
        case CommandLine():
            if not launch.arguments:
                raise StartError(Failure("input", "the command has no elements"))
            return list(launch.arguments)
        case other:
            raise TypeError(f"a {other.kind} task has no process")


@lru_cache(maxsize=64)
def _executable(program: str, path: str | None) -> str:
    """Where `bash` is, so that not every attempt looks through all of PATH; others are looked for by the system."""
    found = shutil.which(program, path=path) if program == "bash" else None
    return found if found and os.path.isabs(found) else program


def _text_values(launch: Launch, folder: Path, python_path: str | None) -> dict[str, str]:
    """Inputs as environment variables, where outputs go, and the file's folder as a place of Python modules."""
    values = {"PYTHONPATH": os.pathsep.join([str(folder), python_path]) if python_path else str(folder)}
    try:
        inputs = {
            declared.name: from_json(launch.inputs[declared.name], str(declared.type))
            for declared in launch.task.inputs
        }
    except ValueError as error:
        raise StartError(Failure("input", str(error))) from error
    values |= environment(inputs)
    if launch.task.outputs:
        values[OUTPUTS] = _outputs_folder(launch)
        try:
            _make_empty(values[OUTPUTS])
        except OSError as error:
            raise StartError(folder_failure(values[OUTPUTS], error)) from error
    return values


def _outputs_folder(launch: Launch) -> str:
    return f"{launch.folder}/outputs"


def _make_empty(folder: str) -> None:
    """An empty folder, whatever an attempt of a run that was killed left there."""
    try:
        os.mkdir(folder)
    except FileNotFoundError:
        os.makedirs(folder)
    except FileExistsError:
        shutil.rmtree(folder)
        os.mkdir(folder)
