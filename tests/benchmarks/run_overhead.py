"""Measure what `pipec run` costs a task, and how good its schedule is, beside other runners and a bare loop.

Usage: python -m tests.benchmarks.run_overhead [--peers FOLDER] [--tasks N] [--repeat R] [--only TEXT …]. Prints tables
in markdown; see README.md beside this file.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.dags import Dag, cases
from tests.benchmarks.peers import interpreter
from tests.benchmarks.processes import FailedError
from tests.benchmarks.runner import ALL, BARE_PROCESSES, BARE_THREADS, OWN_PYTHON, PIPEC, Runner, Taken, take, warm_up
from tests.benchmarks.targets import Figures, target_rows

TITLES = {
    "one python": "One task that does nothing",
    "one shell": "One task that runs `true`",
    "chain": "{tasks} python tasks that do nothing, in a chain",
    "parallel": "{tasks} python tasks that do nothing, independent, 2 slots",
    "shell": "{tasks} tasks that run `true`, independent, 2 slots",
    "sleeps": "{tasks} python tasks that sleep 40 to 800 ms, 4 slots",
}
NOT_INSTALLED = "not installed"


@dataclass(frozen=True, slots=True)
class Measured:
    """All runs of a runner: by case the medians, or why there are none."""

    runner: Runner
    taken: dict[str, Taken | str]


def measure(runner: Runner, dags: Iterable[Dag], peers: Path | None, home: Path, repeat: int) -> Measured:
    """Run every case; the first run of the first case warms the caches."""
    python = OWN_PYTHON if runner.peer is None else interpreter(peers, runner.peer)
    if python is None:
        return Measured(runner, {dag.name: NOT_INSTALLED for dag in dags})
    taken: dict[str, Taken | str] = {}
    try:
        warm_up(runner, python, home)
        take(runner, next(iter(dags)), python, home)
    except FailedError as error:
        print(f"{runner.name}: {error}", file=sys.stderr)
        return Measured(runner, {dag.name: "failed" for dag in dags})
    for dag in dags:
        print(f"{runner.name}: {dag.name}", file=sys.stderr, flush=True)
        taken[dag.name] = _medians(runner, dag, python, home, 1 if runner.slow else repeat)
    return Measured(runner, taken)


def _medians(runner: Runner, dag: Dag, python: Path, home: Path, repeat: int) -> Taken | str:
    """The run whose process took the median wall time, with the median of the seconds inside."""
    try:
        runs = [take(runner, dag, python, home) for _ in range(repeat)]
    except FailedError as error:
        print(f"{runner.name}: {dag.name}: {error}", file=sys.stderr)
        return "failed"
    found = sorted((each for each in runs if each is not None), key=lambda each: each.process.wall)
    if not found:
        return "cannot say this"
    inside = [each.inside for each in found if each.inside is not None]
    return Taken(statistics.median(inside) if inside else None, found[len(found) // 2].process)


def figures(measured: Measured, dags: Iterable[Dag]) -> Figures:
    """The figures of the tables, by case."""
    found = Figures(measured.runner.name)
    for dag in dags:
        one = measured.taken[f"one {dag.action}"]
        taken = measured.taken[dag.name]
        if isinstance(taken, str) or isinstance(one, str):
            found.reasons[dag.name] = taken if isinstance(taken, str) else str(one)
            continue
        seconds = _seconds(taken)
        found.wall[dag.name] = taken.process.wall
        found.inside[dag.name] = seconds
        if len(dag.upstream) > 1 and not dag.seconds:
            found.task[dag.name] = max(0.0, (seconds - _seconds(one)) / (len(dag.upstream) - 1))
        if dag.seconds:
            found.stretch[dag.name] = seconds / dag.bound
    return found


def _seconds(taken: Taken) -> float:
    return taken.process.wall if taken.inside is None else taken.inside


def table(dag: Dag, rows: list[Figures]) -> str:
    """One case in markdown."""
    columns: list[tuple[str, Callable[[Figures], str]]] = [("runner", lambda row: row.name)]
    if dag.seconds:
        columns += [
            ("makespan s", lambda row: f"{row.inside[dag.name]:.3f}"),
            ("/ bound", lambda row: f"{row.stretch[dag.name]:.2f}"),
        ]
    elif len(dag.upstream) > 1:
        bare = BARE_THREADS.name if dag.action == "shell" else BARE_PROCESSES.name
        least = next((row.task.get(dag.name, 0.0) for row in rows if row.name == bare), 0.0)
        columns += [
            ("ms a task", lambda row: f"{row.task[dag.name] * 1000:.2f}"),
            ("x bare", lambda row: f"{row.task[dag.name] / least:.1f}" if least else "-"),
        ]
    columns.append(("whole process s", lambda row: f"{row.wall[dag.name]:.2f}"))
    title = TITLES[dag.name].format(tasks=len(dag.upstream))
    if dag.seconds:
        title += f": bound {dag.bound:.3f} s"
    lines = [f"### {title}", "", _line(name for name, _ in columns), _line("---" for _ in columns)]
    for row in rows:
        if dag.name in row.reasons:
            lines.append(_line([row.name, row.reasons[dag.name], *([""] * (len(columns) - 2))]))
        else:
            lines.append(_line(cell(row) for _, cell in columns))
    return "\n".join(lines) + "\n"


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peers", type=Path, metavar="FOLDER", help="where peers.py installed the other runners")
    parser.add_argument("--tasks", type=int, default=100)
    parser.add_argument("--repeat", type=int, default=5, help="runs of each case of the quick runners; default: 5")
    parser.add_argument("--only", nargs="+", metavar="TEXT", help="only runners with one of these in their name")
    options = parser.parse_args()
    dags = cases(options.tasks)
    chosen = [each for each in ALL if not options.only or any(text in each.name for text in options.only)]
    rows: list[Figures] = []
    with tempfile.TemporaryDirectory() as home:
        for runner in chosen:
            rows.append(figures(measure(runner, dags, options.peers, Path(home), options.repeat), dags))
    for dag in dags:
        print(table(dag, rows))
    print(target_rows(rows, own=PIPEC.name, threads=BARE_THREADS.name, processes=BARE_PROCESSES.name))


if __name__ == "__main__":
    main()
