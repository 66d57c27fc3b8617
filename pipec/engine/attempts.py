"""What an attempt is given, and what is required of its results."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from pipec.engine.evaluate import EvaluationError, Scope
from pipec.engine.unknown import Unknown, UnknownValueError, json_value, text_value, truth
from pipec.ir.expressions import Expression
from pipec.ir.model import ApprovalRequest, CommandLine, ContainerImage, Requirement, Task, WaitCondition
from pipec.ir.types import optional


def attempt_inputs(task: Task, scope: Scope) -> dict[str, Any]:
    """The inputs in JSON form by name; those of a wait are its condition's arguments, of an approval its message.

    Raises EvaluationError that names the input.
    """
    match task.implementation:
        case WaitCondition(arguments=arguments):
            return _values(arguments, scope, "argument")
        case ApprovalRequest(message=message):
            return _values({"message": message} if message is not None else {}, scope, "the")
        case _:
            return _values({given.name: given.value for given in task.inputs}, scope, "input")


def _values(expressions: Mapping[str, Expression], scope: Scope, what: str) -> dict[str, Any]:
    values = {}
    for name, expression in expressions.items():
        try:
            values[name] = json_value(expression, scope)
        except EvaluationError as error:
            raise EvaluationError(f"{what} {name}: {error}") from error
    return values


def attempt_arguments(task: Task, scope: Scope) -> tuple[str, ...]:
    """The elements of the command line of a command or image task, without the image. Raises EvaluationError."""
    match task.implementation:
        case CommandLine(arguments=arguments):
            return tuple(text_value(argument, scope) for argument in arguments)
        case ContainerImage(command=command, arguments=arguments):
            return tuple(text_value(argument, scope) for argument in (*command, *arguments))
        case _:
            return ()


def returned_outputs(task: Task, returns: Any) -> Mapping[str, Any]:
    """The outputs of a task by name, from what the pipeline returned that it ran."""
    if task.single_output:
        return {"output": returns}
    if isinstance(returns, Unknown):
        return {output.name: returns for output in task.outputs}
    outputs: Mapping[str, Any] = returns or {}
    return outputs


def missing_outputs(task: Task, returned: Mapping[str, Any]) -> str:
    """Which outputs a called pipeline did not give a value for that must have one; empty text where it gave all.

    What a pipeline returns may be missing though it succeeded, because a later task made good for one that failed.
    """
    missing = [
        f"output {output.name}: expected {output.type}, got null"
        for output in task.outputs
        if returned.get(output.name) is None and optional(output.type) != output.type
    ]
    return "; ".join(missing)


Guessed = Callable[[Requirement, UnknownValueError], bool]
"""Whether a requirement holds that hangs on a value nobody knows; raises the error where that is not guessed."""


def failed_requirements(requirements: Iterable[Requirement], scope: Scope, guessed: Guessed | None = None) -> list[str]:
    """The message of every requirement that does not hold or has no value, in source order."""
    messages = []
    for requirement in requirements:
        try:
            if not _holds(requirement, scope, guessed):
                messages.append(_message(requirement, scope))
        except EvaluationError as error:
            messages.append(f"{requirement.source}: {error}")
    return messages


def _holds(requirement: Requirement, scope: Scope, guessed: Guessed | None) -> bool:
    try:
        return truth(requirement.condition, scope)
    except UnknownValueError as error:
        if guessed is None:
            raise
        return guessed(requirement, error)


def _message(requirement: Requirement, scope: Scope) -> str:
    if requirement.message is None:
        return requirement.source
    return text_value(requirement.message, scope)
