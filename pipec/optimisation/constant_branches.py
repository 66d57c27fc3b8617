"""Branches of decisions that go one way in every run: the other side is left out, and the decision where it can be.

The language itself leaves out what a condition of literals and consts rules out. What it cannot see are conditions that
a parameter does not sway (`level > 3 and false`), and those of a called pipeline whose parameter every call gives the
same literal. Left out is a side only where nobody could tell: its tasks hang on the decision alone, so that they are
skipped wherever the decision went well, and who joins them takes a skip for nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain

from pipec.engine.evaluate import EvaluationError, Scope, json_value
from pipec.ir.expressions import (
    BinaryOperation,
    Expression,
    LiteralValue,
    OutputReference,
    ParameterReference,
    UnaryOperation,
    outputs_used,
    walk,
)
from pipec.ir.model import Decision, Pipeline, PipelineCall, Program, Task
from pipec.ir.rewriting import rewrite, rewrite_implementation, rewrite_requirement
from pipec.ir.traverse import called_pipelines, task_expressions
from pipec.optimisation.reasons import Reason

NAME = "constant-branches"

_ONE_MORE_SUCCESS_IS_NOTHING = frozenset({"all_success", "none_failed", "none_skipped", "all_done"})

Constants = Mapping[str, LiteralValue]
"""Parameters with the one value that they have in every run."""


def constant_parameters(program: Program, key: str) -> dict[str, dict[str, LiteralValue]]:
    """By pipeline that a pipeline calls, directly or not: its parameters that have one value in all these calls."""
    given: dict[str, list[dict[str, Expression]]] = {}
    for caller in called_pipelines(program, key):
        for task in program.pipelines[caller].tasks:
            if isinstance(task.implementation, PipelineCall):
                values = {one.name: one.value for one in task.inputs}
                given.setdefault(task.implementation.pipeline, []).append(values)
    found: dict[str, dict[str, LiteralValue]] = {}
    for called, calls in given.items():
        for parameter in program.pipelines[called].parameters if called != key else ():
            first, *others = (values.get(parameter.name, parameter.default) for values in calls)
            if isinstance(first, LiteralValue) and all(_is_same(first, other) for other in others):
                found.setdefault(called, {})[parameter.name] = first.model_copy(update={"type": parameter.type})
    return found


def _is_same(one: LiteralValue, other: Expression | None) -> bool:
    return isinstance(other, LiteralValue) and other.value == one.value and type(other.value) is type(one.value)


def without_constant_branches(
    pipeline: Pipeline, constants: Constants | None = None
) -> tuple[Pipeline, Iterable[Reason]]:
    """The pipeline without the sides of decisions that no run takes."""
    reasons: list[Reason] = []
    for task in pipeline.tasks:
        if isinstance(task.implementation, Decision):
            taken = truth(task.implementation.condition, constants or {})
            if taken is not None:
                pipeline, found = _decided(pipeline, task.id, taken)
                reasons.extend(found)
    return pipeline, reasons


def truth(condition: Expression, constants: Constants) -> bool | None:
    """What a condition is in every run, where that is certain."""
    match condition:
        case UnaryOperation(operator="not", operand=operand):
            inner = truth(operand, constants)
            return None if inner is None else not inner
        case BinaryOperation(operator="and" | "or" as operator, left=left, right=right):
            decisive = operator == "or"
            first, second = truth(left, constants), truth(right, constants)
            if first is decisive or (second is decisive and _never_fails(left)):
                return decisive
            return second if first is not None else None
        case _:
            return _value(condition, constants)


def _never_fails(expression: Expression) -> bool:
    """Whether nothing is computed but comparisons of parameters and literals, and their combinations."""
    simple = (LiteralValue, ParameterReference, UnaryOperation)
    return all(
        isinstance(part, simple) or (isinstance(part, BinaryOperation) and part.operator in _COMPARING)
        for part in walk(expression)
    )


_COMPARING = frozenset({"and", "or", "==", "!=", "<", "<=", ">", ">="})


def _value(condition: Expression, constants: Constants) -> bool | None:
    def known(part: Expression) -> Expression:
        return constants.get(part.name, part) if isinstance(part, ParameterReference) else part

    whole = rewrite(condition, known)
    if any(part.kind in ("parameter", "run", "output", "item") for part in walk(whole)):
        return None
    try:
        found = json_value(whole, Scope())
    except EvaluationError:
        return None
    return found if isinstance(found, bool) else None


# --- leaving out ---------------------------------------------------------------------------------


def _decided(pipeline: Pipeline, decision: str, taken: bool) -> tuple[Pipeline, Iterator[Reason]]:
    """The pipeline where a decision always takes this side, with nothing left out where anybody could tell."""
    tasks = {task.id: task for task in pipeline.tasks}
    if decision not in tasks:
        return pipeline, iter(())  # it stood in a branch that is gone
    untaken = [task.id for task in pipeline.tasks if (decision, not taken) in _sides(task)]
    found: list[Reason] = []
    if untaken and not _can_leave_out(pipeline, decision, set(untaken)):
        return pipeline, iter(())
    if untaken:
        pipeline = _without_tasks(pipeline, set(untaken))
        shown = ", ".join(f"`{id}`" for id in untaken)
        message = f"{shown} left out: `{decision}` is {'true' if taken else 'false'} in every run"
        found.append(Reason(NAME, message, tasks[decision].location))
    if len(pipeline.tasks) > 1 and _is_for_nothing(pipeline, tasks[decision]):
        pipeline = _without_decision(pipeline, decision)
        message = f"`{decision}` left out: it has nothing to decide and nothing to wait for"
        found.append(Reason(NAME, message, tasks[decision].location))
    return pipeline, iter(found)


def _sides(task: Task) -> set[tuple[str, bool]]:
    return {(side.decision, side.taken) for side in task.branches}


def _can_leave_out(pipeline: Pipeline, decision: str, untaken: set[str]) -> bool:
    """Whether the tasks are skipped wherever the decision is final without failure, and nobody minds a skip."""
    if any("skipped" in alert.events for alert in pipeline.alerts):
        return False
    if any(used.task in untaken for region in pipeline.maps for used in outputs_used(region.items)):
        return False
    for task in pipeline.tasks:
        if task.id in untaken:
            hangs_on_it = bool(task.upstream) and untaken.issuperset(set(task.upstream) - {decision})
            if not hangs_on_it or task.trigger_rule != "all_success" or task.map or task.is_finally or task.alerts:
                return False
        elif untaken.intersection(task.upstream) and not _misses_nothing(task, decision):
            return False
    return True


def _misses_nothing(task: Task, decision: str) -> bool:
    """Whether a task is decided the same without the tasks of the side not taken upstream of it.

    Where the decision is skipped or upstream_failed so are they: it has to be upstream too where that matters.
    """
    if task.is_finally or task.trigger_rule == "all_done":
        return True
    return task.trigger_rule in ("none_failed", "none_failed_min_one_success") and decision in task.upstream


def _without_tasks(pipeline: Pipeline, gone: set[str]) -> Pipeline:
    """Whoever reads an output of theirs reads null, as it did of skipped tasks."""

    def nothing(part: Expression) -> Expression:
        if isinstance(part, OutputReference) and part.task in gone:
            return LiteralValue(value=None, type=part.type)
        return part

    def reads(task: Task) -> bool:
        expressions = (expression for _, expression in task_expressions(task))
        return any(used.task in gone for used in chain.from_iterable(map(outputs_used, expressions)))

    tasks = []
    for task in pipeline.tasks:
        if task.id in gone:
            continue
        if gone.intersection(task.upstream):
            upstream = tuple(id for id in task.upstream if id not in gone)
            task = task.model_copy(update={"upstream": upstream})
        if reads(task):
            changed = {
                "inputs": tuple(one.model_copy(update={"value": rewrite(one.value, nothing)}) for one in task.inputs),
                "implementation": rewrite_implementation(task.implementation, nothing),
                "requirements": tuple(rewrite_requirement(one, nothing) for one in task.requirements),
            }
            task = task.model_copy(update=changed)
        tasks.append(task)
    returns = None if pipeline.returns is None else rewrite(pipeline.returns, nothing)
    return pipeline.model_copy(update={"tasks": tuple(tasks), "returns": returns})


def _is_for_nothing(pipeline: Pipeline, decision: Task) -> bool:
    """Whether a decision succeeds at once in every run, and what waits for it does the same without."""
    if decision.upstream or decision.branches or decision.map or decision.is_finally or decision.alerts:
        return False
    return all(
        task.is_finally
        or task.trigger_rule in _ONE_MORE_SUCCESS_IS_NOTHING
        or (task.trigger_rule == "none_failed_min_one_success" and task.map is None)
        for task in pipeline.tasks
        if decision.id in task.upstream
    )


def _without_decision(pipeline: Pipeline, decision: str) -> Pipeline:
    """With the success of the decision gone, a task that needs one success is one that needs none."""
    tasks = []
    for task in pipeline.tasks:
        if task.id == decision:
            continue
        changed: dict[str, object] = {}
        if decision in task.upstream:
            changed["upstream"] = tuple(id for id in task.upstream if id != decision)
            if task.trigger_rule == "none_failed_min_one_success":
                changed["trigger_rule"] = "none_failed"
        if any(side.decision == decision for side in task.branches):
            changed["branches"] = tuple(side for side in task.branches if side.decision != decision)
        tasks.append(task.model_copy(update=changed) if changed else task)
    return pipeline.model_copy(update={"tasks": tuple(tasks)})
