"""Values of parameters as they are given to a run."""

from __future__ import annotations

import re
from typing import Any

from pipec.ir.model import Parameter

from .parameters import parameter_channel

_MACRO = re.compile(r"\[\[(?:RunUUID|Index|ScheduledTime|CurrentTime)(?:\]\]|\.)|\{\{\$")


def runtime_value(parameter: Parameter, value: Any) -> Any:
    """A value in its JSON form as Kubeflow takes it; integers without a fraction, which JSON readers take alike.

    Raises ValueError for a number that Kubeflow, whose numbers are doubles, cannot hold.
    """
    channel = parameter_channel(parameter)
    if channel.type != "STRING":
        _check_numbers(value)
    carried = channel.constant(value)
    return int(carried) if isinstance(carried, float) and carried.is_integer() else carried


def _check_numbers(value: Any) -> None:
    match value:
        case list() | tuple():
            for one in value:
                _check_numbers(one)
        case dict():
            _check_numbers(list(value.values()))
        case int() if abs(value) >= 2**1023 or int(float(value)) != value:
            raise ValueError(f"{value} has more digits than a number of Kubeflow")


def is_expanded(value: Any) -> bool:
    """Whether the server would put something else in place of a part of the value, as for `[[Index]]`."""
    match value:
        case str():
            return _MACRO.search(value) is not None
        case list() | tuple():
            return any(map(is_expanded, value))
        case dict():
            return any(is_expanded(one) for pair in value.items() for one in pair)
        case _:
            return False
