"""The containers of tasks: image, command and arguments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .requests import program
from .shim.shielding import shielded

EXECUTOR_INPUT = "{{$}}"


def python_container(image: str, kind: str, request: Mapping[str, Any], computes: bool) -> dict[str, Any]:
    """A container that runs the program of this kind."""
    return container(image, ["python3", "-c", program(kind, computes)], [shielded(request), EXECUTOR_INPUT])


def container(image: str, command: Sequence[str], arguments: Sequence[str]) -> dict[str, Any]:
    made: dict[str, Any] = {"image": image}
    if command:
        made["command"] = list(command)
    if arguments:
        made["args"] = list(arguments)
    return {"container": made}
