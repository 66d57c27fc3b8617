"""What the template prints: a DAG file in flat pieces, each valid Python already."""

from __future__ import annotations

from pipec.frozen import Frozen


class FunctionView(Frozen):
    """A function at the top level of the file: its decorator where it is a task, `def …:`, and the body."""

    decorator: str | None
    header: str
    docstring: str | None
    body: str


class DagView(Frozen):
    """One DAG file. `imports` holds statements and empty lines between their blocks.

    `constants` stand right below the imports; `early` and `late` are copied definitions above and below the DAG,
    `wiring` the body of `with DAG(…):`.
    """

    title: str
    imports: tuple[str, ...]
    timezone: str | None
    constants: tuple[str, ...]
    early: tuple[str, ...]
    defaults: tuple[FunctionView, ...]
    tasks: tuple[FunctionView, ...]
    dag: str
    wiring: str
    late: tuple[str, ...]
