"""`require` statements: what must hold before or after a task, or of the parameters of a run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from pipec.diagnostics.model import Diagnostics
from pipec.ir.base import Location
from pipec.ir.expressions import BinaryOperation, LiteralValue, OutputReference, ParameterReference, walk
from pipec.ir.model import GateCheck, Parameter, Requirement, Task
from pipec.ir.types import BOOL, STR
from pipec.semantics.excerpts import one_line
from pipec.semantics.expressions import Checker
from pipec.syntax import tree
from pipec.syntax.source import Span

CHECK_PARAMETERS = "check_parameters"
"""The gate that checks what a pipeline requires of parameters known only when the run starts."""

_BOUNDS = {">=": "minimum", ">": "exclusive_minimum", "<=": "maximum", "<": "exclusive_maximum"}


def read_requirements(
    body: Iterable[tree.Statement], checker: Checker, location: Callable[[Span], Location]
) -> tuple[Requirement, ...]:
    """The requirements in a body in their IR form, without those that are faulty."""
    found = (_read(part, checker, location) for part in body if isinstance(part, tree.Require))
    return tuple(requirement for requirement in found if requirement is not None)


def read_parameter_requirements(
    body: Iterable[tree.Statement], checker: Checker, location: Callable[[Span], Location]
) -> tuple[Requirement, ...]:
    """What a pipeline requires of its parameters; what is known to hold is left out."""
    found: list[Requirement] = []
    for statement in body:
        if not isinstance(statement, tree.Require):
            continue
        requirement = _read(statement, checker, location)
        if requirement is not None and _depends_on_run(requirement, statement.condition.span, checker.diagnostics):
            found.append(requirement)
    return tuple(found)


def _depends_on_run(requirement: Requirement, span: Span, diagnostics: Diagnostics) -> bool:
    """Whether it takes the parameters of a run to tell; reports what never holds, and what is no matter of theirs."""
    if any(isinstance(part, OutputReference) for part in walk(requirement.condition)):
        diagnostics.error(
            "P0409",
            "a pipeline requires something of its parameters only",
            span,
            help="check outputs of tasks in a `gate`",
        )
        return False
    if not isinstance(requirement.condition, LiteralValue):
        return True
    if requirement.condition.value is False:
        diagnostics.error("P0410", "this requirement never holds", span)
    return False


def _read(node: tree.Require, checker: Checker, location: Callable[[Span], Location]) -> Requirement | None:
    condition = checker.check_as(node.condition, BOOL, "`require`")
    message = checker.check_as(node.message, STR, "the message of `require`") if node.message is not None else None
    if condition is None or (node.message is not None and message is None):
        return None
    return Requirement(
        condition=condition.expression,
        message=message.expression if message is not None else None,
        source=one_line(node.condition.span),
        location=location(node.condition.span),
    )


def with_gate(requirements: Sequence[Requirement], tasks: Iterable[Task]) -> list[Task]:
    """The tasks with a gate for the requirements (at least one) before every task that has no upstream."""
    gate = Task(
        id=CHECK_PARAMETERS,
        name=CHECK_PARAMETERS,
        doc="Checks what the pipeline requires of its parameters.",
        implementation=GateCheck(),
        requirements=tuple(requirements),
        location=requirements[0].location,
    )
    return [gate, *(_behind_gate(task) for task in tasks)]


def _behind_gate(task: Task) -> Task:
    if task.upstream or task.is_finally:
        return task
    return task.model_copy(update={"upstream": (CHECK_PARAMETERS,)})


def with_bounds(parameter: Parameter, requirements: Iterable[Requirement]) -> Parameter:
    """The parameter with the bounds that simple requirements, `name >= number`, put on it."""
    update: dict[str, Any] = {}
    for requirement in requirements:
        match requirement.condition:
            case BinaryOperation(
                operator=operator,
                left=ParameterReference(name=name),
                right=LiteralValue(value=int() | float() as bound),
            ) if name == parameter.name and operator in _BOUNDS and str(parameter.type) in ("int", "float"):
                update[_BOUNDS[operator]] = bound
    return parameter.model_copy(update=update) if update else parameter
