"""A run as bars on a line of time, for a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from pipec.simulation.simulated import SimulatedRun, SimulatedTask

_WIDTH = 48
_MOST_ROWS = 30
_RUNS, _QUEUES, _FAILS = "█", "·", "▒"


def gantt(run: SimulatedRun, critical: set[str], amount: Callable[[float], str]) -> Iterator[str]:
    """A row for each instance that ran, in the order of their starts, at most some thirty; `*` marks the critical."""
    ran = [run.tasks[id] for id in dict.fromkeys(run.starts)]
    shown = ran if len(ran) <= _MOST_ROWS else [task for task in ran if task.id in critical][:_MOST_ROWS]
    width = max((len(task.id) for task in shown), default=0)
    for task in shown:
        mark = "*" if task.id in critical else " "
        ended = task.ended if task.ended is not None else run.makespan
        when = f"{amount(task.started or 0.0)} to {amount(ended)}"
        yield f"  {mark} {task.id:<{width}}  {_bar(task, run.makespan)}  {when}"
    if len(shown) < len(ran):
        yield f"    and {len(ran) - len(shown)} more, on which the length does not hang"


def _bar(task: SimulatedTask, makespan: float) -> str:
    cells = [" "] * _WIDTH
    for attempt in task.attempts:
        ended = makespan if attempt.ended is None else attempt.ended
        _fill(cells, attempt.ready, attempt.started, makespan, _QUEUES, at_least=0)
        _fill(cells, attempt.started, ended, makespan, _RUNS if attempt.failure is None else _FAILS, at_least=1)
    return "".join(cells)


def _fill(cells: list[str], start: float, end: float, makespan: float, character: str, at_least: int) -> None:
    if makespan <= 0:
        return
    first = min(round(start / makespan * _WIDTH), _WIDTH - 1)
    last = max(round(end / makespan * _WIDTH), first + at_least)
    cells[first:last] = [character] * (min(last, _WIDTH) - first)
