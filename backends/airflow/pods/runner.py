"""RUN_PYTHON: the program by which a Python function is called outside of Airflow's own process."""

from __future__ import annotations

from functools import cache

from pipec.runtime.bundling import bundle

from ..literals import text_source

RUN_PYTHON = "RUN_PYTHON"

_MODULES = ("pipec.runtime.values", "pipec.runtime.calling", "pipec.backends.airflow.pods.runner_main")
"""What the program is made of, in this order."""


def runner_definition() -> str:
    """The constant that holds the program, as it stands in a generated file."""
    comment = (
        '"""Calls a Python function in a process that knows nothing of this file: in a container, in an environment."""'
    )
    return f"{RUN_PYTHON} = {text_source(runner_source())}\n{comment}"


@cache
def runner_source() -> str:
    """The program as text."""
    return bundle(_MODULES)
