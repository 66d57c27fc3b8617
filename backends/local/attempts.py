"""One attempt of a task in a process of its own: from the engine's command to the event it ends in."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pipec.engine.events import AttemptFailed, AttemptSucceeded, Failure, StartAttempt
from pipec.ir.model import CommandLine, PythonFunction, ShellScript, Task
from pipec.runtime.values import OutputError, environment, from_json, read_outputs

from .processes import ProcessTree
from .store import RunFolder


@dataclass(frozen=True, slots=True)
class Workplace:
    """What the attempts of a run share. `folder` is that of the `.pipe` file; `grace` seconds lie between asking a
    process to end and making it.
    """

    run_id: str
    run_folder: RunFolder
    folder: Path
    grace: float


@dataclass(frozen=True, slots=True)
class _Launch:
    arguments: list[str]
    environment: dict[str, str]
    working_dir: Path


class _StartError(Exception):
    """The process of an attempt could not be started; the failure says why."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure


class Attempt:
    """Runs one attempt in the calling thread; may be ended from any other."""

    def __init__(self, task: Task, start: StartAttempt, workplace: Workplace) -> None:
        self._task = task
        self._start = start
        self._workplace = workplace
        self._log = workplace.run_folder.log(task.id, start.attempt)
        self._own_folder = workplace.run_folder.attempt(task.id, start.attempt)
        self._mark = {
            "PIPEC_RUN_ID": workplace.run_id,
            "PIPEC_TASK": task.id,
            "PIPEC_ATTEMPT": str(start.attempt),
        }
        self._hurry = threading.Event()
        self._lock = threading.Lock()
        self._tree: ProcessTree | None = None
        self._ended_by: Literal["timeout", "cancelled"] | None = None
        self._enders: list[threading.Thread] = []

    def run(self) -> AttemptSucceeded | AttemptFailed:
        """Start the process, wait until all of its tree is gone, and say what came of it."""
        self._own_folder.mkdir(parents=True, exist_ok=True)
        try:
            status = self._run_process(self._launch())
        except _StartError as refusal:
            return self._failed(refusal.failure)
        match self._ended_by:
            case "timeout":
                return self._failed(Failure("timeout", f"timed out after {self._task.options.timeout:g}s"))
            case "cancelled":
                return self._failed(Failure("cancelled", "cancelled"))
            case None:
                return self._outcome(status)

    def cancel(self) -> None:
        """End the attempt's processes, giving them the grace; returns at once."""
        ender = threading.Thread(target=self._end, args=("cancelled",), daemon=True)
        with self._lock:
            self._enders.append(ender)
            ender.start()

    def kill(self) -> None:
        """End the attempt's processes without grace."""
        self._hurry.set()
        self._end("cancelled")

    # --- the process ---------------------------------------------------------------------------------

    def _run_process(self, launch: _Launch) -> int:
        with self._log.open("wb") as log:
            process = self._open(launch, log.fileno())
        status = process.wait()
        with self._lock:
            enders = list(self._enders)
        for ender in enders:
            if isinstance(ender, threading.Timer):
                ender.cancel()
            ender.join()
        assert self._tree is not None
        if self._tree.members():
            self._tree.end(self._workplace.grace, self._hurry)
        return status

    def _open(self, launch: _Launch, log: int) -> subprocess.Popen[bytes]:
        with self._lock:
            if self._ended_by is not None:
                raise _StartError(Failure("cancelled", "cancelled"))
            try:
                process = subprocess.Popen(
                    launch.arguments,
                    env=launch.environment,
                    cwd=launch.working_dir,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
            except (OSError, ValueError) as error:
                raise _StartError(_start_failure(launch, error)) from error
            self._tree = ProcessTree(process.pid, self._mark)
            if self._task.options.timeout is not None:
                timer = threading.Timer(self._task.options.timeout, self._end, args=("timeout",))
                timer.daemon = True
                timer.start()
                self._enders.append(timer)
            return process

    def _end(self, reason: Literal["timeout", "cancelled"]) -> None:
        with self._lock:
            self._ended_by = self._ended_by or reason
            tree = self._tree
        if tree is not None:
            tree.end(self._workplace.grace, self._hurry)

    # --- what it is started with ---------------------------------------------------------------------

    def _launch(self) -> _Launch:
        working_dir = self._workplace.folder / (self._task.options.working_dir or "")
        if not working_dir.is_dir():
            raise _StartError(Failure("error", f"working_dir {str(working_dir)!r} is not a folder"))
        variables = dict(os.environ)
        variables.update({name: str(value) for name, value in self._task.options.env.items()})
        match self._task.implementation:
            case PythonFunction() as function:
                arguments = self._worker(function)
            case ShellScript(text=text):
                arguments = ["bash", "-c", text]
                variables.update(self._text_values(variables))
            case CommandLine():
                arguments = list(self._start.arguments)
                variables.update(self._text_values(variables))
                if not arguments:
                    raise _StartError(Failure("input", "the command has no elements"))
            case other:
                raise TypeError(f"a {other.kind} task has no process")
        return _Launch(arguments, variables | self._mark, working_dir)

    def _worker(self, function: PythonFunction) -> list[str]:
        types = {declared.name: str(declared.type) for declared in self._task.inputs}
        request = {
            "folder": str(self._workplace.folder),
            "module": function.module,
            "function": function.function,
            "inputs": {name: (value, types[name]) for name, value in self._start.inputs.items()},
            "outputs": self._output_types(),
            "single_output": self._task.single_output,
        }
        request_file = self._own_folder / "request.json"
        request_file.write_text(json.dumps(request), "utf-8")
        worker = "pipec.backends.local.worker"
        return [sys.executable, "-P", "-m", worker, str(request_file), str(self._response_file)]

    def _text_values(self, variables: Mapping[str, str]) -> dict[str, str]:
        """Inputs as environment variables, where outputs go, and the file's folder as a place of Python modules."""
        outputs = self._own_folder / "outputs"
        outputs.mkdir()
        inputs = {
            declared.name: from_json(self._start.inputs[declared.name], str(declared.type))
            for declared in self._task.inputs
        }
        path = [str(self._workplace.folder), *filter(None, [variables.get("PYTHONPATH")])]
        return {"PYTHONPATH": os.pathsep.join(path), **environment(inputs), "PIPEC_OUTPUTS": str(outputs)}

    @property
    def _response_file(self) -> Path:
        return self._own_folder / "response.json"

    def _output_types(self) -> dict[str, str]:
        return {output.name: str(output.type) for output in self._task.outputs}

    # --- what came of it -----------------------------------------------------------------------------

    def _outcome(self, status: int) -> AttemptSucceeded | AttemptFailed:
        if isinstance(self._task.implementation, PythonFunction):
            return self._python_outcome(status)
        if status != 0:
            return self._failed(_status_failure(status))
        try:
            outputs = read_outputs(self._own_folder / "outputs", self._output_types())
        except OutputError as error:
            return self._failed(Failure("output", str(error)))
        return AttemptSucceeded(self._task.id, outputs)

    def _python_outcome(self, status: int) -> AttemptSucceeded | AttemptFailed:
        try:
            response: Mapping[str, Any] = json.loads(self._response_file.read_text("utf-8"))
        except FileNotFoundError:
            if status == 0:
                return self._failed(Failure("error", "the process ended itself before the function returned"))
            return self._failed(_status_failure(status))
        if "outputs" in response:
            return AttemptSucceeded(self._task.id, response["outputs"])
        failure = Failure(
            response["kind"],
            response["message"],
            tuple(response.get("exceptions", ())),
            response.get("exit_code"),
        )
        return AttemptFailed(self._task.id, failure)

    def _failed(self, failure: Failure) -> AttemptFailed:
        """The event; what the process did not print itself, as its traceback, goes to the log."""
        with self._log.open("ab") as log:
            log.write(f"pipec: {failure.message}\n".encode("utf-8", "backslashreplace"))
        return AttemptFailed(self._task.id, failure)


def _status_failure(status: int) -> Failure:
    """A process that ended badly. Death by a signal has the exit code shells and containers give it, 128 + number."""
    if status > 0:
        return Failure("error", f"exit code {status}", exit_code=status)
    number = -status
    try:
        name = signal.Signals(number).name
    except ValueError:
        name = str(number)
    hint = "; the system does that when memory runs out" if number == signal.SIGKILL else ""
    return Failure("error", f"killed by signal {name}{hint}", exit_code=128 + number)


def _start_failure(launch: _Launch, error: OSError | ValueError) -> Failure:
    program = launch.arguments[0]
    match error:
        case FileNotFoundError():
            return Failure("error", f"command not found: {program}", exit_code=127)
        case PermissionError():
            return Failure("error", f"not allowed to execute: {program}", exit_code=126)
        case OSError(errno=errno.E2BIG):
            return Failure("input", f"cannot start {program}: the inputs are too large: give the path of a file")
        case OSError():
            return Failure("error", f"cannot start {program}: {error.strerror}")
        case _:
            return Failure("input", f"cannot start {program}: {error}: a value holds what no command line can")
