"""Why an instance ended in the state it is in: the chain of what led to it, from the instance back to its origin."""

from __future__ import annotations

from collections.abc import Iterator

from pipec.engine.unknown import Unknown
from pipec.ir.model import Decision, Task
from pipec.simulation.simulated import SimulatedTask
from pipec.testing.facts import Path, path_of
from pipec.testing.scene import Scene
from pipec.testing.wording import shown_condition, shown_values

_LONGEST_CHAIN = 8
_MOST_NAMED = 4

WORDS = {
    "success": "succeeded",
    "failed": "failed",
    "skipped": "was skipped",
    "upstream_failed": "is upstream_failed",
}


def why(scene: Scene, found: SimulatedTask) -> list[str]:
    """One line for each step of the chain."""
    lines: list[str] = []
    current: SimulatedTask | None = found
    while current is not None and len(lines) < _LONGEST_CHAIN:
        line, current = _step(scene, current)
        lines.append(line)
    return lines


def why_run(scene: Scene) -> list[str]:
    """Why the run as a whole failed or succeeded."""
    run = scene.played.run
    if run.failure is not None:
        return [run.failure.message]
    failed = [found for found in run.tasks.values() if found.state == "failed" and "/" not in found.id]
    blocked = [found for found in run.tasks.values() if found.state == "upstream_failed"]
    if run.state == "failed":
        return why(scene, (failed or blocked)[0])
    if failed:
        return [f"what failed is made good for: `{failed[0].id}` has tasks after it that ran all the same"]
    return ["no task failed"]


def decision_text(scene: Scene, task: Task, path: Path, taken: bool | None) -> str:
    """Which side a decision took, and by which values."""
    assert isinstance(task.implementation, Decision)
    condition = task.implementation.condition
    side = {True: "if", False: "else", None: "neither side"}[taken]
    given = [one for one in scene.played.case.givens if one.task == task.id and one.value is not None]
    if given:
        return f"decision `{task.id}` chose {side}, as it is given"
    text, truth = shown_condition(condition), "true" if taken else "false"
    values = shown_values(condition, scene.scope(path, task.map))
    says_more = bool(values) and values != f"{text} = {truth}"
    return f"decision `{task.id}` chose {side}: `{text}` is {truth}" + (f" ({values})" if says_more else "")


def _step(scene: Scene, found: SimulatedTask) -> tuple[str, SimulatedTask | None]:
    """What is to be said of an instance, and the one upstream to go on with."""
    task, name = found.task, f"`{found.id}`"
    path = path_of(task, found.id)
    if path is None or scene.played.tasks.get(task.id) is not task:
        return f"{name} {WORDS[found.state]}" + (f": {found.failure.message}" if found.failure else ""), None
    if found.failure is not None:
        return f"{name} {WORDS[found.state]}: {_reason(found)}", None
    untaken = next((line for side, line in _branches(scene, task, path) if not side), None)
    if found.state == "skipped" and untaken is not None:
        return f"{name} was skipped: {untaken}", None
    upstream = [one for _, one in scene.upstream(task, path)]
    if found.state == "skipped" and task.map is not None and not any(one.state == "skipped" for one in upstream):
        return f"{name} was skipped: its map has no items", None
    if found.state in ("skipped", "upstream_failed"):
        return _not_run(found, upstream)
    return _ran(scene, found, path, upstream), None


def _reason(found: SimulatedTask) -> str:
    assert found.failure is not None
    attempts = len(found.attempts)
    message = found.failure.message.replace("\n", "; ")
    return f"{message}, in all {attempts} attempts" if attempts > 1 and found.state == "failed" else message


def _branches(scene: Scene, task: Task, path: Path) -> Iterator[tuple[bool, str]]:
    """For each branch a task stands in, from the outermost, whether it was taken, and why."""
    for side in task.branches:
        decision = scene.played.tasks[side.decision]
        for _, found in scene.instances.get(side.decision, ()):
            own = path_of(decision, found.id) or ()
            if own != path[: len(own)] or found.state != "success":
                continue
            chosen = found.outputs.get("output")
            if isinstance(chosen, Unknown) or chosen is None:
                continue
            yield chosen == side.taken, decision_text(scene, decision, own, chosen)


def _not_run(found: SimulatedTask, upstream: list[SimulatedTask]) -> tuple[str, SimulatedTask | None]:
    """It was left out by its trigger rule; what is the cause of it goes on."""
    rule = found.task.trigger_rule
    wanted = ("failed", "upstream_failed") if found.state == "upstream_failed" else ("skipped",)
    causes = [one for state in wanted for one in upstream if one.state == state]
    cause = next(iter(causes), None)
    if cause is None:
        return f"`{found.id}` {WORDS[found.state]}: `{rule}` does not run it, {_states(upstream)}", None
    return f"`{found.id}` {WORDS[found.state]}: `{rule}` does not run it, `{cause.id}` {WORDS[cause.state]}", cause


def _ran(scene: Scene, found: SimulatedTask, path: Path, upstream: list[SimulatedTask]) -> str:
    taken = [line for side, line in _branches(scene, found.task, path) if side]
    if taken:
        return f"`{found.id}` ran: {taken[-1]}"
    if not upstream or all(one.state == "success" for one in upstream):
        return f"`{found.id}` ran" + (": all it waits for succeeded" if upstream else ": it waits for nothing")
    return f"`{found.id}` ran: `{found.task.trigger_rule}` runs it, {_states(upstream)}"


def _states(upstream: list[SimulatedTask]) -> str:
    shown = [f"`{one.id}` {WORDS[one.state]}" for one in upstream[:_MOST_NAMED]]
    return ", ".join(shown) + (f" and {len(upstream) - _MOST_NAMED} more" if len(upstream) > _MOST_NAMED else "")
