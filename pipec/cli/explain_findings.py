"""What the examples of a code give: they are checked, or started as a run is, and never run."""

from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from pipec.diagnostics.catalogue import EXAMPLE_FILE, Example, Explanation
from pipec.diagnostics.model import Diagnostic, Diagnostics

if TYPE_CHECKING:
    from pipec.api import Loaded
    from pipec.parameters import ParameterProblem


def findings(example: Example) -> list[Diagnostic | ParameterProblem]:
    """All that pipec says of an example, in the order it says it. Works in a folder of its own."""
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        for name, text in example.files.items():
            path = Path(name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        Path(EXAMPLE_FILE).write_text(example.text * example.times, example.encoding)
        return _found(example)


def what_it_says(explanation: Explanation, *, color: bool) -> str | None:
    """What a person sees of the bad example: the finding with this code, without a newline at the end.

    None where it is not found on this machine: some checks need a program that is not everywhere, such as bash.
    """
    from pipec.diagnostics.render import render

    for one in findings(explanation.bad):
        if one.code == explanation.code:
            return render(one, color=color) if isinstance(one, Diagnostic) else str(one)
    return None


def _found(example: Example) -> list[Diagnostic | ParameterProblem]:
    from pipec.api import check, load
    from pipec.references import check_project

    loaded = load(EXAMPLE_FILE)
    found: list[Diagnostic | ParameterProblem] = [*check(loaded, [example.target] if example.target else [])]
    project = Diagnostics()
    check_project([loaded, *(load(name) for name in example.files if name.endswith(".pipe"))], project)
    found.extend(project.sorted())
    if example.capacity is not None and loaded.program is not None:
        found.extend(_misfits(loaded, example.capacity))
    if example.is_run and loaded.program is not None:
        found.extend(_bad_values(loaded, example))
    return found


def _misfits(loaded: Loaded, written: str) -> list[Diagnostic]:
    from pipec.analysis.fitting import check_fit
    from pipec.cli.capacity import resources
    from pipec.engine.capacity import Capacity

    diagnostics = Diagnostics()
    assert loaded.program is not None
    check_fit(loaded.program, loaded.pipeline().name, Capacity(**resources(written)), loaded.span_of, diagnostics)
    return diagnostics.sorted()


def _bad_values(loaded: Loaded, example: Example) -> list[ParameterProblem]:
    """What is wrong with the values given to a run, which happens on a fixed day."""
    from pipec.engine.events import RunContext
    from pipec.parameters import complete_parameters, read_parameter_file, resolve_parameters

    pipeline = loaded.pipeline()
    in_file: dict[str, object] = {}
    if example.parameter_file is not None:
        in_file, problems = read_parameter_file(Path(example.parameter_file))
        if problems:
            return problems
    values, problems = resolve_parameters(pipeline, file_values=in_file, environment={}, given=example.parameters)
    if problems:
        return problems
    moment = "2026-01-31T00:00:00+00:00"
    context = RunContext("example", pipeline.name, moment[:10], moment, moment, moment)
    return complete_parameters(pipeline, values, context)[1]
