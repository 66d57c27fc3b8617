"""Attempts run by an executor of their own, and tasks in few words."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from pipec.engine.events import AttemptFailed, AttemptSucceeded, Failure
from pipec.ir.model import CommandLine, Options, Output, PythonFunction, ShellScript, Task
from pipec.ir.types import Type
from tests.backends.local.harness import processes_with, with_inputs
from tests.support.ir_builder import task, type_named

__all__ = ["RUN", "Bench", "bench", "command", "driver", "processes_with", "python", "shell", "until", "with_inputs"]

executor: Any = import_module("pipec.backends.local.execution.executor")
loop: Any = import_module("pipec.backends.local.execution.loop")
warden: Any = import_module("pipec.backends.local.execution.warden")

RUN = uuid.uuid4().hex
"""The id of the run: that of no other process of tests, whose processes would be taken for this one's."""

OPTIONS = ("timeout", "env", "working_dir")


class Bench:
    """An executor, its loop, and what was reported."""

    def __init__(self, folder: Path, *, code: str = "", workers: int = 2, grace: float = 0.5, run: str = RUN) -> None:
        (folder / "steps.py").write_text(code)
        self.folder = folder
        self.loop = loop.Loop()
        workplace = executor.Workplace(run, folder, grace, workers)
        self.outcomes: dict[str, AttemptSucceeded | AttemptFailed] = {}
        self.executor = executor.Executor(self.loop, workplace, self._reported)

    def start(self, task: Task, *, attempt: int = 1, arguments: tuple[str, ...] = (), log: Path | None = None) -> None:
        """Start an attempt with the literal inputs of its task."""
        inputs = {declared.name: declared.value.value for declared in task.inputs}  # type: ignore[union-attr]
        place = self.folder / "run" / task.id
        log = log or place / f"{attempt}.log"
        folder = place / str(attempt)
        self.executor.start(executor.Launch(task.id, task, attempt, inputs, arguments, log, folder))

    def run(self, *tasks: Task) -> None:
        """Start attempts and wait for them."""
        for started in tasks:
            self.start(started)
        self.wait()

    def wait(self, seconds: float = 60) -> None:
        """Until nothing runs."""
        self.until(lambda: not self.executor.running, seconds)

    def until(self, happened: Callable[[], bool], seconds: float = 30) -> None:
        """Run the loop until something has happened."""
        deadline = time.monotonic() + seconds
        while not happened():
            assert time.monotonic() < deadline, f"still running: {sorted(self.executor.running)}"
            self.loop.run_once(0.02)

    def outputs(self, id: str) -> dict[str, Any]:
        """Of an attempt that succeeded."""
        outcome = self.outcomes[id]
        assert isinstance(outcome, AttemptSucceeded), outcome
        return outcome.outputs

    def failure(self, id: str) -> Failure:
        """Of an attempt that failed."""
        outcome = self.outcomes[id]
        assert isinstance(outcome, AttemptFailed), outcome
        return outcome.failure

    def log(self, id: str, attempt: int = 1) -> str:
        return (self.folder / "run" / id / f"{attempt}.log").read_text("utf-8")

    def workers(self) -> list[int]:
        """The process ids of idle and busy workers."""
        pool = self.executor._pool
        return [worker.process.pid for worker in [*pool._idle, *pool._busy.values()]]

    def _reported(self, outcome: AttemptSucceeded | AttemptFailed) -> None:
        assert outcome.task not in self.executor.running
        self.outcomes[outcome.task] = outcome


@contextmanager
def bench(folder: Path, **fields: Any) -> Iterator[Bench]:
    """A bench that is closed, with what it runs, at the end."""
    made = Bench(folder, **fields)
    try:
        yield made
    finally:
        made.executor.close()
        made.loop.close()


def shell(id: str, text: str, **fields: Any) -> Task:
    return _with_options(task(id, implementation=ShellScript(text=text)), fields)


def python(id: str, function: str, *, module: str = "steps", **fields: Any) -> Task:
    return _with_options(task(id, implementation=PythonFunction(module=module, function=function)), fields)


def command(id: str, **fields: Any) -> Task:
    return _with_options(task(id, implementation=CommandLine(arguments=())), fields)


def with_outputs(built: Task, outputs: str | Type | Mapping[str, str]) -> Task:
    """The task with one unnamed output of a type, or named ones."""
    if isinstance(outputs, Mapping):
        named = tuple(Output(name=name, type=type_named(text)) for name, text in outputs.items())
        return built.model_copy(update={"outputs": named})
    type_ = type_named(outputs) if isinstance(outputs, str) else outputs
    return built.model_copy(update={"outputs": (Output(name="output", type=type_),), "single_output": True})


def _with_options(built: Task, fields: Mapping[str, Any]) -> Task:
    options: Options = built.options.model_copy(update={name: fields[name] for name in OPTIONS if name in fields})
    built = built.model_copy(update={"options": options})
    return with_outputs(built, fields["outputs"]) if "outputs" in fields else built


def until(happened: Callable[[], bool], seconds: float = 30) -> None:
    """Wait for something outside of any loop."""
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def driver(script: str, *, cwd: Path) -> subprocess.Popen[str]:
    """A process of its own that can import this harness and runs a script."""
    root = str(Path(__file__).parents[4])
    return subprocess.Popen(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {root!r})\n{script}"],
        cwd=cwd,
        env=os.environ,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
