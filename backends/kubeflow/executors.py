"""The containers of tasks: image, command and arguments."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .requests import as_json, program

EXECUTOR_INPUT = "{{$}}"
_FACTS = {
    "id": ("id={{$.pipeline_job_uuid}}",),
    "timestamp": (
        "scheduled={{$.pipeline_job_schedule_time_utc}}",
        "created={{$.pipeline_job_create_time_utc}}",
    ),
}
_FACTS["date"] = _FACTS["timestamp"]


def python_container(
    image: str, kind: str, request: Mapping[str, Any], computes: bool, facts: Iterable[str] = ()
) -> dict[str, Any]:
    """A container that runs the program of this kind; `facts` are the fields of `run` that it needs."""
    told = dict.fromkeys(fact for field in facts for fact in _FACTS.get(field, ()))
    return container(image, ["python3", "-c", program(kind, computes)], [as_json(request), EXECUTOR_INPUT, *told])


def container(image: str, command: Sequence[str], arguments: Sequence[str]) -> dict[str, Any]:
    made: dict[str, Any] = {"image": image}
    if command:
        made["command"] = list(command)
    if arguments:
        made["args"] = list(arguments)
    return {"container": made}
