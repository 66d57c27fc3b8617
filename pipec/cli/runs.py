"""Look at runs kept in .pipec: which there were, what became of their tasks, their logs, how healthy a pipeline is.

pipec runs                                   the last runs
pipec runs --pipeline etl --state failed     those of a pipeline that failed
pipec runs last                              the last run: its tasks, what failed and why
pipec runs 2026-01-31T02 --log train         the log of a task, of the run whose id begins so
pipec runs last --log 'score[3]' --attempt 1
pipec runs --summary                         success rate, durations, slowest and failing tasks, health
pipec runs last --html run.html              a page with graph, attempts over time and trend

Health is that of the last 100 runs that are over: HEALTHY where at least 99 % succeeded and both the last run and 95 of
100 kept the pipeline's deadline; WARNING where at least 95 % succeeded; else CRITICAL. A run that was killed did not
succeed. Exit code: 0 it was shown, 2 there is no such run, task or log.
"""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

from pipec.cli import UsageError
from pipec.cli.terminal import use_color

_LIMIT = 20


def configure(parser: ArgumentParser) -> None:
    parser.add_argument("run", metavar="RUN", nargs="?", help="a run id, the start of one, or `last`; else a list")
    parser.add_argument("--pipeline", metavar="NAME", help="runs of this pipeline only")
    parser.add_argument("--limit", metavar="N", type=_number, help=f"list at most so many; default: {_LIMIT}")
    parser.add_argument("--state", choices=("running", "success", "failed", "killed"), help="list only these")
    parser.add_argument("--json", action="store_true", help="print JSON")
    kinds = parser.add_mutually_exclusive_group()
    kinds.add_argument("--log", metavar="TASK", help="print the log of a task, or of an instance such as 'score[3]'")
    kinds.add_argument("--summary", action="store_true", help="what the last runs of each pipeline say together")
    kinds.add_argument("--html", metavar="FILE", help="write a page of the run, default the last one; - for stdout")
    parser.add_argument("--attempt", metavar="N", type=_number, help="with --log: which attempt; default: the last")


def execute(arguments: Namespace) -> int:
    from importlib import import_module

    from pipec.diagnostics.style import Painter

    _check_options(arguments)
    looking = import_module("pipec.backends.local.history.looking")
    paint = Painter(use_color(arguments.color, sys.stdout))
    try:
        with closing(looking.Looking(Path.cwd())) as runs:
            if arguments.log is not None:
                with runs.open_log(arguments.run, arguments.pipeline, arguments.log, arguments.attempt) as log:
                    _write_bytes(looking.chunks(log))
            elif arguments.html is not None:
                _write_page(runs.page(arguments.run or "last", arguments.pipeline), arguments.html)
            else:
                _write_text(_answer(runs, arguments, paint))
    except (looking.NotFoundError, looking.StoreError) as error:
        raise UsageError(str(error)) from None
    except FileNotFoundError as error:
        raise UsageError(f"cannot read {error.filename}: {error.strerror}") from None
    return 0


def _check_options(arguments: Namespace) -> None:
    """What does not go together."""
    if arguments.log is not None and arguments.run is None:
        raise UsageError(f"`--log` needs a run: `pipec runs last --log {arguments.log}`")
    if arguments.attempt is not None and arguments.log is None:
        raise UsageError("`--attempt` goes with `--log`")
    if arguments.json and (arguments.log is not None or arguments.html is not None):
        raise UsageError("`--json` does not go with `--log` and `--html`")
    if arguments.summary and arguments.run is not None:
        raise UsageError("`--summary` is of a pipeline, not of a run: choose one with --pipeline")
    is_list = arguments.run is None and arguments.html is None and not arguments.summary
    if not is_list and (arguments.limit is not None or arguments.state is not None):
        raise UsageError("`--limit` and `--state` are for the list of runs")


def _answer(runs: Any, arguments: Namespace, paint: Any) -> str:
    text: str
    if arguments.summary:
        text = runs.summary(arguments.pipeline, as_json=arguments.json, paint=paint)
    elif arguments.run is not None:
        text = runs.show(arguments.run, arguments.pipeline, as_json=arguments.json, paint=paint)
    else:
        limit = _LIMIT if arguments.limit is None else arguments.limit
        text = runs.listing(arguments.pipeline, limit, arguments.state, as_json=arguments.json, paint=paint)
    return text


def _write_text(text: str) -> None:
    sys.stdout.write(text)
    if not text:
        print("no runs", file=sys.stderr)


def _write_page(text: str, target: str) -> None:
    """The page whole or not at all."""
    if target == "-":
        _write_bytes([text.encode()])
        return
    file = Path(target)
    part = file.with_name(f".{file.name}.part")
    try:
        part.write_text(text, "utf-8")
        os.replace(part, file)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise UsageError(f"cannot write {target}: {error.strerror}") from None
    print(f"wrote {target}", file=sys.stderr)


def _write_bytes(pieces: Iterable[bytes]) -> None:
    sys.stdout.flush()
    for piece in pieces:
        sys.stdout.buffer.write(piece)
    sys.stdout.buffer.flush()


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and int(text) > 0):
        raise ArgumentTypeError(f"`{text}` is not a number above 0")
    return int(text)
