"""Printing the view of a DAG file."""

from __future__ import annotations

from jinja2 import Environment, PackageLoader, StrictUndefined

from .literals import py
from .support import MARK
from .views import DagView


def render(view: DagView) -> str:
    """The text of the file."""
    environment = Environment(
        loader=PackageLoader("pipec.backends.airflow"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
    )
    environment.filters["py"] = py
    return environment.get_template("dag.py.j2").render(view=view, mark=MARK)
