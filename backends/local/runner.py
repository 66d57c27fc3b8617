"""Runs a pipeline on this machine, from its start or from where an earlier run of it broke off."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pipec.analysis.critical_path import remaining_times
from pipec.engine.context import run_context
from pipec.engine.engine import Engine
from pipec.engine.events import RunContext
from pipec.engine.restored import Restored
from pipec.ir.model import Pipeline, Program, PythonFunction
from pipec.parameters import ParameterError, complete_parameters

from .caching import Caching
from .comparison import changes
from .driver import Driver
from .execution.executor import Executor, Workplace
from .execution.loop import Loop
from .notifying import Notifier
from .observer import Observer
from .options import RunOptions
from .questions import Questions
from .result import RunResult, result_of
from .resume import kept_parameters, restored_tasks
from .run_folder import RunFolder
from .side_tasks import SideTasks
from .signals import stop_signals
from .store.database import StoreError
from .store.journal import RunJournal
from .store.records import RunStart
from .store.store import RunStore
from .waiting import StoredHistory, Waits
from .waits.contract import Surroundings

_SPARE_WORKERS = 2
"""For predicates of waits and callbacks of alerts, which do not wait until a task has ended."""


def run(
    program: Program,
    key: str,
    *,
    file: Path,
    parameters: Mapping[str, Any],
    date: datetime | None = None,
    options: RunOptions | None = None,
    observer: Observer | None = None,
    store_folder: Path,
) -> RunResult:
    """Run a pipeline of a program, by its key, and return when nothing of it is left running.

    `file` is the `.pipe` file: tasks run in its folder and their modules are found there. `parameters` are those given,
    in JSON form. `date`, with its time zone, stands for the present as the time the run is for. SIGINT, SIGTERM and
    SIGHUP end the run and everything it started. Raises StoreError where the store cannot be used, ParameterError where
    a parameter has no value.
    """
    pipeline = program.pipelines[key]
    started = time.time()
    with ExitStack() as stack:
        store = RunStore.open(store_folder)
        stack.callback(store.close)
        run_id = store.reserve(started)
        moment = date or datetime.fromtimestamp(started, UTC)
        context = run_context(pipeline, moment, run_id, store.run_folder(run_id).as_uri())
        values, problems = complete_parameters(pipeline, parameters, context)
        if problems:
            store.release(run_id)
            raise ParameterError(problems)
        journal = store.new_run(
            RunStart(
                pipeline=key,
                file=str(file.absolute()),
                source_digest=program.digest,
                parameters=values,
                context=asdict(context),
                started_at=started,
                pipeline_json=program.model_dump_json(),
                run_id=run_id,
            )
        )
        stack.callback(journal.close)
        observer = observer or Observer()
        observer.started(pipeline, run_id, datetime.fromtimestamp(started, UTC))
        return _play(program, key, file, store, journal, context, {}, options or RunOptions(), observer)


def resume(
    program: Program,
    key: str,
    *,
    file: Path,
    run_id: str = "last",
    parameters: Mapping[str, Any],
    options: RunOptions | None = None,
    observer: Observer | None = None,
    store_folder: Path,
) -> RunResult:
    """Go on with a run that failed or was killed: what succeeded and is not touched by a change is not run again.

    `run_id` may be `last` or the start of an id. The parameters are those of the run, save for the ones given anew.
    Raises StoreError where there is no such run, or nothing of it is left to do, else as `run` does.
    """
    from .execution.warden import end_leftovers

    pipeline = program.pipelines[key]
    with ExitStack() as stack:
        store = RunStore.open(store_folder)
        stack.callback(store.close)
        journal = store.resume(store.resolve(run_id, key))
        stack.callback(journal.close)
        record = journal.record
        if record.pipeline != key:
            raise StoreError(f"run {record.run_id} is one of {record.pipeline}, not of {key}")
        end_leftovers(record.run_id)
        kept, other = kept_parameters(record, pipeline, parameters)
        changed = changes(Program.model_validate_json(record.pipeline_json), program, key, other)
        if record.status == "success" and not changed.lines:
            raise StoreError(f"run {record.run_id} succeeded: there is nothing to resume")
        context = RunContext(**record.context)
        values, problems = complete_parameters(pipeline, kept, context)
        if problems:
            raise ParameterError(problems)
        restored = restored_tasks(record, program, key, changed)
        standing = {id for id, earlier in restored.items() if earlier.outputs is not None}
        now = time.time()
        journal.resume(
            now,
            changed.lines,
            standing,
            parameters=values,
            source_digest=program.digest,
            pipeline_json=program.model_dump_json(),
        )
        observer = observer or Observer()
        observer.started(pipeline, record.run_id, datetime.fromtimestamp(now, UTC))
        observer.resumed(changed.lines)
        return _play(program, key, file, store, journal, context, restored, options or RunOptions(), observer)


def available_cores() -> int:
    """The cores this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # macOS
        return os.cpu_count() or 1


def _play(
    program: Program,
    key: str,
    file: Path,
    store: RunStore,
    journal: RunJournal,
    context: RunContext,
    restored: Mapping[str, Restored],
    options: RunOptions,
    observer: Observer,
) -> RunResult:
    pipeline = program.pipelines[key]
    capacity = options.capacity
    if capacity.slots is None:
        capacity = replace(capacity, slots=available_cores())
    engine = Engine(
        pipeline,
        journal.record.parameters,
        context,
        pipelines=program.pipelines,
        capacity=capacity,
        priorities=remaining_times(pipeline),
        restored=restored,
    )
    folder = file.absolute().parent
    loop = Loop()
    driver = Driver(engine, journal, loop, observer, options.send_alerts)
    with stop_signals(driver.stop):
        with ExitStack() as stack:
            stack.callback(loop.close)
            workers = (capacity.slots or 1) + _SPARE_WORKERS
            executor = Executor(loop, Workplace(journal.run_id, folder, options.grace, workers), driver.report)
            stack.callback(executor.close)
            executor.warm(min(capacity.slots or 1, _python_tasks(pipeline)))
            side_tasks = SideTasks(executor, journal.folder)
            surroundings = Surroundings(folder, context, StoredHistory(store.folder), os.environ)
            driver.connect(
                executor,
                side_tasks,
                Questions(loop, store, journal.run_id, options, observer, driver.report_answer),
                Waits(loop, surroundings, side_tasks, observer, driver.report_wait),
                Notifier(loop, context, journal.record.started_at, side_tasks, driver.report_alert),
                Caching(store, journal.run_id, key, folder, options, observer),
            )
            driver.drive()
        return _told(journal, pipeline, observer)


def _python_tasks(pipeline: Pipeline) -> int:
    """How many tasks may want a worker; those of the option `env` get one of their own."""
    return sum(isinstance(task.implementation, PythonFunction) and not task.options.env for task in pipeline.tasks)


def _told(journal: RunJournal, pipeline: Pipeline, observer: Observer) -> RunResult:
    """What came of a run that is over, once it is kept and the observer knows."""
    journal.flush()
    if journal.trouble is not None:
        observer.noticed([f"{journal.trouble}; it lacks the end of this run"])
    result = result_of(journal.record, pipeline, journal.folder)
    try:
        RunFolder(journal.folder).write_result(result.json_text())
    except OSError as error:
        observer.noticed([f"run.json could not be written: {error.strerror}"])
    observer.finished(result)
    return result
