"""Show the shape of a pipeline: levels, what runs at once, critical path and slack, and what its deadline leaves.

pipec plan etl.pipe
pipec plan etl.pipe --estimate max                       times by the worst estimates
pipec plan etl.pipe --from-runs                          by what the last runs in .pipec took
pipec plan etl.pipe --given good_enough=false            the run that decides so
pipec plan etl.pipe --given select.auc=0.7 --items 25    what follows from a value; maps over 25 items
pipec plan etl.pipe --format json
pipec plan etl.pipe --graph                              the graph in characters
pipec plan etl.pipe --next-runs
pipec plan etl.pipe --format svg > etl.svg
pipec plan etl.pipe --format html > etl.html             to point at, search and zoom

Of a decision that is open the worse side counts. --given says what is known of a run: a decision=true, an
approval=false, a task.output or a parameter; decisions that can then be made are. A map is counted as one item unless
--items, its list or earlier runs tell how many there are; then in waves of max_parallel.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from typing import TYPE_CHECKING

from pipec.cli import UsageError
from pipec.cli.terminal import add_constants, choose_pipeline, choose_pipelines, loaded_program

if TYPE_CHECKING:
    from pipec.analysis.assumptions import Assumptions
    from pipec.analysis.given import GivenValues
    from pipec.analysis.plan import Plan
    from pipec.ir.model import Pipeline

_RUNS = 20


def configure(parser: ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="the .pipe file")
    parser.add_argument("--pipeline", metavar="NAME", help="only this one; default: all that the file defines, as text")
    formats = ("text", "json", "mermaid", "dot", "svg", "html")
    parser.add_argument("--format", choices=formats, default="text", help="default: text")
    parser.add_argument("--all", action="store_true", help="fold nothing in the text of a large pipeline")
    parser.add_argument("--graph", action="store_true", help="draw the graph, in text")
    parser.add_argument("--next-runs", action="store_true", help="show the next five runs of the schedule, in text")
    parser.add_argument(
        "--estimate", choices=("min", "likely", "max"), default="likely", help="which estimates; default: likely"
    )
    parser.add_argument(
        "--from-runs",
        metavar="N",
        type=_number,
        nargs="?",
        const=_RUNS,
        help=f"take estimates from the last N runs kept in .pipec, default {_RUNS}",
    )
    parser.add_argument(
        "--given",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="a decision, an approval, an output or a parameter",
    )
    parser.add_argument("--items", action="append", default=[], metavar="[MAP=]N", help="how many items a map has")
    add_constants(parser)


def execute(arguments: Namespace) -> int:
    from pipec.analysis.plan import plan
    from pipec.api import load

    program = loaded_program(load(arguments.file, dict(arguments.constants)), arguments.color)
    if program is None:
        return 1
    keys = choose_pipelines(program, arguments.pipeline)
    if arguments.format != "text":
        keys = [choose_pipeline(program, arguments.pipeline)]
    for option, is_given in (("--next-runs", arguments.next_runs), ("--graph", arguments.graph)):
        if is_given and arguments.format != "text":
            raise UsageError(f"{option} is for --format text")
    texts = []
    for key in keys:
        pipeline = program.pipelines[key]
        assumptions = _assumptions(key, pipeline, arguments)
        planned = plan(pipeline, assumptions, kind=arguments.estimate, program=program)
        text = _written(pipeline, planned, arguments)
        text += _graph(pipeline, planned) if arguments.graph else ""
        texts.append(text + (_next_runs(pipeline) if arguments.next_runs else ""))
    sys.stdout.write("\n".join(texts))
    return 0


def _assumptions(key: str, pipeline: Pipeline, arguments: Namespace) -> Assumptions:
    """What the options say of a run to come: what is given counts before what earlier runs teach."""
    from dataclasses import replace

    from pipec.analysis.given import items_given, sides_given

    given = _given(pipeline, arguments)
    learnt = _learnt(key, pipeline, arguments.from_runs)
    sides = sides_given(pipeline, given)
    items = items_given(pipeline, given, sides)
    certain = {name: number for name, number in items.items() if number.origin == "given"}
    return replace(learnt, sides=sides, items={**items, **learnt.items, **certain}, rejected=given.rejected)


def _given(pipeline: Pipeline, arguments: Namespace) -> GivenValues:
    from pipec.analysis.given import GivenValues

    if not arguments.given and not arguments.items:
        return GivenValues()
    from pipec.givens import NamingError, read_givens  # here, as it brings the simulation

    try:
        return read_givens(pipeline, arguments.given, arguments.items)
    except NamingError as error:
        raise UsageError(str(error)) from None


def _learnt(key: str, pipeline: Pipeline, runs: int | None) -> Assumptions:
    from importlib import import_module
    from pathlib import Path

    from pipec.analysis.assumptions import Assumptions

    if runs is None:
        return Assumptions()
    learning = import_module("pipec.backends.local.history.learning")
    try:
        learnt: Assumptions = learning.learn(Path.cwd(), key, pipeline, runs)
    except learning.StoreError as error:
        raise UsageError(str(error)) from None
    return learnt


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and int(text) > 0):
        raise ArgumentTypeError(f"`{text}` is not a number of runs above 0")
    return int(text)


def _graph(pipeline: Pipeline, plan: Plan) -> str:
    from pipec.pictures.terminal import graph_text

    return f"graph, ● and ◆ are critical:\n{graph_text(pipeline, plan)}"


def _next_runs(pipeline: Pipeline) -> str:
    from datetime import UTC, datetime

    from pipec.analysis.intervals import NoIntervalsError, next_runs
    from pipec.analysis.plan_text import next_runs_text

    try:
        return next_runs_text(next_runs(pipeline, datetime.now(UTC)))
    except NoIntervalsError as error:
        return f"next runs: {error}\n"


def _written(pipeline: Pipeline, plan: Plan, arguments: Namespace) -> str:
    match arguments.format:
        case "json":
            import json

            return json.dumps(plan.to_json(), indent=2, ensure_ascii=False) + "\n"
        case "mermaid" | "dot" | "svg" | "html":
            from pipec.pictures.elk.engine import NoPictureError
            from pipec.pictures.formats import draw

            try:
                return draw(pipeline, plan, arguments.format)
            except NoPictureError as error:
                raise UsageError(str(error)) from error
        case _:
            from pipec.analysis.plan_text import plan_text

            return plan_text(plan, everything=arguments.all)
