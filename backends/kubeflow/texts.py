"""Texts that stand in a specification as they are; see `shim.shielding` for those that travel as JSON."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

from .shim.shielding import FILLED_IN

_VARIABLE = re.compile(r"\$(?:\$|\((?P<name>[^)]*)\))")
_OWN_VARIABLES = re.compile(r"KFP_|METADATA_|ML_PIPELINE_|(?:HTTP|HTTPS|NO)_PROXY$", re.IGNORECASE)
"""Variables that Kubeflow itself gives a container."""


def is_filled_in(value: Any) -> bool:
    """Whether a constant has a text in it that would not arrive as it is."""
    return FILLED_IN.search(repr(value)) is not None


def for_kubernetes(text: str, variables: Collection[str]) -> str:
    """A text of a container's command or environment, from which Kubernetes makes this one again.

    It takes `$$` for `$`, and fills in `$(NAME)` where the container has a variable of this name, as the `variables` of
    the task. `$(date)` stays as it is, so that the text means the same without Kubernetes.
    """
    return _VARIABLE.sub(lambda found: _doubled(found, variables), text) if "$" in text else text


def _doubled(found: re.Match[str], variables: Collection[str]) -> str:
    name = found["name"]
    if name is None:
        return "$$$$"
    return f"${found[0]}" if name in variables or _OWN_VARIABLES.match(name) else found[0]


def description(text: str) -> str:
    """Documentation, in which nothing is to be filled in; nobody but people reads it."""
    return re.sub(r"\{(?=\{)", "{ ", text)
