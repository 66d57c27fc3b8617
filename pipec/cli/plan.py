"""Show the shape of a pipeline: levels, what runs at once, critical path and slack, and what its deadline leaves.

pipec plan etl.pipe
pipec plan etl.pipe --format json
pipec plan etl.pipe --next-runs
pipec plan etl.pipe --format dot | dot -Tsvg > etl.svg
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from pipec.cli import UsageError
from pipec.cli.terminal import add_constants, choose_pipelines, loaded_program

if TYPE_CHECKING:
    from pipec.analysis.plan import Plan
    from pipec.ir.model import Pipeline


def configure(parser: ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="the .pipe file")
    parser.add_argument("--pipeline", metavar="NAME", help="only this one; default: all that the file defines, as text")
    parser.add_argument("--format", choices=("text", "json", "mermaid", "dot"), default="text", help="default: text")
    parser.add_argument("--next-runs", action="store_true", help="show the next five runs of the schedule, in text")
    add_constants(parser)


def execute(arguments: Namespace) -> int:
    from pipec.analysis.plan import plan
    from pipec.api import load

    program = loaded_program(load(arguments.file, dict(arguments.constants)), arguments.color)
    if program is None:
        return 1
    keys = choose_pipelines(program, arguments.pipeline)
    if len(keys) > 1 and arguments.format != "text":
        names = ", ".join(f"`{key}`" for key in keys)
        raise UsageError(f"{program.source} defines {names}: choose one with --pipeline")
    if arguments.next_runs and arguments.format != "text":
        raise UsageError("--next-runs is for --format text")
    texts = [_written(plan(program.pipelines[key], program=program), arguments.format) for key in keys]
    if arguments.next_runs:
        texts = [text + _next_runs(program.pipelines[key]) for text, key in zip(texts, keys, strict=True)]
    sys.stdout.write("\n".join(texts))
    return 0


def _next_runs(pipeline: Pipeline) -> str:
    from datetime import UTC, datetime

    from pipec.analysis.intervals import NoIntervalsError, next_runs
    from pipec.analysis.plan_text import next_runs_text

    try:
        return next_runs_text(next_runs(pipeline, datetime.now(UTC)))
    except NoIntervalsError as error:
        return f"next runs: {error}\n"


def _written(plan: Plan, written_format: str) -> str:
    match written_format:
        case "json":
            import json

            return json.dumps(plan.to_json(), indent=2, ensure_ascii=False) + "\n"
        case "mermaid":
            from pipec.analysis.drawing import mermaid

            return mermaid(plan)
        case "dot":
            from pipec.analysis.drawing import dot

            return dot(plan)
        case _:
            from pipec.analysis.plan_text import plan_text

            return plan_text(plan)
