"""What a rule looks at: one pipeline, with what several rules need to know of it, and where it reports."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from pipec.analysis.critical_path import Timing, durations, has_estimates, timing
from pipec.analysis.graph import downstream_map, run_upstream, upstream_map
from pipec.analysis.lints.texts import task_texts
from pipec.diagnostics.model import Diagnostics, Severity
from pipec.ir.base import Location
from pipec.ir.model import Pipeline, Program, Task
from pipec.syntax.source import Span


@dataclass
class Subject:
    """One pipeline of a program. What is reported twice at one place, by two instances of a loop, is reported once."""

    program: Program
    pipeline: Pipeline
    span_of: Callable[[Location], Span]
    diagnostics: Diagnostics
    _reported: set[tuple[str, str, str, int]] = field(default_factory=set)

    def report(
        self,
        code: str,
        message: str,
        location: Location,
        *,
        label: str = "",
        notes: tuple[str, ...] = (),
        help: str | None = None,
        severity: Severity = "warning",
    ) -> None:
        """Adds a lint. `message` is to name a task by its name, so that all instances of a loop say the same."""
        place = (code, message, location.file, location.start)
        if place in self._reported:
            return
        self._reported.add(place)
        say = self.diagnostics.error if severity == "error" else self.diagnostics.warning
        say(code, message, self.span_of(location), label=label, notes=notes, help=help)

    @property
    def tasks(self) -> tuple[Task, ...]:
        return self.pipeline.tasks

    @cached_property
    def is_estimated(self) -> bool:
        return has_estimates(self.pipeline)

    @cached_property
    def durations(self) -> Mapping[str, float]:
        """The likely seconds of every task by its estimate; 0 where it has none."""
        return durations(self.pipeline) if self.is_estimated else {task.id: 0.0 for task in self.tasks}

    @cached_property
    def timing(self) -> Timing:
        """Starts and critical path in seconds, as if nothing waited for a free worker."""
        return timing(run_upstream(self.pipeline), self.durations)

    @cached_property
    def texts(self) -> Sequence[tuple[Task, Location, str]]:
        """The literal texts of every task, with where they were written."""
        return [(task, place, text) for task in self.tasks for place, text in task_texts(task)]

    @cached_property
    def downstream(self) -> Mapping[str, list[str]]:
        """The direct downstream tasks of every task."""
        return downstream_map(upstream_map(self.pipeline))

    @cached_property
    def task_by_id(self) -> Mapping[str, Task]:
        return {task.id: task for task in self.tasks}
