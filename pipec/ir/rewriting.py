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


def rewrite(expression: Expression, replace: Replace) -> Expression:
    """The expression with every literal and reference in it replaced."""

    def one(part: Expression) -> Expression:
        return rewrite(part, replace)

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
            return replace(expression)


def rewrite_implementation(implementation: Implementation, replace: Replace) -> Implementation:
    """The same for all that an implementation computes."""

    def all_of(expressions: tuple[Expression, ...]) -> tuple[Expression, ...]:
        return tuple(rewrite(expression, replace) for expression in expressions)

    match implementation:
        case CommandLine(arguments=arguments):
            return implementation.model_copy(update={"arguments": all_of(arguments)})
        case ContainerImage(image=image, command=command, arguments=arguments):
            changed = {"image": rewrite(image, replace), "command": all_of(command), "arguments": all_of(arguments)}
            return implementation.model_copy(update=changed)
        case Decision(condition=condition):
            return implementation.model_copy(update={"condition": rewrite(condition, replace)})
        case ApprovalRequest(message=message) if message is not None:
            return implementation.model_copy(update={"message": rewrite(message, replace)})
        case WaitCondition(arguments=named):
            given = {name: rewrite(argument, replace) for name, argument in named.items()}
            return implementation.model_copy(update={"arguments": given})
        case _:
            return implementation


def rewrite_requirement(requirement: Requirement, replace: Replace) -> Requirement:
    message = requirement.message
    changed = {
        "condition": rewrite(requirement.condition, replace),
        "message": None if message is None else rewrite(message, replace),
    }
    return requirement.model_copy(update=changed)
