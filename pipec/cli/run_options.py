"""The options of `pipec run`: what they are, which go together, and how their values are read."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from datetime import date, datetime

from pipec.cli import UsageError
from pipec.cli.capacity import add_capacity
from pipec.cli.terminal import add_constants, add_parameters, positive


def configure(parser: ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", nargs="?", help="the .pipe file; --resume knows it by the run")
    parser.add_argument("--pipeline", metavar="NAME", help="which one, where the file defines several")
    add_constants(parser)
    parser.add_argument("--json", action="store_true", help="print the result as one JSON object")
    parser.add_argument(
        "--log-format", choices=("text", "json"), default="text", help="of the progress on stderr; default: text"
    )
    parser.add_argument(
        "--otel", action="store_true", help="send a trace to OTEL_EXPORTER_OTLP_ENDPOINT when the run is over"
    )
    parser.add_argument("--dry-run", action="store_true", help="show what would run and run nothing")
    _configure_values(parser)
    _configure_capacity(parser)
    _configure_earlier_runs(parser)
    _configure_people(parser)
    _configure_backfill(parser)


def _configure_values(parser: ArgumentParser) -> None:
    group = parser.add_argument_group("values")
    add_parameters(group)
    group.add_argument("--date", type=moment, help="run for this date (or time) in the pipeline's time zone")


def _configure_capacity(parser: ArgumentParser) -> None:
    group = parser.add_argument_group("capacity")
    group.add_argument("--max-parallel", metavar="N", type=positive, help="tasks at once; default: one per core")
    add_capacity(group)


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


def _configure_backfill(parser: ArgumentParser) -> None:
    group = parser.add_argument_group("backfill")
    group.add_argument("--from", dest="first", metavar="DATE", type=_day, help="run every interval from this date on")
    group.add_argument("--to", dest="last", metavar="DATE", type=_day, help="to this date, included; default: today")
    group.add_argument(
        "--max-active", metavar="N", type=positive, help="runs at once; default: `max_active_runs`, else 1"
    )
    group.add_argument("--fail-fast", action="store_true", help="start no further run after one has failed")


def check_usage(arguments: Namespace) -> None:
    """Raises UsageError where options do not go together."""
    _take_file_from_resume(arguments)
    if arguments.file is None and arguments.resume is None:
        raise UsageError("which FILE?\n  help: `pipec run pipeline.pipe`, or `pipec run --resume` for the last run")
    backfill = {"--to": arguments.last, "--max-active": arguments.max_active, "--fail-fast": arguments.fail_fast}
    single = {"--date": arguments.date, "--resume": arguments.resume, "--explain-cache": arguments.explain_cache}
    if arguments.first is None:
        for option in _given(backfill):
            raise UsageError(f"{option} is for a backfill: give --from too")
    else:
        for option in _given(single):
            raise UsageError(f"{option} is for one run, --from makes many: leave one of them out")
        if arguments.last is not None and arguments.last < arguments.first:
            raise UsageError(f"--to {arguments.last} is before --from {arguments.first}")
    if arguments.resume is not None:
        if arguments.date is not None:
            raise UsageError("a run that is resumed keeps its date: leave --date out")
        if arguments.dry_run:
            raise UsageError("--dry-run shows a new run: leave --resume out, or look at `pipec runs`")


def _take_file_from_resume(arguments: Namespace) -> None:
    """In `--resume etl.pipe` the last word is the file."""
    if arguments.file is None and arguments.resume is not None and arguments.resume.endswith(".pipe"):
        arguments.file, arguments.resume = arguments.resume, "last"


def _given(options: dict[str, object]) -> list[str]:
    return [option for option, value in options.items() if value not in (None, False)]


def words_of_each_run(arguments: Namespace) -> list[str]:
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
    flags = {
        "--yes": arguments.yes,
        "--no-cache": arguments.no_cache,
        "--no-alerts": arguments.no_alerts,
        "--otel": arguments.otel,
    }
    return [*words, *(flag for flag, is_set in flags.items() if is_set)]


# --- values --------------------------------------------------------------------------------------


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"`{text}` is not a date such as 2026-01-31") from None


def moment(text: str) -> datetime:
    """A date is its midnight; the time zone may be missing."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"`{text}` is not a date such as 2026-01-31") from None
