"""Loops: what they run over, and the input in which each run gets its item."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from .document import Data, Document, Use, declared, given, is_loop, listed, type_of
from .placeholders import hidden
from .values import problem

_LISTS = ("LIST", "STRING")
"""What a loop can run over: a text is read as JSON when it runs."""


def check(document: Document) -> Iterator[str]:
    """The faults in iterators."""
    for use in document.tasks():
        yield from _policy(use)
        if "artifactIterator" in use.task:
            yield f"{use.path}.artifactIterator: the backend cannot run over artifacts"
        elif "parameterIterator" in use.task:
            component = document.component_of(use.task)
            if component is not None:
                yield from _iterator(use, component)


def _policy(use: Use) -> Iterator[str]:
    if "iteratorPolicy" not in use.task:
        return
    limit = use.task["iteratorPolicy"].get("parallelismLimit", 0)
    if not is_loop(use.task):
        yield f"{use.path}.iteratorPolicy: the task is no loop"
    elif not isinstance(limit, int) or limit < 0:
        yield f"{use.path}.iteratorPolicy.parallelismLimit: {limit!r} is no count of runs"


def _iterator(use: Use, component: Data) -> Iterator[str]:
    path = f"{use.path}.parameterIterator"
    inputs = declared(component, "inputDefinitions", "parameters")
    iterator = use.task["parameterIterator"]
    item = iterator.get("itemInput", "")
    if item not in inputs:
        yield f'{path}.itemInput: its component has no input "{item}"; {listed(inputs)}'
        return
    if item in given(use.task, "parameters"):
        yield f'{path}.itemInput: "{item}" is also given in inputs'
    items = iterator.get("items", {})
    if ("raw" in items) == ("inputParameter" in items):
        yield f"{path}.items: has to be either raw or an inputParameter"
    elif "raw" in items:
        yield from _raw(items["raw"], type_of(inputs[item], "parameters"), f"{path}.items.raw")
    elif items["inputParameter"] not in given(use.task, "parameters"):
        yield f'{path}.items.inputParameter: the task is not given "{items["inputParameter"]}"'
    elif items["inputParameter"] in inputs and type_of(inputs[items["inputParameter"]], "parameters") not in _LISTS:
        yield f'{path}.items.inputParameter: "{items["inputParameter"]}" is no LIST'


def _raw(text: str, wanted: str, path: str) -> Iterator[str]:
    try:
        items: Any = json.loads(text)
    except ValueError:
        items = None
    if not isinstance(items, list):
        yield f"{path}: is no list in JSON"
        return
    for position, item in enumerate(items):
        wrong = problem(item, wanted) or hidden(item)
        if wrong:
            yield f"{path}[{position}]: {wrong}"
