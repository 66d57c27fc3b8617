"""From a loaded file to the files of a target: what it cannot express is refused, then its backend writes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pipec.analysis.capabilities import check_capabilities
from pipec.backend import (
    BUILT_IN,
    Advising,
    Backend,
    CompileRequest,
    Optimising,
    OutputFile,
    load_backend,
    target_names,
)
from pipec.diagnostics.model import Diagnostics
from pipec.diagnostics.suggest import correction, hint
from pipec.ir.expressions import LiteralValue

if TYPE_CHECKING:
    from pipec.api import Loaded
    from pipec.ir.model import Pipeline
    from pipec.optimisation.optimiser import Optimiser


def compile_to(
    loaded: Loaded,
    pipeline_key: str,
    backend_name: str,
    *,
    target_version: str | None = None,
    format: str | None = None,
    defaults: Mapping[str, Any] | None = None,
    optimiser: Optimiser | None = None,
) -> tuple[OutputFile, ...]:
    """The files of one pipeline for a target; none, and errors in `loaded.diagnostics`, where it cannot be compiled.

    `defaults` are new defaults of parameters, by name in their JSON form. The `optimiser` knows in the end why it
    changed what; None stands for the one that the target has by default. Raises KeyError for an unknown target.
    """
    backend = load_backend(backend_name)
    program = loaded.program
    if program is None or loaded.diagnostics.has_errors:
        return ()
    pipeline = program.pipelines[pipeline_key]
    refusals = _refusals(loaded, pipeline_key, backend, target_version)
    refusals.found.extend(check_target_names(loaded).found)
    loaded.diagnostics.found.extend(refusals.found)
    if refusals.has_errors:
        return ()
    if defaults:
        pipelines = {**program.pipelines, pipeline_key: with_defaults(pipeline, defaults)}
        program = program.model_copy(update={"pipelines": pipelines})
    if optimiser is not None and not isinstance(backend, Optimising):
        program = optimiser.program(program, pipeline_key)
    files = backend.compile(CompileRequest(program, pipeline_key, target_version, format, optimiser))
    _advise(loaded, pipeline, backend, files, loaded.diagnostics)
    return files


def check_target(
    loaded: Loaded, pipeline_key: str, backend_name: str, target_version: str | None = None
) -> Diagnostics:
    """What a target cannot express of a pipeline and of those it calls, and what it warns of.

    In its default version where None is given. Raises KeyError for an unknown target.
    """
    backend = load_backend(backend_name)
    diagnostics = _refusals(loaded, pipeline_key, backend, target_version)
    is_sound = not loaded.diagnostics.has_errors and not diagnostics.has_errors
    if is_sound and loaded.program is not None and isinstance(backend, Advising):
        request = CompileRequest(loaded.program, pipeline_key, target_version)
        _advise(loaded, request.pipeline, backend, backend.compile(request), diagnostics)
    return diagnostics


def _refusals(loaded: Loaded, pipeline_key: str, backend: Backend, target_version: str | None) -> Diagnostics:
    program = loaded.program or loaded.remains
    diagnostics = Diagnostics()
    if program is not None:
        check_capabilities(program, pipeline_key, backend, loaded.span_of, diagnostics, target_version)
    return diagnostics


def _advise(
    loaded: Loaded, pipeline: Pipeline, backend: Backend, files: tuple[OutputFile, ...], diagnostics: Diagnostics
) -> None:
    if isinstance(backend, Advising):
        for advice in backend.advice(pipeline, files):
            message = f"{advice.subject or f'pipeline `{pipeline.name}`'}: {advice.message}"
            where = loaded.span_of(advice.location or pipeline.location)
            diagnostics.warning(advice.code, message, where, help=advice.way_out)


def optimisations_of(backend: Backend) -> Mapping[str, bool]:
    """The optimisations a target can be compiled with, and whether they are on by default."""
    if isinstance(backend, Optimising):
        return backend.optimisations
    from pipec.optimisation.optimiser import OF_TARGETS, OPTIMISATIONS

    return {name: False for name in OPTIMISATIONS if name not in OF_TARGETS}


def check_target_names(loaded: Loaded) -> Diagnostics:
    """`target` blocks that name no target."""
    diagnostics = Diagnostics()
    program = loaded.program or loaded.remains
    for pipeline in program.pipelines.values() if program is not None else ():
        for locations in (pipeline.locations, *(task.locations for task in pipeline.tasks)):
            for key, location in locations.items():
                name = key.removeprefix("target.")
                if name == key or "." in name or name in BUILT_IN or name in (known := target_names()):
                    continue
                diagnostics.error(
                    "P0504",
                    f"there is no target `{name}`",
                    loaded.span_of(location),
                    help=hint(name, known, f"targets: {', '.join(known)}"),
                    fix=correction(loaded.span_of(location), name, known),
                )
    return diagnostics


def with_defaults(pipeline: Pipeline, defaults: Mapping[str, Any]) -> Pipeline:
    """The pipeline with new defaults of parameters, by name in their JSON form."""
    parameters = tuple(
        parameter.model_copy(update={"default": LiteralValue(value=defaults[parameter.name], type=parameter.type)})
        if parameter.name in defaults
        else parameter
        for parameter in pipeline.parameters
    )
    return pipeline.model_copy(update={"parameters": parameters})
