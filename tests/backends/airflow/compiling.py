"""From .pipe text, or a pipeline of the IR, to the DAG file."""

from __future__ import annotations

from pathlib import Path

from pipec.backends.airflow.lower import lower
from pipec.backends.airflow.render import render

from pipec.api import load
from pipec.backend import CompileRequest
from pipec.compilation import check_target
from pipec.ir.model import Pipeline, Program


def dag_of(pipeline: Pipeline, source: str = "test.pipe", version: str | None = None) -> str:
    """The DAG file of a pipeline for a version of Airflow, as version 0 of pipec writes it."""
    program = Program(source=source, digest="", pipelines={pipeline.name: pipeline}, own=(pipeline.name,))
    text: str = render(lower(CompileRequest(program, pipeline.name, version), "0"))
    return text


def compile_text(text: str, source: str = "test.pipe", version: str | None = None) -> str:
    """The DAG file of the only pipeline of a .pipe text, which has to be free of faults and fit for Airflow."""
    loaded = load(Path(source), text=text)
    assert not loaded.diagnostics.found, [fault.message for fault in loaded.diagnostics.found]
    assert loaded.program is not None
    (key,) = loaded.program.own
    refused = check_target(loaded, key, "airflow", version).found
    assert not refused, [refusal.message for refusal in refused]
    return dag_of(loaded.program.pipelines[key], source, version)
