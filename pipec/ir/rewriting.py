"""Expressions, and what holds them, with other references in place of theirs."""

from __future__ import annotations

from collections.abc import Callable

from pipec.ir.expressions import (
    BinaryOperation,
    ConditionalExpression,
    DictExpression,
    Expression,
    FunctionCall,
    IndexOperation,
    Interpolation,
    ListExpression,
    UnaryOperation,
)
from pipec.ir.model import (
    ApprovalRequest,
    CommandLine,
    ContainerImage,
    Decision,
    Implementation,
    Requirement,
    WaitCondition,
)

Replace = Callable[[Expression], Expression]
"""What stands for a literal or a reference."""

Change = Callable[[Expression], Expression]
"""What stands for a whole expression."""


def rewrite(expression: Expression, replace: Replace) -> Expression:
    """The expression with every literal and reference in it replaced."""
    changed = with_operands(expression, lambda operand: rewrite(operand, replace))
    return replace(expression) if changed is None else changed


def with_operands(expression: Expression, one: Change) -> Expression | None:
    """The expression with others in place of its direct operands; None for a literal or a reference."""
    match expression:
        case UnaryOperation(operand=operand):
            return expression.model_copy(update={"operand": one(operand)})
        case BinaryOperation(left=left, right=right):
            return expression.model_copy(update={"left": one(left), "right": one(right)})
        case ConditionalExpression(condition=condition, then=then, otherwise=otherwise):
            changed = {"condition": one(condition), "then": one(then), "otherwise": one(otherwise)}
            return expression.model_copy(update=changed)
        case Interpolation(parts=parts):
            return expression.model_copy(update={"parts": tuple(map(one, parts))})
        case FunctionCall(arguments=arguments):
            return expression.model_copy(update={"arguments": tuple(map(one, arguments))})
        case IndexOperation(base=base, index=index):
            return expression.model_copy(update={"base": one(base), "index": one(index)})
        case ListExpression(items=items):
            return expression.model_copy(update={"items": tuple(map(one, items))})
        case DictExpression(entries=entries):
            changed_entries = tuple(entry.model_copy(update={"value": one(entry.value)}) for entry in entries)
            return expression.model_copy(update={"entries": changed_entries})
        case _:
            return None


def rewrite_implementation(implementation: Implementation, replace: Replace) -> Implementation:
    """The same for all that an implementation computes."""
    return change_implementation(implementation, lambda expression: rewrite(expression, replace))


def change_implementation(implementation: Implementation, change: Change) -> Implementation:
    """An implementation with other expressions in place of those it computes."""

    def all_of(expressions: tuple[Expression, ...]) -> tuple[Expression, ...]:
        return tuple(map(change, expressions))

    match implementation:
        case CommandLine(arguments=arguments):
            return implementation.model_copy(update={"arguments": all_of(arguments)})
        case ContainerImage(image=image, command=command, arguments=arguments):
            changed = {"image": change(image), "command": all_of(command), "arguments": all_of(arguments)}
            return implementation.model_copy(update=changed)
        case Decision(condition=condition):
            return implementation.model_copy(update={"condition": change(condition)})
        case ApprovalRequest(message=message) if message is not None:
            return implementation.model_copy(update={"message": change(message)})
        case WaitCondition(arguments=named):
            given = {name: change(argument) for name, argument in named.items()}
            return implementation.model_copy(update={"arguments": given})
        case _:
            return implementation


def rewrite_requirement(requirement: Requirement, replace: Replace) -> Requirement:
    return change_requirement(requirement, lambda expression: rewrite(expression, replace))


def change_requirement(requirement: Requirement, change: Change) -> Requirement:
    message = requirement.message
    changed = {
        "condition": change(requirement.condition),
        "message": None if message is None else change(message),
    }
    return requirement.model_copy(update=changed)
