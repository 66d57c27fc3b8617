"""L140: a task behind an `if` that is skipped more often than it seems.

The language lets a task that joins branches run whichever way the decision went. A trigger rule that is written takes
that away: one branch that is not taken, and the task is skipped with it.
"""

from __future__ import annotations

from pipec.analysis.lints.subject import Subject
from pipec.ir.model import BranchSide, Task
from pipec.ir.traverse import location_of

_SKIPPED_BY_ANY = frozenset({"all_success", "none_skipped", "all_done_min_one_success"})
"""Rules by which one skipped upstream task is enough."""


def skipping_join(subject: Subject) -> None:
    """L140: such a rule on a task that also waits for something outside the branch, or for both branches.

    A task that waits for one branch alone and is to be skipped with it says so by `all_success`, which is meant.
    """
    if not any(task.branches for task in subject.tasks):
        return
    for task in subject.tasks:
        if task.trigger_rule not in _SKIPPED_BY_ANY or "trigger_rule" not in task.locations or task.is_finally:
            continue
        left = _branches_left(task, subject)
        if left and (what := _what_it_misses(task, left, subject)) is not None:
            subject.report(
                "L140",
                f"`{task.name}` is skipped {what}",
                location_of(task, "trigger_rule"),
                notes=(f"by the rule `{task.trigger_rule}` one skipped upstream task is enough",),
                help="leave the rule out: a task that joins branches runs whichever way they went; "
                "or move it into the branch",
            )


def _branches_left(task: Task, subject: Subject) -> dict[str, list[BranchSide]]:
    """The upstream tasks in branches that the task itself does not stand in, with those branches."""
    left: dict[str, list[BranchSide]] = {}
    for id in task.upstream:
        sides = [side for side in subject.task_by_id[id].branches if side not in task.branches]
        if sides:
            left[id] = sides
    return left


def _what_it_misses(task: Task, left: dict[str, list[BranchSide]], subject: Subject) -> str | None:
    sides = {side for each in left.values() for side in each}
    both = next((side for side in sorted(sides, key=str) if _other(side) in sides), None)
    if both is not None:
        return f"in every run: `{both.decision}` takes one of two branches, and it waits for both"
    first = next(iter(left))
    others = [id for id in task.upstream if id not in left]
    if others and task.trigger_rule == "all_success":
        return f"whenever `{subject.task_by_id[first].name}` is, even where `{others[0]}` succeeded"
    if task.trigger_rule == "all_done_min_one_success":
        return f"whenever `{subject.task_by_id[first].name}` is, whatever else succeeded"
    return None


def _other(side: BranchSide) -> BranchSide:
    return BranchSide(decision=side.decision, taken=not side.taken)
