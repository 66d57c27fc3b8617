"""Chains of tasks that may run one after the other in one container, for targets where each container costs time.

The pipeline stays as it is: what is found is which of its tasks a target may run together. That is a run like others,
in which each task of the chain starts as soon as the one before it has ended. To all others a chain is one task: its
first task alone waits for others, others wait for its last one alone, and nobody else sees what is in between.
"""

from __future__ import annotations

from collections.abc import Sequence

from pipec.frozen import Frozen
from pipec.ir.expressions import outputs_used
from pipec.ir.model import CommandLine, Options, Pipeline, PythonFunction, ShellScript, Task
from pipec.ir.traverse import tasks_read
from pipec.optimisation.reasons import Reason

NAME = "fuse"

MOST = 20
"""Tasks of a chain: what all of them are asked goes to the container as one argument, which has a limit."""

_Answered = tuple[Sequence["Chain"], Sequence[Reason]]


class Chain(Frozen):
    """The ids of two or more tasks, in the order in which they run."""

    tasks: tuple[str, ...]


def chains(pipeline: Pipeline) -> _Answered:
    """The longest chains, in source order of their first tasks; what is longer than `MOST` is several."""
    following = _links(pipeline)
    inner = set(following.values())
    found: list[Chain] = []
    reasons: list[Reason] = []
    for task in pipeline.tasks:
        if task.id in following and task.id not in inner:
            ids = [task.id]
            while ids[-1] in following:
                ids.append(following[ids[-1]])
            for start in range(0, len(ids) - 1, MOST):
                part = tuple(ids[start : start + MOST])
                found.append(Chain(part))
                message = f"`{' -> '.join(part)}` run in one container: each waits for the one before it alone"
                reasons.append(Reason(NAME, message, task.location))
    return found, reasons


def _links(pipeline: Pipeline) -> dict[str, str]:
    """The task that may run right after another one in its container."""
    followers: dict[str, list[Task]] = {}
    for task in pipeline.tasks:
        for id in {*task.upstream, *tasks_read(task)}:
            followers.setdefault(id, []).append(task)
    awaited = {used.task for region in pipeline.maps for used in outputs_used(region.items)}
    if pipeline.returns is not None:
        awaited |= {used.task for used in outputs_used(pipeline.returns)}
    links: dict[str, str] = {}
    for task in pipeline.tasks:
        after = followers.get(task.id, [])
        if len(after) != 1 or task.id in awaited or not _go_together(task, after[0]):
            continue
        # Were the first of the two to fail, the second would be upstream_failed: one rule tells that from failed.
        if all(one.trigger_rule != "one_done" for one in followers.get(after[0].id, ())):
            links[task.id] = after[0].id
    return links


def _go_together(task: Task, following: Task) -> bool:
    """Whether the second one starts whenever the first one succeeds, in an environment just like its own."""
    return (
        set(following.upstream) == {task.id}
        and following.trigger_rule == "all_success"
        and _is_plain(task)
        and _is_plain(following)
        and following.map == task.map
        and following.branches == task.branches
        and following.targets == task.targets
        and _environment(following.options) == _environment(task.options)
    )


def _is_plain(task: Task) -> bool:
    """Whether a task is code whose attempt nobody repeats, limits, keeps or watches on its own."""
    options = task.options
    return (
        isinstance(task.implementation, PythonFunction | ShellScript | CommandLine)
        and not task.is_finally
        and not task.alerts
        and (options.retry is None or options.retry.max == 0)
        and options.timeout is None
        and options.deadline is None
        and not options.cache
        and not options.produces
    )


def _environment(options: Options) -> Options:
    """What a container is made by: all options but those for people, and those that each program sees to itself."""
    of_its_own = Options()
    kept = ("estimate", "failure_rate", "tags", "packages", "working_dir", "retry")
    return options.model_copy(update={name: getattr(of_its_own, name) for name in kept})
