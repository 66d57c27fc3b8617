"""Run a pipeline on this machine: every task in a process of its own, as many at once as fit.

pipec run etl.pipe
pipec run train.pipe --param min_auc=0.9         with another value of a parameter
pipec run train.pipe --params production.toml    with the values of a file
pipec run train.pipe --date 2026-01-31           as the run for that day
pipec run train.pipe --max-parallel 1            one task after another
pipec run train.pipe --dry-run                   show what would run, in which order

A value comes from --param, else the environment variable PIPEC_PARAM_<NAME>, else the file of --params, else it is the
default. Logs and results are kept in .pipec/runs below the current folder. Exit code: 0 the run succeeded, 1 it or the
check of the file failed, 2 wrong usage, 130 stopped by Ctrl-C.
"""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipec.cli import UsageError
from pipec.cli.terminal import assignment, bad_parameters, choose_pipelines, loaded_program, report_problems, use_color

if TYPE_CHECKING:
    from pipec.ir.model import Pipeline
    from pipec.parameters import ParameterProblem


def configure(parser: ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="the .pipe file")
    parser.add_argument("--pipeline", metavar="NAME", help="which one, where the file defines several")
    parser.add_argument(
        "--param",
        dest="parameters",
        metavar="NAME=VALUE",
        type=assignment,
        action="append",
        default=[],
        help="give a parameter: text, numbers, durations and dates as the language writes them, the rest as JSON",
    )
    parser.add_argument("--params", metavar="FILE", type=Path, help="values of parameters, a .json or .toml file")
    parser.add_argument("--date", type=_moment, help="run for this date (or time) in the pipeline's time zone")
    parser.add_argument("--max-parallel", metavar="N", type=_positive, help="tasks at once; default: one per core")
    parser.add_argument("--json", action="store_true", help="print the result as one JSON object")
    parser.add_argument("--dry-run", action="store_true", help="show what would run and run nothing")
    parser.add_argument(
        "-D", dest="constants", action="append", default=[], type=assignment, metavar="NAME=VALUE", help="set a const"
    )


def execute(arguments: Namespace) -> int:
    from pipec.api import load
    from pipec.compilation import check_target

    loaded = load(arguments.file, dict(arguments.constants))
    program = loaded_program(loaded, arguments.color)
    if program is None:
        return 1
    keys = choose_pipelines(program, arguments.pipeline)
    if len(keys) > 1:
        names = ", ".join(f"`{key}`" for key in keys)
        raise UsageError(f"{program.source} defines {names}: choose one with --pipeline")
    refusals = check_target(loaded, keys[0], "local")
    if refusals.has_errors:
        report_problems(refusals.sorted(), arguments.color)
        return 1
    return run_pipeline(program.pipelines[keys[0]], loaded.folder, arguments)


def run_pipeline(pipeline: Pipeline, folder: Path, arguments: Namespace) -> int:
    """Run a checked pipeline of a file in `folder` as the arguments say; the exit code."""
    from pipec.parameters import read_parameter_file, resolve_parameters

    file_values: Mapping[str, Any] = {}
    file_problems: list[ParameterProblem] = []
    if arguments.params is not None:
        file_values, file_problems = read_parameter_file(arguments.params)
    values, problems = resolve_parameters(
        pipeline, file_values=file_values, environment=os.environ, given=dict(arguments.parameters)
    )
    if file_problems or problems:
        return bad_parameters(file_problems or problems)
    if arguments.dry_run:
        return _dry_run(pipeline, values, arguments.json)
    return _run(pipeline, folder, values, arguments)


def _run(pipeline: Pipeline, folder: Path, values: Mapping[str, Any], arguments: Namespace) -> int:
    from importlib import import_module

    from pipec.parameters import ParameterError

    local = "pipec.backends.local"
    display = import_module(f"{local}.display").display_for(
        sys.stderr,
        live=sys.stderr.isatty() and os.environ.get("TERM") != "dumb",
        color=use_color(arguments.color, sys.stderr),
    )
    try:
        result = import_module(f"{local}.runner").run(
            pipeline,
            folder=folder,
            parameters=values,
            date=_in_zone(arguments.date, pipeline.timezone) if arguments.date else None,
            max_parallel=arguments.max_parallel,
            observer=display,
            store_folder=Path.cwd() / import_module(f"{local}.store").DEFAULT_STORE,
        )
    except ParameterError as error:
        return bad_parameters(error.problems)
    except OSError as error:
        raise UsageError(f"cannot write {error.filename}: {error.strerror}") from error
    if arguments.json:
        sys.stdout.write(result.json_text())
    else:
        color = use_color(arguments.color, sys.stdout)
        sys.stdout.write(import_module(f"{local}.summary").summary(result, color=color))
    if result.interrupted:
        return 130
    return 0 if result.state == "success" else 1


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


def _moment(text: str) -> datetime:
    """A date is its midnight; the time zone may be missing."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"`{text}` is not a date such as 2026-01-31") from None


def _in_zone(moment: datetime, timezone: str) -> datetime:
    from zoneinfo import ZoneInfo

    return moment if moment.utcoffset() is not None else moment.replace(tzinfo=ZoneInfo(timezone))
