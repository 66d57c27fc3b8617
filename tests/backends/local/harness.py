"""Running pipelines of the IR on this machine, and tasks in few words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Any

from pipec.engine.capacity import Capacity
from pipec.ir.model import CommandLine, Input, Options, Pipeline, Program, PythonFunction, ShellScript, Task
from pipec.ir.types import Type
from tests.support.ir_builder import expression, literal, task, type_named

runner = import_module("pipec.backends.local.runner")
RunOptions = import_module("pipec.backends.local.options").RunOptions
Observer: Any = import_module("pipec.backends.local.observer").Observer
run_folder = import_module("pipec.backends.local.run_folder")


class Updates(Observer):  # type: ignore[misc]
    """Remembers what the observer was told."""

    def __init__(self) -> None:
        self.seen: list[Any] = []

    def changed(self, update: Any) -> None:
        self.seen.append(update)

    def states(self, task_id: str) -> list[str]:
        return [update.state for update in self.seen if update.task == task_id]


def run(
    folder: Path,
    pipeline: Pipeline,
    *,
    code: str = "",
    parameters: Mapping[str, Any] | None = None,
    max_parallel: int = 8,
    watcher: Any = None,
    grace: float = 0.5,
    called: Mapping[str, Pipeline] | None = None,
    date: datetime | None = None,
    **options: Any,
) -> Any:
    """Run a pipeline whose module `steps` is `code`, with its runs kept in `folder/.pipec`.

    `called` are pipelines it runs as tasks; further options are those of `RunOptions`.
    """
    (folder / "steps.py").write_text(code)
    options.setdefault("capacity", Capacity(slots=max_parallel))
    return runner.run(
        program_of(pipeline, called or {}),
        pipeline.name,
        file=folder / "test.pipe",
        parameters=parameters or {},
        date=date,
        options=RunOptions(grace=grace, **options),
        observer=watcher or Updates(),
        store_folder=folder / ".pipec",
    )


def program_of(pipeline: Pipeline, called: Mapping[str, Pipeline]) -> Program:
    """A program of one pipeline, and of those it runs as tasks by their keys."""
    return Program(
        source="test.pipe", digest="0" * 64, pipelines={pipeline.name: pipeline, **called}, own=(pipeline.name,)
    )


def shell(id: str, text: str, **fields: Any) -> Task:
    return with_options(task(id, implementation=ShellScript(text=text), **_builder_fields(fields)), fields)


def python(id: str, function: str, **fields: Any) -> Task:
    implementation = PythonFunction(module="steps", function=function)
    return with_options(task(id, implementation=implementation, **_builder_fields(fields)), fields)


def command(id: str, *arguments: Any, **fields: Any) -> Task:
    implementation = CommandLine(arguments=tuple(map(expression, arguments)))
    return with_options(task(id, implementation=implementation, **_builder_fields(fields)), fields)


_OPTIONS = ("timeout", "env", "working_dir")


def _builder_fields(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if name not in _OPTIONS}


def with_options(built: Task, fields: Mapping[str, Any]) -> Task:
    """The task with those of the fields that are options of a task."""
    chosen = {name: value for name, value in fields.items() if name in _OPTIONS}
    options: Options = built.options.model_copy(update=chosen)
    return built.model_copy(update={"options": options})


def with_inputs(built: Task, **values: tuple[str | Type, Any]) -> Task:
    """The task with literal inputs, given as type and JSON form by name."""
    inputs = []
    for name, (type_or_text, value) in values.items():
        type_ = type_named(type_or_text) if isinstance(type_or_text, str) else type_or_text
        inputs.append(Input(name=name, type=type_, value=literal(value).model_copy(update={"type": type_})))
    return built.model_copy(update={"inputs": tuple(inputs)})


def log_text(result: Any, task_id: str) -> str:
    """The last attempt's log."""
    return Path(result.tasks[task_id].log).read_text("utf-8")


def processes_with(mark: str) -> list[str]:
    """The command lines of processes that carry a mark in their arguments or environment."""
    found = []
    for process in Path("/proc").iterdir():
        if not process.name.isdecimal():
            continue
        try:
            arguments = (process / "cmdline").read_bytes()
            environment = (process / "environ").read_bytes()
        except OSError:
            continue
        if mark.encode() in arguments or mark.encode() in environment:
            found.append(arguments.replace(b"\0", b" ").decode("utf-8", "replace"))
    return found
