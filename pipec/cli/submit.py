"""Hand a pipeline to a server that runs it: once, or again and again by its schedule.

pipec submit etl.pipe --target kubeflow --host https://kubeflow.example.com/pipeline
pipec submit etl.pipe --target kubeflow --host … --param day=2026-01-01 --wait
pipec submit etl.pipe --target kubeflow --host … --recurring     make or update the recurring run
pipec submit etl.pipe --target kubeflow --dry-run                show what would be sent

Whoever submits is known by the environment, never by an option. Kubeflow: PIPEC_KUBEFLOW_TOKEN, or what its own client
knows (KF_PIPELINES_SA_TOKEN_PATH, KF_PIPELINES_IAP_OAUTH2_CLIENT_ID, …). Exit code: 0 it was handed over, and with
--wait succeeded; 1 the pipeline is not good, the server refused it or the run failed; 2 wrong usage or no such server.
"""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING, Any

from pipec.cli import UsageError
from pipec.cli.terminal import (
    add_constants,
    add_parameters,
    bad_parameters,
    choose_backend,
    choose_pipeline,
    report_problems,
)

if TYPE_CHECKING:
    from pipec.ir.model import Pipeline
    from pipec.submission import SubmitRequest, Submitting


def configure(parser: ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="the .pipe file")
    parser.add_argument("--target", required=True, metavar="T", help="a target with a server, such as kubeflow")
    parser.add_argument("--pipeline", metavar="NAME", help="which one, where the file defines several")
    add_constants(parser)
    add_parameters(parser)
    times = parser.add_mutually_exclusive_group()
    times.add_argument("--once", action="store_true", help="start one run; the default")
    times.add_argument("--recurring", action="store_true", help="make or update the recurring run of the schedule")
    parser.add_argument("--wait", action="store_true", help="wait for the run to end; fail where it failed")
    parser.add_argument("--dry-run", action="store_true", help="show what would be sent, and send nothing")
    server = parser.add_argument_group("server")
    server.add_argument("--host", metavar="URL", help="its address; default: the one in the engine's environment")
    server.add_argument("--experiment", metavar="NAME", help="the experiment of the run, made where there is none")
    server.add_argument("--namespace", metavar="NAME", help="the namespace, on a server for several users")
    server.add_argument("--run-name", metavar="NAME", help="what to call the run; default: the pipeline and the time")


def execute(arguments: Namespace) -> int:
    from pipec.submission import SubmitError, Submitting

    if arguments.recurring and arguments.wait:
        raise UsageError("--wait is for one run, --recurring makes many: leave one of them out")
    backend = choose_backend(arguments.target)
    if not isinstance(backend, Submitting):
        raise UsageError(f"the target `{backend.name}` has no server to submit to: use `pipec compile`")
    request = _request(arguments)
    if isinstance(request, int):
        return request
    try:
        return _hand_over(arguments, backend, request)
    except SubmitError as error:
        if error.is_usage:
            raise UsageError(str(error)) from None
        print(f"error: {error}", file=sys.stderr)
        return 1


def _hand_over(arguments: Namespace, backend: Submitting, request: SubmitRequest) -> int:
    if arguments.dry_run:
        import json

        print(json.dumps(backend.submission(request), indent=2, ensure_ascii=False))
    else:
        backend.submit(request, lambda line: print(line, flush=True), wait=arguments.wait)
    return 0


def _request(arguments: Namespace) -> SubmitRequest | int:
    """What to hand over; the exit code where that is not good, which has been told."""
    from pipec.api import load
    from pipec.compilation import compile_to
    from pipec.parameters import ParameterError
    from pipec.submission import SubmitRequest

    loaded = load(arguments.file, dict(arguments.constants))
    program = loaded.program
    if program is None or loaded.diagnostics.has_errors:
        report_problems(loaded.diagnostics.sorted(), arguments.color)
        return 1
    key = choose_pipeline(program, arguments.pipeline)
    pipeline = program.pipelines[key]
    if arguments.recurring and pipeline.schedule is None:
        raise UsageError(f"pipeline `{pipeline.name}` has no schedule: leave --recurring out, or give it one")
    try:
        values = _values(arguments, pipeline)
    except ParameterError as error:
        return bad_parameters(error.problems)
    files = compile_to(loaded, key, arguments.target)
    report_problems(loaded.diagnostics.sorted(), arguments.color)
    if loaded.diagnostics.has_errors:
        return 1
    return SubmitRequest(
        pipeline,
        files,
        values,
        recurring=arguments.recurring,
        host=arguments.host,
        experiment=arguments.experiment,
        run_name=arguments.run_name,
        namespace=arguments.namespace,
    )


def _values(arguments: Namespace, pipeline: Pipeline) -> dict[str, Any]:
    """The parameters that are given, in JSON form. Raises ParameterError."""
    from pipec.parameters import ParameterError, read_parameter_file, resolve_parameters

    from_file: dict[str, Any] = {}
    if arguments.params is not None:
        from_file, problems = read_parameter_file(arguments.params)
        if problems:
            raise ParameterError(problems)
    values, problems = resolve_parameters(
        pipeline, file_values=from_file, environment=os.environ, given=dict(arguments.parameters)
    )
    if problems:
        raise ParameterError(problems)
    return values
