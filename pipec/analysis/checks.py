"""What is wrong with a graph as a whole, whichever target it is for."""

from __future__ import annotations

from collections.abc import Callable

from pipec.analysis.never_runs import never_runs
from pipec.diagnostics.model import Diagnostics
from pipec.ir.base import Location
from pipec.ir.model import Program
from pipec.syntax.source import Span


def check_graphs(program: Program, span_of: Callable[[Location], Span], diagnostics: Diagnostics) -> None:
    """Reports the tasks that no run can ever start."""
    for pipeline in program.pipelines.values():
        reasons = never_runs(pipeline)
        for task in pipeline.tasks:
            if task.id in reasons:
                diagnostics.error(
                    "P0406",
                    f"task `{task.id}` can never run",
                    span_of(task.location),
                    notes=(reasons[task.id],),
                    help="change what it depends on, or its trigger rule",
                )
