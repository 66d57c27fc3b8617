"""What a container does before the code of its task starts."""

from __future__ import annotations

from typing import Any

from pipec.ir.model import Task


def preparation(task: Task) -> dict[str, Any]:
    """The folder and the packages that the program in the container has to see to; empty where it has nothing to do."""
    options = task.options
    found: dict[str, Any] = {}
    if options.working_dir is not None:
        found["working_dir"] = options.working_dir
    if options.packages:
        found["packages"] = list(options.packages)
    return found
