"""Run a pipeline on this machine: in parallel, kept in a store, and taken up again where it broke off.

pipec run etl.pipe
pipec run train.pipe --param min_auc=0.9         with another value of a parameter
pipec run train.pipe --params production.toml    with the values of a file
pipec run train.pipe --date 2026-01-31           as the run for that day
pipec run train.pipe --max-parallel 1            one task after another
pipec run train.pipe --capacity cpu=4,memory=16Gi,gpu=1 --pool warehouse=2
pipec run train.pipe --resume                    go on with the last run: only what had not succeeded
pipec run train.pipe --no-cache                  compute anew what has `cache`
pipec run train.pipe --approve ship              answer an approval beforehand; --yes answers all
pipec run train.pipe --from 2026-01-01 --to 2026-03-31 --max-active 4
                                                 every interval of the schedule that has not succeeded yet
pipec run train.pipe --dry-run                   show what would run, in which order

A value comes from --param, else the environment variable PIPEC_PARAM_<NAME>, else the file of --params, else it is the
default. Runs are kept in .pipec below the current folder: `pipec runs` shows them. Approvals are asked on the terminal,
or answered by `pipec approve`. Exit code: 0 the run succeeded, 1 it or the check of the file failed, 2 wrong usage, 130
stopped by Ctrl-C.
"""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from collections.abc import Mapping
from contextlib import closing
from datetime import date, datetime
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipec.cli import UsageError
from pipec.cli.run_options import check_usage, configure, words_of_each_run
from pipec.cli.terminal import bad_parameters, choose_pipeline, loaded_program, report_problems, similar, use_color

if TYPE_CHECKING:
    from pipec.api import Loaded
    from pipec.ir.model import Pipeline
    from pipec.parameters import ParameterProblem

__all__ = ["configure", "execute"]

_LOCAL = "pipec.backends.local"


def execute(arguments: Namespace) -> int:
    from pipec.api import load

    check_usage(arguments)
    if arguments.file is None:
        _take_file_from_run(arguments)
    loaded = load(arguments.file, dict(arguments.constants))
    program = loaded_program(loaded, arguments.color)
    if program is None:
        return 1
    key = choose_pipeline(program, arguments.pipeline)
    refusals = _refusals(loaded, key, arguments)
    if refusals:
        report_problems(refusals, arguments.color)
        return 1
    pipeline = program.pipelines[key]
    _check_names(loaded, key, arguments)
    values, problems = _values(pipeline, arguments)
    if problems:
        return bad_parameters(problems)
    if arguments.first is not None:
        return _backfill(pipeline, key, arguments)
    if arguments.dry_run:
        return _dry_run(pipeline, values, arguments.json)
    return _run(loaded, key, values, arguments)


def _take_file_from_run(arguments: Namespace) -> None:
    """A run that is resumed knows its file and its pipeline."""
    store_error = import_module(f"{_LOCAL}.store.database").StoreError
    try:
        store = import_module(f"{_LOCAL}.store.store").RunStore.open_existing(_store_folder())
        with closing(store):
            record = store.run(store.resolve(arguments.resume, arguments.pipeline))
    except store_error as error:
        raise UsageError(str(error)) from error
    arguments.file, arguments.pipeline, arguments.resume = record.file, record.pipeline, record.run_id


def _refusals(loaded: Loaded, key: str, arguments: Namespace) -> list[Any]:
    """What cannot run here at all, or never with the capacity given."""
    from pipec.analysis.fitting import check_fit
    from pipec.compilation import check_target

    found = check_target(loaded, key, "local")
    assert loaded.program is not None
    check_fit(loaded.program, key, _capacity(arguments), loaded.span_of, found)
    return found.sorted() if found.has_errors else []


def _check_names(loaded: Loaded, key: str, arguments: Namespace) -> None:
    """Raises UsageError where an option names a task or an approval that is not there."""
    import re

    from pipec.ir.model import ApprovalRequest
    from pipec.ir.traverse import called_pipelines

    program = loaded.program
    assert program is not None
    tasks = [task for called in called_pipelines(program, key) for task in program.pipelines[called].tasks]
    approvals = [task for task in tasks if isinstance(task.implementation, ApprovalRequest)]
    explained = [arguments.explain_cache] if arguments.explain_cache is not None else []
    for option, noun, there, given in (
        ("--explain-cache", "task", tasks, explained),
        ("--approve", "approval", approvals, arguments.approve),
    ):
        known = {task.id for task in there} | {task.name for task in there}
        for name in given:
            own = re.sub(r"(\[\d+\])+$", "", name.rpartition("/")[2])
            if not {name, own} & known:
                raise UsageError(f"{option}: {key} has no {noun} `{name}`{similar(name, known)}")


def _capacity(arguments: Namespace) -> Any:
    from pipec.engine.capacity import Capacity

    return Capacity(slots=arguments.max_parallel, pools=dict(arguments.pools), **arguments.capacity)


def _values(pipeline: Pipeline, arguments: Namespace) -> tuple[Mapping[str, Any], list[ParameterProblem]]:
    """The values given. A run that is resumed has its own: only those given on the command line are new."""
    from pipec.parameters import read_parameter_file, resolve_parameters

    file_values: Mapping[str, Any] = {}
    file_problems: list[ParameterProblem] = []
    if arguments.params is not None:
        file_values, file_problems = read_parameter_file(arguments.params)
    values, problems = resolve_parameters(
        pipeline,
        file_values=file_values,
        environment={} if arguments.resume is not None else os.environ,
        given=dict(arguments.parameters),
    )
    if arguments.resume is not None:
        problems = [problem for problem in problems if problem.code != "P0602"]
    return values, file_problems or problems


def _run(loaded: Loaded, key: str, values: Mapping[str, Any], arguments: Namespace) -> int:
    from pipec.parameters import ParameterError

    program = loaded.program
    assert program is not None
    runner = import_module(f"{_LOCAL}.runner")
    common = {
        "file": loaded.path,
        "parameters": values,
        "options": _options(arguments),
        "observer": _observer(arguments),
        "store_folder": _store_folder(),
    }
    try:
        if arguments.resume is not None:
            result = runner.resume(program, key, run_id=arguments.resume, **common)
        else:
            moment = _in_zone(arguments.date, program.pipelines[key].timezone) if arguments.date else None
            result = runner.run(program, key, date=moment, **common)
    except ParameterError as error:
        return bad_parameters(error.problems)
    except import_module(f"{_LOCAL}.store.database").StoreError as error:
        raise UsageError(str(error)) from error
    if arguments.otel:
        _send_trace(result.run_id)
    if arguments.json:
        sys.stdout.write(result.json_text())
    else:
        color = use_color(arguments.color, sys.stdout)
        sys.stdout.write(import_module(f"{_LOCAL}.summary").summary(result, color=color))
    if result.interrupted:
        return 130
    return 0 if result.state == "success" else 1


def _send_trace(run_id: str) -> None:
    """Send the trace of a run that is over; a failure is told and changes nothing."""
    traces = import_module(f"{_LOCAL}.history.traces")
    if not traces.is_enabled(os.environ, asked=True):
        return
    try:
        with closing(import_module(f"{_LOCAL}.store.store").RunStore.open_existing(_store_folder())) as store:
            problem = traces.export(store.run(run_id))
    except import_module(f"{_LOCAL}.store.database").StoreError as error:
        problem = f"the trace was not delivered: {error}"
    if problem is not None:
        print(problem, file=sys.stderr)


def _options(arguments: Namespace) -> Any:
    return import_module(f"{_LOCAL}.options").RunOptions(
        capacity=_capacity(arguments),
        use_cache=not arguments.no_cache,
        explain_cache=arguments.explain_cache,
        approve_all=arguments.yes,
        approve=frozenset(arguments.approve),
        questions=sys.stdin if sys.stdin is not None and sys.stdin.isatty() else None,
        send_alerts=not arguments.no_alerts,
    )


def _observer(arguments: Namespace) -> Any:
    """Who is told of the run: a person, or a program that reads JSON."""
    stream = import_module(f"{_LOCAL}.streams").LastingStream(sys.stderr)
    if arguments.log_format == "json":
        return import_module(f"{_LOCAL}.history.logs").JsonLog(stream)
    return import_module(f"{_LOCAL}.display").display_for(
        stream,
        live=sys.stderr.isatty() and os.environ.get("TERM") != "dumb",
        color=use_color(arguments.color, sys.stderr),
    )


def _store_folder() -> Path:
    folder: str = import_module(f"{_LOCAL}.run_folder").DEFAULT_STORE
    return Path.cwd() / folder


def _backfill(pipeline: Pipeline, key: str, arguments: Namespace) -> int:
    from pipec.analysis.intervals import NoIntervalsError

    try:
        code: int = import_module(f"{_LOCAL}.backfill").run_backfill(
            pipeline,
            first=arguments.first,
            last=arguments.last or date.today(),
            arguments=words_of_each_run(arguments),
            succeeded=_succeeded_intervals(key),
            store_folder=_store_folder(),
            max_active=arguments.max_active,
            fail_fast=arguments.fail_fast,
            dry_run=arguments.dry_run,
            as_json=arguments.json,
            color=use_color(arguments.color, sys.stderr),
        )
    except NoIntervalsError as error:
        raise UsageError(str(error)) from error
    return code


def _succeeded_intervals(key: str) -> set[str]:
    """The intervals that need no run any more; where there is no store there are none."""
    database = import_module(f"{_LOCAL}.store.database")
    folder = _store_folder()
    if not (folder / database.FILE_NAME).exists():
        return set()
    try:
        with closing(import_module(f"{_LOCAL}.store.store").RunStore.open_existing(folder)) as store:
            succeeded: set[str] = store.succeeded_intervals(key)
            return succeeded
    except database.StoreError as error:
        raise UsageError(str(error)) from error


def _dry_run(pipeline: Pipeline, values: Mapping[str, Any], as_json: bool) -> int:
    import json

    from pipec.analysis.graph import run_upstream
    from pipec.analysis.levels import levels

    rows = levels(run_upstream(pipeline))
    if as_json:
        print(json.dumps({"pipeline": pipeline.name, "parameters": values, "levels": rows}, indent=2))
    else:
        print(f"{pipeline.name}: {len(pipeline.tasks)} tasks; those of a level can run at once")
        for number, row in enumerate(rows, start=1):
            print(f"{number:>4}  {', '.join(row)}")
    return 0


def _in_zone(moment: datetime, timezone: str) -> datetime:
    from zoneinfo import ZoneInfo

    return moment if moment.utcoffset() is not None else moment.replace(tzinfo=ZoneInfo(timezone))
