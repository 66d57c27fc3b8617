"""IR made in a line, for tests of what reads the IR."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pipec.ir.base import Location
from pipec.ir.expressions import Expression, LiteralValue, OutputReference
from pipec.ir.model import (
    BranchSide,
    Decision,
    Estimate,
    Implementation,
    Input,
    Options,
    Output,
    Pipeline,
    Program,
    ShellScript,
    Task,
    TriggerRule,
)
from pipec.ir.types import BOOL, INT, Type

TRUE = LiteralValue(value=True, type=BOOL)


def place(line: int = 1) -> Location:
    """A place of its own for every line."""
    return Location(file="p.pipe", start=line, end=line + 1, line=line, column=1, end_line=line, end_column=2)


def task(
    id: str,
    *upstream: str,
    rule: TriggerRule = "all_success",
    sides: Sequence[tuple[str, bool]] = (),
    seconds: float | None = None,
    reads: Sequence[str] = (),
    implementation: Implementation | None = None,
    **fields: Any,
) -> Task:
    """A shell task with one int output. `sides` are the branches it stands in, `reads` the tasks it has inputs of."""
    estimate = None if seconds is None else Estimate(min=seconds, likely=seconds, max=seconds)
    return Task(
        id=id,
        name=fields.pop("name", id),
        upstream=upstream,
        trigger_rule=rule,
        implementation=implementation or ShellScript(text="true"),
        branches=tuple(BranchSide(decision=decision, taken=taken) for decision, taken in sides),
        options=fields.pop("options", Options(estimate=estimate)),
        inputs=fields.pop("inputs", tuple(Input(name=f"of_{other}", type=INT, value=output(other)) for other in reads)),
        outputs=fields.pop("outputs", (Output(name="output", type=INT),)),
        single_output=True,
        location=fields.pop("location", place()),
        **fields,
    )


def output(task: str, type: Type = INT, name: str = "output", mapped: bool = False) -> OutputReference:
    return OutputReference(task=task, output=name, type=type, mapped=mapped)


def decision(id: str, *upstream: str, condition: Expression = TRUE, **fields: Any) -> Task:
    return task(id, *upstream, implementation=Decision(condition=condition), outputs=(), **fields).model_copy(
        update={"single_output": False}
    )


def pipeline(*tasks: Task, name: str = "p", **fields: Any) -> Pipeline:
    return Pipeline(name=name, tasks=tasks, location=place(), **fields)


def program(*pipelines: Pipeline) -> Program:
    return Program(
        source="p.pipe",
        digest="0",
        pipelines={pipeline.name: pipeline for pipeline in pipelines},
        own=tuple(pipeline.name for pipeline in pipelines),
    )


def from_edges(edges: Mapping[str, Sequence[str]], seconds: Mapping[str, float] | None = None) -> Pipeline:
    """A pipeline of shell tasks from task to its upstream tasks."""
    known = seconds or {}
    return pipeline(*(task(id, *upstream, seconds=known.get(id)) for id, upstream in edges.items()))


WAFER_TEST = from_edges(
    {
        "parse_stdf": [],
        "validate_data": ["parse_stdf"],
        "engineer_features": ["validate_data"],
        "detect_outliers": ["engineer_features"],
        "predict_yield": ["engineer_features"],
        "device_binning": ["detect_outliers", "predict_yield"],
        "generate_report": ["device_binning"],
    }
)
WAFER_TEST_V2 = from_edges(
    {
        "parse": [],
        "validate": ["parse"],
        "features": ["validate"],
        "train_rf": ["features"],
        "train_xgb": ["features"],
        "train_lgbm": ["features"],
        "ensemble": ["train_rf", "train_xgb", "train_lgbm"],
        "report": ["ensemble"],
    },
    {
        "parse": 30,
        "validate": 20,
        "features": 20,
        "train_rf": 50,
        "train_xgb": 50,
        "train_lgbm": 50,
        "ensemble": 30,
        "report": 10,
    },
)
