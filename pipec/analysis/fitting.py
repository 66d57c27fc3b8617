"""Tasks that what there is can never hold."""

from __future__ import annotations

from collections.abc import Callable

from pipec.diagnostics.model import Diagnostics
from pipec.engine.capacity import Capacity
from pipec.ir.base import Location
from pipec.ir.model import Program
from pipec.ir.traverse import called_pipelines, location_of
from pipec.syntax.source import Span


def check_fit(
    program: Program, key: str, capacity: Capacity, span_of: Callable[[Location], Span], diagnostics: Diagnostics
) -> None:
    """Reports every task of a pipeline, and of those that it runs, that asks for more than there is.

    It would wait for ever.
    """
    for called in called_pipelines(program, key):
        for task in program.pipelines[called].tasks:
            for name, asked, there in capacity.lacks(task):
                if name == "pool":
                    message = f"task `{task.id}` needs a slot of the pool `{task.options.pool}`, which has {there:g}"
                else:
                    message = f"task `{task.id}` asks for {_amount(name, asked)}, there is {_amount(name, there)}"
                where = span_of(location_of(task, "pool" if name == "pool" else "resources"))
                diagnostics.error("P0505", message, where, help="ask for less, or give more capacity")


def _amount(name: str, value: float) -> str:
    if name != "memory":
        return f"{value:g} {name}"
    for unit, size in (("Ti", 2**40), ("Gi", 2**30), ("Mi", 2**20), ("Ki", 2**10)):
        if value >= size:
            return f"{value / size:.6g}{unit} of memory"
    return f"{value:g} bytes of memory"
