"""Play a pipeline in virtual time: how long it takes, what its deadline risks, and how many slots are worth having.

pipec simulate train.pipe
pipec simulate train.pipe --slots 1..8              where one more slot stops paying
pipec simulate train.pipe --capacity cpu=8,memory=32Gi,gpu=1 --pool warehouse=2 --task-overhead 20s
pipec simulate train.pipe --delay ship=2h --items score=25
pipec simulate train.pipe --given train.auc=0.93 --given ship=false
pipec simulate train.pipe --what-if "train.estimate = 2h" --what-if "slots = 4; train.retries = 3"
pipec simulate train.pipe --runs 5000 --seed 7 --json
pipec simulate train.pipe --slots 2 --format svg > gantt.svg

No code runs. Each attempt takes its task's `estimate`: one with `min`, `likely` and `max` is drawn from a PERT
distribution, and fails as often as `failure_rate` says, at its end; retries, timeouts, capacity and conditions follow
the rules of every run. Where nothing is left to chance one run says it all. What nobody knows is assumed, and the
output says what was. Exit code: 0 it was simulated, however it ends, 1 the check of the file failed, 2 wrong usage.
"""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from typing import TYPE_CHECKING, Any

from pipec.cli import UsageError
from pipec.cli.capacity import add_capacity
from pipec.cli.terminal import (
    add_constants,
    add_parameters,
    assignment,
    bad_parameters,
    choose_pipeline,
    loaded_program,
    positive,
    report_problems,
)

if TYPE_CHECKING:
    from datetime import datetime

    from pipec.api import Loaded
    from pipec.engine.capacity import Capacity
    from pipec.ir.model import Pipeline
    from pipec.simulation.assumptions import Assumptions
    from pipec.simulation.simulation import Progress, Simulation
    from pipec.simulation.study import Scenario

_MOST_SLOTS = 64
"""So many numbers of slots are tried at most."""


def configure(parser: ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="the .pipe file")
    parser.add_argument("--pipeline", metavar="NAME", help="which one, where the file defines several")
    add_constants(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON object, with the run of median length")
    parser.add_argument("--format", choices=("text", "json", "svg", "html"), help="svg and html draw that run")
    _configure_runs(parser)
    _configure_capacity(parser)
    _configure_assumptions(parser)


def _configure_runs(parser: ArgumentParser) -> None:
    group = parser.add_argument_group("runs")
    group.add_argument("--runs", metavar="N", type=positive, help="default: as many as take some seconds, at most 1000")
    group.add_argument("--seed", metavar="S", type=int, default=0, help="another one draws other runs; default: 0")
    group.add_argument(
        "--what-if", metavar="CHANGE", action="append", default=[], help="compare with this; several changes: `a; b`"
    )


def _configure_capacity(parser: ArgumentParser) -> None:
    group = parser.add_argument_group("capacity")
    group.add_argument("--slots", metavar="N|A..B", type=_slots, default=(), help="tasks at once; default: no limit")
    add_capacity(group)
    group.add_argument("--task-overhead", metavar="TIME", type=_seconds, default=0.0, help="start of each attempt")


def _configure_assumptions(parser: ArgumentParser) -> None:
    group = parser.add_argument_group("what is known")
    for option, metavar, words in (
        ("--given", "TASK.OUTPUT=VALUE", "an output; or true or false for a decision or an approval"),
        ("--items", "MAP=N", "how many items a map has whose list is not known; default: 1"),
        ("--delay", "NAME=TIME", "after how long an approval is given or a wait is over, or `never`; default: at once"),
    ):
        group.add_argument(option, metavar=metavar, type=assignment, action="append", default=[], help=words)
    add_parameters(group)
    group.add_argument("--date", type=_moment, help="a run for this date (or time); default: now")


def execute(arguments: Namespace) -> int:
    from pipec.api import load
    from pipec.parameters import ParameterError

    if arguments.json and arguments.format not in (None, "json"):
        raise UsageError(f"--json and --format {arguments.format} ask for different things: use one")
    if len(arguments.slots) > 1 and arguments.what_if:
        raise UsageError("--slots A..B and --what-if compare different things: use one, or --what-if 'slots = 4'")
    loaded = load(arguments.file, dict(arguments.constants))
    program = loaded_program(loaded, arguments.color)
    if program is None:
        return 1
    key = choose_pipeline(program, arguments.pipeline)
    refusals = _refusals(loaded, key, arguments)
    if refusals:
        report_problems(refusals, arguments.color)
        return 1
    try:
        scenario = _scenario(loaded, key, arguments)
    except ParameterError as error:
        return bad_parameters(error.problems)
    _write(_simulation(scenario, arguments), arguments.format or ("json" if arguments.json else "text"))
    return 0


def _refusals(loaded: Loaded, key: str, arguments: Namespace) -> list[Any]:
    """What there can never be capacity for."""
    from pipec.analysis.fitting import check_fit
    from pipec.diagnostics.model import Diagnostics

    assert loaded.program is not None
    found = Diagnostics()
    check_fit(loaded.program, key, _capacity(arguments), loaded.span_of, found)
    return found.sorted()


def _capacity(arguments: Namespace) -> Capacity:
    from pipec.engine.capacity import Capacity

    return Capacity(pools=dict(arguments.pools), **arguments.capacity)


def _scenario(loaded: Loaded, key: str, arguments: Namespace) -> Scenario:
    from datetime import UTC, datetime

    from pipec.simulation.errors import NamingError
    from pipec.simulation.scenarios import pipelines_of, scenario_of

    program = loaded.program
    assert program is not None
    pipeline = program.pipelines[key]
    try:
        assumed = _assumptions(pipelines_of(program, key), arguments)
    except NamingError as error:
        raise UsageError(str(error)) from error
    return scenario_of(
        program,
        key,
        parameters=_parameters(pipeline, arguments),
        moment=_in_zone(arguments.date, pipeline.timezone) if arguments.date else datetime.now(UTC),
        capacity=_capacity(arguments),
        assumptions=assumed,
    )


def _assumptions(pipelines: list[Pipeline], arguments: Namespace) -> Assumptions:
    from pipec.simulation.naming import assumptions, read_delay, read_given

    return assumptions(
        pipelines,
        task_overhead=arguments.task_overhead,
        delays={name: read_delay(name, text) for name, text in arguments.delay},
        given={name: read_given(name, text, pipelines) for name, text in arguments.given},
        items={name: _count(name, text) for name, text in arguments.items},
    )


def _parameters(pipeline: Pipeline, arguments: Namespace) -> dict[str, Any]:
    """The values given; what is missing is not known. Raises ParameterError."""
    from pipec.parameters import ParameterError, read_parameter_file, resolve_parameters

    file_values, problems = read_parameter_file(arguments.params) if arguments.params is not None else ({}, [])
    values, found = resolve_parameters(
        pipeline, file_values=file_values, environment=os.environ, given=dict(arguments.parameters)
    )
    problems = problems or [problem for problem in found if problem.code != "P0602"]
    if problems:
        raise ParameterError(problems)
    return values


def _simulation(scenario: Scenario, arguments: Namespace) -> Simulation:
    from pipec.simulation.errors import SimulationError, WhatIfError
    from pipec.simulation.simulation import simulation

    progress = _progress() if sys.stderr.isatty() else None
    try:
        return simulation(
            scenario,
            runs=arguments.runs,
            seed=arguments.seed,
            slots=arguments.slots,
            what_if=arguments.what_if,
            progress=progress,
        )
    except WhatIfError as error:
        raise UsageError(f"--what-if: {error}") from error
    except SimulationError as error:
        raise UsageError(str(error)) from error
    finally:
        if progress is not None:
            sys.stderr.write("\r\033[K")


def _progress() -> Progress:
    """One line on the terminal, some times a second."""
    import time

    last = time.monotonic()

    def tell(name: str, done: int, count: int) -> None:
        nonlocal last
        if time.monotonic() - last > 0.2:
            last = time.monotonic()
            sys.stderr.write(f"\r\033[K{name}: {done:,} of {count:,} runs")
            sys.stderr.flush()

    return tell


def _write(found: Simulation, written_format: str) -> None:
    """Of several scenarios the first is drawn."""
    match written_format:
        case "json":
            import json

            text = json.dumps(found.to_json(), indent=2, ensure_ascii=False) + "\n"
        case "svg":
            from pipec.pictures.simulated import simulated_svg

            text = simulated_svg(found.findings[0])
        case "html":
            from pipec.pictures.simulated import simulated_page

            text = simulated_page(found.findings[0])
        case _:
            from pipec.simulation.text import simulation_text

            text = simulation_text(found)
    sys.stdout.write(text)


# --- values --------------------------------------------------------------------------------------


def _slots(text: str) -> tuple[int, ...]:
    first, dots, last = text.partition("..")
    start = positive(first)
    end = positive(last) if dots else start
    if end < start:
        raise ArgumentTypeError(f"`{text}` ends before it starts")
    if end - start >= _MOST_SLOTS:
        raise ArgumentTypeError(f"`{text}` are more than {_MOST_SLOTS} numbers of slots")
    return tuple(range(start, end + 1))


def _seconds(text: str) -> float:
    from pipec.simulation.what_if import read_seconds

    seconds = read_seconds(text)
    if seconds is None:
        raise ArgumentTypeError(f"`{text}` is not a duration such as 20s")
    return seconds


def _count(name: str, text: str) -> int:
    if not (text.isascii() and text.isdecimal()):
        raise UsageError(f"--items {name}={text}: a number of items is needed")
    return int(text)


def _moment(text: str) -> datetime:
    from pipec.cli.run_options import moment

    return moment(text)


def _in_zone(moment: datetime, timezone: str) -> datetime:
    from zoneinfo import ZoneInfo

    return moment if moment.utcoffset() is not None else moment.replace(tzinfo=ZoneInfo(timezone))
