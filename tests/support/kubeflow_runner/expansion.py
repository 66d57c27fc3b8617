"""What Kubernetes makes of texts in a container's command, arguments and environment."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

_REFERENCE = re.compile(r"\$(?:\$|\((?P<name>[^)]*)\))")


def expanded(text: str, variables: Mapping[str, str]) -> str:
    """`$(NAME)` is the variable, where there is one, and `$$` is `$`, so that `$$(NAME)` is `$(NAME)`."""

    def value(found: re.Match[str]) -> str:
        return "$" if found["name"] is None else variables.get(found["name"], found[0])

    return _REFERENCE.sub(value, text)


def environment(written: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The variables of a container: each sees those before it, and what Kubeflow gives every container."""
    found = {"KFP_POD_NAME": "pod"}
    for name, text in written:
        found[name] = expanded(text, found)
    return found
