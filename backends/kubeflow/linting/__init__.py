"""Finds what is wrong with a PipelineSpec that neither the SDK nor the API server finds before a run fails.

The protocol buffers of KFP check that fields are known and have the right shape. What is checked here is what the
fields say of each other, by the rules of the backend of a cluster: names that have to exist, types that have to agree,
the order of tasks, conditions, exit tasks, placeholders.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from . import (
    conditions,
    containers,
    inputs,
    loops,
    names,
    order,
    outputs,
    placeholders,
    platforms,
    policies,
    structure,
    triggers,
)
from .document import Document

_CHECKS = (
    structure.check,
    names.check,
    containers.check,
    order.check,
    inputs.check,
    outputs.check,
    loops.check,
    triggers.check,
    conditions.check,
    policies.check,
    placeholders.check,
    platforms.check,
)


def lint(specification: Mapping[str, Any], platform: Mapping[str, Any] | None = None) -> tuple[str, ...]:
    """The faults of a pipeline: of each the path to where it is, what is wrong, and what would be right.

    `specification` is a PipelineSpec and `platform` a PlatformSpec as plain data that the protocol buffers accept.
    """
    document = Document(specification, platform or {})
    return tuple(fault for check in _CHECKS for fault in check(document))
