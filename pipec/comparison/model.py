"""What became of a program: the values that a comparison is made of. Texts in them are as the language writes them."""

from __future__ import annotations

from typing import Literal

from pipec.frozen import Frozen

Kind = Literal["added", "removed", "renamed", "changed", "unchanged"]
"""What became of a thing. One that is `renamed` may have changes besides."""

What = Literal["parameter", "map", "group", "test"]


class Change(Frozen):
    """A property that has another value, or that only one side has: `old` or `new` is None where it has it not.

    `field` is its name, of nested ones with dots: `retry.max`. Without `has_effect` nothing runs otherwise:
    documentation. `varies` says that it stands for several tasks whose values differ: the texts show some of them.
    """

    field: str
    old: str | None
    new: str | None
    has_effect: bool = True
    varies: bool = False


class ThingChange(Frozen):
    """A parameter, map, group or test that is not as it was."""

    what: What
    kind: Kind
    old: str | None
    new: str | None
    changes: tuple[Change, ...] = ()

    @property
    def has_effect(self) -> bool:
        """Tests are no part of what runs, whatever becomes of them."""
        if self.what == "test":
            return False
        return self.kind != "changed" or any(change.has_effect for change in self.changes)


class TaskChange(Frozen):
    """Tasks of which the same can be said: one, the instances of a `for`, or several with the same changes.

    `old` and `new` are ids that belong together by their place; one is empty for tasks added or removed. `labels` are
    what they are called together: `train[*]` where these are all instances, each by its id otherwise; those of `new`,
    of `old` for tasks removed. `old_labels` are those of `old` for tasks renamed.
    """

    kind: Kind
    old: tuple[str, ...]
    new: tuple[str, ...]
    labels: tuple[str, ...]
    old_labels: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()

    @property
    def has_effect(self) -> bool:
        return self.kind != "changed" or any(change.has_effect for change in self.changes)


class EdgeChange(Frozen):
    """Edges that only one side has, as pairs of upstream and task by the ids of that side, and what they are together:
    `load -> train[*]`. Without `has_effect` other edges order the same.

    `reads` says that the task reads an output of its upstream, `of_new_task` that the edge comes or goes with its task.
    """

    kind: Literal["added", "removed"]
    edges: tuple[tuple[str, str], ...]
    label: str
    reads: bool
    has_effect: bool
    of_new_task: bool


class SlackChange(Frozen):
    """The slack of a task that both sides have, in the unit of the measures; 0 is critical."""

    old: str
    new: str
    old_slack: float
    new_slack: float


class Measures(Frozen):
    """What one side's plan says: seconds, or numbers of tasks where `unit` is "tasks". None is not known.

    `critical_path_max` is where every task takes the most of its estimate, None where estimates have no spread.
    """

    unit: Literal["seconds", "tasks"]
    tasks: int
    levels: int
    width: int
    critical_path: tuple[str, ...]
    critical_path_length: float
    critical_path_max: float | None
    total_work: float
    deadline: float | None
    deadline_margin: float | None


class Simulated(Frozen):
    """What many runs of one side in virtual time come to: the makespan that half of them do not exceed, and 95 % of
    them, and the shares of runs that succeed and that miss the deadline, None without one.
    """

    unit: Literal["seconds", "tasks"]
    makespan_p50: float
    makespan_p95: float
    success: float
    late: float | None


class Times(Frozen):
    """The effect on the plan; a side that has not the pipeline is None. Slack only where both have the same unit.

    `simulated` holds old and new where that was asked for and both could be simulated.
    """

    old: Measures | None
    new: Measures | None
    slack: tuple[SlackChange, ...] = ()
    simulated: tuple[Simulated, Simulated] | None = None


class NextRuns(Frozen):
    """When the next runs are, ISO 8601 with the offset of the schedule's zone; None where the schedule has no times."""

    old: tuple[str, ...] | None
    new: tuple[str, ...] | None


class PipelineChange(Frozen):
    """What became of a pipeline. `old` and `new` are its keys in the programs, None where there is none.

    `moved` says that its file has another name: nothing that runs. One that is `unchanged` but for its times runs
    another one that changed.
    """

    kind: Kind
    old: str | None
    new: str | None
    moved: bool = False
    changes: tuple[Change, ...] = ()
    things: tuple[ThingChange, ...] = ()
    tasks: tuple[TaskChange, ...] = ()
    edges: tuple[EdgeChange, ...] = ()
    times: Times | None = None
    next_runs: NextRuns | None = None

    @property
    def name(self) -> str:
        return self.new or self.old or ""

    @property
    def has_effect(self) -> bool:
        """Whether the meaning is another."""
        if self.kind in ("added", "removed", "renamed"):
            return True
        return (
            any(change.has_effect for change in self.changes)
            or any(thing.has_effect for thing in self.things)
            or any(task.has_effect for task in self.tasks)
            or any(edge.has_effect for edge in self.edges)
        )

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to tell, not even of form."""
        parts = (*self.changes, *self.things, *self.tasks, *self.edges)
        return self.kind == "unchanged" and not self.moved and not parts and self.times is None


class Comparison(Frozen):
    """Two programs side by side: the pipelines of which there is something to tell, and tests that changed."""

    pipelines: tuple[PipelineChange, ...] = ()
    tests: tuple[ThingChange, ...] = ()

    @property
    def has_effect(self) -> bool:
        """Whether the meaning is another: whether something would run otherwise, or be called otherwise."""
        return any(pipeline.has_effect for pipeline in self.pipelines)

    @property
    def is_empty(self) -> bool:
        return not self.pipelines and not self.tests
