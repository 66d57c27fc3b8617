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
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Mapping
from datetime import date, datetime
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipec.cli import UsageError
from pipec.cli.capacity import pool, resources
from pipec.cli.terminal import assignment, bad_parameters, choose_pipelines, loaded_program, report_problems, use_color

if TYPE_CHECKING:
    from pipec.api import Loaded
    from pipec.ir.model import Pipeline
    from pipec.parameters import ParameterProblem

_LOCAL = "pipec.backends.local"


def configure(parser: ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="the .pipe file")
    parser.add_argument("--pipeline", metavar="NAME", help="which one, where the file defines several")
    parser.add_argument(
        "-D", dest="constants", action="append", default=[], type=assignment, metavar="NAME=VALUE", help="set a const"
    )
    parser.add_argument("--json", action="store_true", help="print the result as one JSON object")
    parser.add_argument("--dry-run", action="store_true", help="show what would run and run nothing")
    _configure_values(parser)
    _configure_capacity(parser)
    _configure_earlier_runs(parser)
    _configure_people(parser)
    _configure_backfill(parser)


def _configure_values(parser: ArgumentParser) -> None:
    group = parser.add_argument_group("values")
    group.add_argument(
        "--param",
        dest="parameters",
        metavar="NAME=VALUE",
        type=assignment,
        action="append",
        default=[],
        help="give a parameter: text, numbers, durations and dates as the language writes them, the rest as JSON",
    )
    group.add_argument("--params", metavar="FILE", type=Path, help="values of parameters, a .json or .toml file")
    group.add_argument("--date", type=_moment, help="run for this date (or time) in the pipeline's time zone")


def _configure_capacity(parser: ArgumentParser) -> None:
    group = parser.add_argument_group("capacity")
    group.add_argument("--max-parallel", metavar="N", type=_positive, help="tasks at once; default: one per core")
    group.add_argument(
        "--capacity", metavar="cpu=N,memory=SIZE,gpu=N", type=resources, default={}, help="what `resources` share"
    )
    group.add_argument(
        "--pool", dest="pools", metavar="NAME=SLOTS", type=pool, action="append", default=[], help="slots of a pool"
    )


def _configure_earlier_runs(parser: ArgumentParser) -> None:
    group = parser.add_argument_group("earlier runs")
    group.add_argument(
        "--resume",
        metavar="RUN",
        nargs="?",
        const="last",
        help="go on with a run that failed or was killed; without RUN the last one of the pipeline",
    )
    group.add_argument("--no-cache", action="store_true", help="take nothing from the cache")
    group.add_argument("--explain-cache", metavar="TASK", help="say why a task is or is not taken from the cache")


def _configure_people(parser: ArgumentParser) -> None:
    group = parser.add_argument_group("people")
    group.add_argument("--yes", action="store_true", help="approve whatever is asked")
    group.add_argument("--approve", metavar="NAME", action="append", default=[], help="approve this, when it is asked")
    group.add_argument("--no-alerts", action="store_true", help="send no alerts")
    group.add_argument(
        "--log-format", choices=("text", "json"), default="text", help="of the progress on stderr; default: text"
    )
    group.add_argument("--otel", action="store_true", help="send OpenTelemetry traces to OTEL_EXPORTER_OTLP_ENDPOINT")


def _configure_backfill(parser: ArgumentParser) -> None:
    group = parser.add_argument_group("backfill")
    group.add_argument("--from", dest="first", metavar="DATE", type=_day, help="run every interval from this date on")
    group.add_argument("--to", dest="last", metavar="DATE", type=_day, help="to this date, included; default: today")
    group.add_argument(
        "--max-active",
        metavar="N",
        type=_positive,
        help="runs at once; default: `max_active_runs`, else 1",
    )
    group.add_argument("--fail-fast", action="store_true", help="start no further run after one has failed")


def execute(arguments: Namespace) -> int:
    from pipec.api import load

    loaded = load(arguments.file, dict(arguments.constants))
    program = loaded_program(loaded, arguments.color)
    if program is None:
        return 1
    keys = choose_pipelines(program, arguments.pipeline)
    if len(keys) > 1:
        names = ", ".join(f"`{key}`" for key in keys)
        raise UsageError(f"{program.source} defines {names}: choose one with --pipeline")
    _check_usage(arguments)
    refusals = _refusals(loaded, keys[0], arguments)
    if refusals:
        report_problems(refusals, arguments.color)
        return 1
    pipeline = program.pipelines[keys[0]]
    values, problems = _values(pipeline, arguments)
    if problems:
        return bad_parameters(problems)
    if arguments.first is not None:
        return _backfill(pipeline, keys[0], arguments)
    if arguments.dry_run:
        return _dry_run(pipeline, values, arguments.json)
    return _run(loaded, keys[0], values, arguments)


def _check_usage(arguments: Namespace) -> None:
    backfill = {"--to": arguments.last, "--max-active": arguments.max_active, "--fail-fast": arguments.fail_fast}
    if arguments.first is None:
        for option, value in backfill.items():
            if value:
                raise UsageError(f"{option} is for a backfill: give --from too")
    elif arguments.date is not None or arguments.resume is not None:
        raise UsageError("--from runs every interval by itself: leave --date and --resume out")
    if arguments.resume is not None and arguments.date is not None:
        raise UsageError("a run that is resumed keeps its date: leave --date out")


def _refusals(loaded: Loaded, key: str, arguments: Namespace) -> list[Any]:
    """What cannot run here at all, or never with the capacity given."""
    from pipec.analysis.fitting import check_fit
    from pipec.compilation import check_target
    from pipec.ir.traverse import called_pipelines

    found = check_target(loaded, key, "local")
    assert loaded.program is not None
    for called in called_pipelines(loaded.program, key):
        check_fit(loaded.program.pipelines[called], _capacity(arguments), loaded.span_of, found)
    return found.sorted() if found.has_errors else []


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
    if arguments.json:
        sys.stdout.write(result.json_text())
    else:
        color = use_color(arguments.color, sys.stdout)
        sys.stdout.write(import_module(f"{_LOCAL}.summary").summary(result, color=color))
    if result.interrupted:
        return 130
    return 0 if result.state == "success" else 1


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
    """Who is told of the run: progress as text or JSON, and traces where they are wanted."""
    observers = []
    if arguments.log_format == "json":
        observers.append(import_module(f"{_LOCAL}.history.logs").JsonLog(sys.stderr))
    else:
        observers.append(
            import_module(f"{_LOCAL}.display").display_for(
                sys.stderr,
                live=sys.stderr.isatty() and os.environ.get("TERM") != "dumb",
                color=use_color(arguments.color, sys.stderr),
            )
        )
    return observers[0] if len(observers) == 1 else import_module(f"{_LOCAL}.observer").Observers(*observers)


def _store_folder() -> Path:
    folder: str = import_module(f"{_LOCAL}.run_folder").DEFAULT_STORE
    return Path.cwd() / folder


def _backfill(pipeline: Pipeline, key: str, arguments: Namespace) -> int:
    from pipec.analysis.intervals import NoIntervalsError

    store_module = import_module(f"{_LOCAL}.store.store")
    try:
        store = store_module.RunStore.open(_store_folder())
        succeeded = store.succeeded_intervals(key)
        store.close()
    except import_module(f"{_LOCAL}.store.database").StoreError as error:
        raise UsageError(str(error)) from error
    try:
        code: int = import_module(f"{_LOCAL}.backfill").run_backfill(
            pipeline,
            first=arguments.first,
            last=arguments.last or date.today(),
            arguments=_shared_words(arguments),
            succeeded=succeeded,
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


def _shared_words(arguments: Namespace) -> list[str]:
    """The words of the command line that every run of a backfill is started with."""
    words = [arguments.file]
    for option, value in (("--pipeline", arguments.pipeline), ("--params", arguments.params)):
        words.extend([] if value is None else [f"{option}={value}"])
    words.extend(f"-D{name}={value}" for name, value in arguments.constants)
    words.extend(f"--param={name}={value}" for name, value in arguments.parameters)
    words.extend([] if arguments.max_parallel is None else [f"--max-parallel={arguments.max_parallel}"])
    if arguments.capacity:
        words.append("--capacity=" + ",".join(f"{name}={value}" for name, value in arguments.capacity.items()))
    words.extend(f"--pool={name}={slots}" for name, slots in arguments.pools)
    words.extend(f"--approve={name}" for name in arguments.approve)
    words.extend(f"--log-format={arguments.log_format}" for _ in range(arguments.log_format != "text"))
    flags = {"--yes": arguments.yes, "--no-cache": arguments.no_cache, "--no-alerts": arguments.no_alerts}
    return [*words, *(flag for flag, is_set in flags.items() if is_set)]


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


def _positive(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and int(text) > 0):
        raise ArgumentTypeError(f"`{text}` is not a number above 0")
    return int(text)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"`{text}` is not a date such as 2026-01-31") from None


def _moment(text: str) -> datetime:
    """A date is its midnight; the time zone may be missing."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"`{text}` is not a date such as 2026-01-31") from None


def _in_zone(moment: datetime, timezone: str) -> datetime:
    from zoneinfo import ZoneInfo

    return moment if moment.utcoffset() is not None else moment.replace(tzinfo=ZoneInfo(timezone))
