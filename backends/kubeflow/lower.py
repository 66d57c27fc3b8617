"""From the IR to a specification: a graph of containers in DAGs, which `emission` writes.

Tasks of Kubeflow wait for the success of others and have conditions, no trigger rules. As long as nothing fails, the
choices of decisions say whether a task runs (`pipec.analysis.run_conditions`): that is its condition. A failure keeps
all that follows from running. Where a task goes on although one upstream of it was skipped, that one is put into a
small DAG, which succeeds in both cases and gives null for the outputs that are missing.
"""

from __future__ import annotations

from typing import Any

from pipec.backend import CompileRequest
from pipec.optimisation import shared_programs, splitting
from pipec.optimisation.optimiser import Optimiser
from pipec.optimisation.reasons import Reason

from .emission import emit
from .flow import PipelineFlow
from .names import Names, plain_name
from .nodes import Dag
from .optimising import OPTIMISATIONS
from .parameters import parameter_channel, parameter_default
from .platform.runs import of_runs
from .setting import Setting
from .sharing import common_programs, share_programs
from .sizes import is_too_large, size_of
from .specification import Specification
from .splitting import split
from .texts import description


def lower(request: CompileRequest) -> Specification:
    """The specification of a pipeline that the capability check has let pass."""
    optimiser = request.optimiser or Optimiser.by_default(OPTIMISATIONS)
    program = optimiser.program(request.program, request.pipeline_key)
    pipeline = program.pipelines[request.pipeline_key]
    root = Dag()
    for parameter in pipeline.parameters:
        root.inputs[parameter.name] = parameter_channel(parameter)
    setting = Setting.of(pipeline, optimiser.chains(program, request.pipeline_key))
    names = Names()
    PipelineFlow(program, pipeline, root, names, setting, request.pipeline_key).build()
    defaults = {parameter.name: parameter_default(parameter) for parameter in pipeline.parameters}
    name, doc = plain_name(pipeline.name), pipeline.doc and description(pipeline.doc)
    common = common_programs(root) if shared_programs.NAME in optimiser.chosen else []
    before = emit(name, root, defaults, doc) if common else None
    shared: dict[str, dict[str, Any]] = {}
    if before is not None and is_too_large(before):
        shared = share_programs(root, common)
    reasons: list[Reason] = []
    if splitting.NAME in optimiser.chosen:
        of_inputs = sum(len(one["defaultValue"]) for one in shared.values())
        reasons = split(root, names, pipeline.location, of_inputs=of_inputs)
        optimiser.note(reasons)
    is_changed = shared or reasons
    emitted = emit(name, root, {**defaults, **shared}, doc) if before is None or is_changed else before
    if before is not None and shared and optimiser.explains:
        optimiser.reasons.append(shared_programs.reason(pipeline, len(shared), size_of(before), size_of(emitted)))
    return of_runs(pipeline, emitted)
