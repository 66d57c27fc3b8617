"""Conditions: expressions of CEL over the inputs of their own task."""

from __future__ import annotations

from collections.abc import Iterator

from .document import Data, Document, Use, declared, given, listed

_KINDS = {"parameter_values": "parameters", "artifacts": "artifacts"}


def check(document: Document) -> Iterator[str]:
    """The faults in conditions."""
    for use in document.tasks():
        condition = use.task.get("triggerPolicy", {}).get("condition")
        component = document.component_of(use.task)
        if condition and component is not None:
            path = f"{use.path}.triggerPolicy.condition"
            if "importer" in document.executor_of(component):
                yield f"{path}: the backend takes no condition on an importer"
            else:
                yield from _condition(condition, use, component, path)


def _condition(condition: str, use: Use, component: Data, path: str) -> Iterator[str]:
    from .cel import references, syntax_problem

    wrong = syntax_problem(condition)
    if wrong:
        yield f"{path}: {wrong}"
        return
    for reference in dict.fromkeys(references(condition)):
        if isinstance(reference, str):
            yield f"{path}: \"{reference}\" is nothing that a condition can read: that is inputs.parameter_values['…']"
        elif reference.kind not in _KINDS or reference.name is None:
            yield f"{path}: reads inputs.{reference.kind} other than by a name"
        elif reference.name not in _readable(use, component, reference.kind):
            names = dict.fromkeys(_readable(use, component, reference.kind))
            yield f'{path}: the task is given no input "{reference.name}"; {listed(names)}'


def _readable(use: Use, component: Data, kind: str) -> set[str]:
    """The inputs that there are when the condition is evaluated.

    Defaults of a container come later. The condition of a loop is evaluated before the loop, where there is no item,
    and again in each run, where there is no list.
    """
    if kind == "artifacts":
        return set(given(use.task, "artifacts"))
    inputs = declared(component, "inputDefinitions", "parameters")
    optional = {name for name, each in inputs.items() if "dag" in component and each.get("isOptional")}
    names = {*given(use.task, "parameters"), *optional} & inputs.keys()
    return names - {use.task.get("parameterIterator", {}).get("items", {}).get("inputParameter")}
