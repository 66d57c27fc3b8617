"""Containers that are equal: a server keeps a container and the component that it is of once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from .document import KINDS, SIDES, Data, Document, declared


def check(document: Document) -> Iterator[str]:
    """The components whose containers are equal, but not their inputs and outputs."""
    first: dict[str, tuple[str, Data]] = {}
    for name, component in document.components.items():
        container = document.executor_of(component).get("container")
        if container is None:
            continue
        kept, other = first.setdefault(json.dumps(container, sort_keys=True), (name, component))
        if _interface(component) != _interface(other):
            yield (
                f'components.{name}: has a container like that of "{kept}", and other inputs or outputs: the backend'
                " keeps one component for equal containers; let a variable in env tell them apart"
            )


def _interface(component: Data) -> list[Any]:
    return [declared(component, side, kind) for side in SIDES for kind in KINDS]
