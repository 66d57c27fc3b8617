"""The IR itself as a target: everything a pipeline says, as JSON, for tools and other compilers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from pipec.analysis.feature_names import FEATURES
from pipec.backend import NATIVE, Capability, CompileRequest, OutputFile, TargetOptions
from pipec.ir.model import Program
from pipec.ir.traverse import called_pipelines


@dataclass(frozen=True, slots=True)
class IrBackend:
    """Writes one JSON file a pipeline: sorted keys, the same bytes for the same source."""

    name: str = "ir"
    title: str = "pipec IR 1 (JSON)"
    versions: tuple[str, ...] = ("1",)
    capabilities: Mapping[str, Capability] = field(default_factory=lambda: dict.fromkeys(FEATURES, NATIVE))
    options: TargetOptions = field(default_factory=TargetOptions)

    def compile(self, request: CompileRequest) -> tuple[OutputFile, ...]:
        """`<pipeline>.ir.json`: the program with this pipeline, those it calls, and its tests."""
        program = restricted(request.program, request.pipeline_key)
        text = json.dumps(program.model_dump(), indent=2, sort_keys=True, ensure_ascii=False)
        return (OutputFile(f"{request.pipeline_key}.ir.json", text + "\n"),)


BACKEND = IrBackend()


def restricted(program: Program, pipeline_key: str) -> Program:
    """The program with one pipeline and all that it calls, directly or not."""
    wanted = set(called_pipelines(program, pipeline_key))
    return program.model_copy(
        update={
            "pipelines": {key: pipeline for key, pipeline in program.pipelines.items() if key in wanted},
            "own": tuple(key for key in program.own if key in wanted),
            "tests": tuple(test for test in program.tests if test.pipeline == pipeline_key),
        }
    )
