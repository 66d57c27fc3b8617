"""What changes mean for many runs in virtual time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Literal

from pipec.comparison.model import Comparison, PipelineChange, Simulated
from pipec.simulation.errors import SimulationError
from pipec.simulation.simulation import Simulation

Play = Callable[[str], Simulation]
"""Plays a pipeline of one side by its key."""


def with_simulation(comparison: Comparison, play_old: Play, play_new: Play) -> Comparison:
    """The comparison with what runs of both sides come to, of the pipelines whose plans are compared.

    A pipeline is left as it is where one side cannot be played: where its runs never end, for one.
    """
    return replace(
        comparison, pipelines=tuple(_with_simulation(one, play_old, play_new) for one in comparison.pipelines)
    )


def _with_simulation(pipeline: PipelineChange, play_old: Play, play_new: Play) -> PipelineChange:
    if pipeline.times is None or pipeline.old is None or pipeline.new is None:
        return pipeline
    try:
        both = _simulated(play_old(pipeline.old)), _simulated(play_new(pipeline.new))
    except SimulationError:
        return pipeline
    return replace(pipeline, times=replace(pipeline.times, simulated=both))


def _simulated(simulation: Simulation) -> Simulated:
    found = simulation.findings[0]
    unit: Literal["seconds", "tasks"] = "tasks" if found.unit == "tasks" else "seconds"
    return Simulated(
        unit=unit,
        makespan_p50=found.makespan.p50,
        makespan_p95=found.makespan.p95,
        success=found.success.share,
        late=None if found.late is None else found.late.share,
    )
