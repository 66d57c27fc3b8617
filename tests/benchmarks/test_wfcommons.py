"""Traces of WfCommons become `.pipe` files whose simulation comes near what was recorded."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import pipec
from tests.benchmarks.recording import recorded
from tests.benchmarks.wfcommons import compare, main, read_trace, source

SMALL = Path(__file__).parent / "traces" / "variant_calling.json"


def small() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(SMALL.read_text("utf-8"))
    return document


def trace_of(*tasks: dict[str, Any], **execution: Any) -> dict[str, Any]:
    """A document of tasks that say both how they depend and how they ran."""
    specified = [{"name": task["id"], "parents": [], "children": [], **task} for task in tasks]
    ran = [{"runtimeInSeconds": 1.0, **task} for task in tasks]
    return {
        "name": "tiny",
        "workflow": {
            "specification": {"tasks": specified},
            "execution": {"makespanInSeconds": 3, "tasks": ran, **execution},
        },
    }


def test_the_small_trace_is_what_the_recording_makes() -> None:
    assert small() == recorded(samples=4, seed=0)


def test_a_recorded_run_is_simulated_within_a_tenth() -> None:
    compared = compare(read_trace(small()))
    assert (len(compared.trace.tasks), compared.cores, compared.trace.makespan) == (36, 8, 737.651)
    assert abs(compared.deviation) < 0.1


@pytest.mark.parametrize("seed", range(5))
def test_nobody_is_faster_than_the_work_and_the_longest_path_allow(seed: int) -> None:
    """The recorded cluster starts whoever came first, and late; the simulated one the longest path, and at once."""
    trace = read_trace(recorded(samples=3, seed=seed))
    compared = compare(trace)
    assert trace.work / compared.cores <= compared.simulated <= trace.makespan


def test_the_file() -> None:
    document = trace_of(
        {"id": "A.1", "command": {"program": "./bin/map-1"}, "runtimeInSeconds": 2.5, "children": ["a_1"]},
        {"id": "a_1", "command": {"program": "bad $(thing)"}, "coreCount": 2},
        {"id": "if", "parents": ["A.1", "a_1"]},
        machines=[{"cpu": {"coreCount": 2}}, {"cpu": {"coreCount": 4}}],
    )
    assert source(read_trace(document)) == (
        "# Recorded by WfCommons: 3 tasks in 3 s on 6 cores.\n"
        "\n"
        "pipeline workflow_tiny {\n"
        '  task task_a_1 = command(["./bin/map-1"]) { estimate = 2500ms  resources = { cpu: 1 } }\n'
        '  task task_a_1_2 after task_a_1 = command(["true"]) { estimate = 1000ms  resources = { cpu: 2 } }\n'
        "  task task_if after task_a_1, task_a_1_2 = "
        'command(["true"]) { estimate = 1000ms  resources = { cpu: 1 } }\n'
        "}\n"
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"execution": None}, "the trace tells of no execution"),
        (
            {"specification": {"tasks": [{"id": "x", "parents": [], "children": []}]}},
            "tasks that were never executed: x",
        ),
    ],
)
def test_what_cannot_be_simulated(change: dict[str, Any], message: str) -> None:
    document = trace_of({"id": "a"})
    with pytest.raises(ValueError, match=message):
        read_trace({**document, "workflow": {**document["workflow"], **change}})


def test_cores_may_be_said() -> None:
    trace = read_trace(trace_of({"id": "a"}, {"id": "b"}))
    with pytest.raises(ValueError, match="give --cores"):
        compare(trace)
    assert [compare(trace, cores).simulated for cores in (1, 2)] == [2, 1]
    assert compare(trace, 1, task_overhead=0.5).simulated == 3


def test_the_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "bad.json").write_text("{}", "utf-8")
    assert main([str(SMALL), str(tmp_path / "bad.json"), "--write", str(tmp_path)]) == 0
    told = capsys.readouterr()
    [row] = told.out.splitlines()[2:]
    assert row.startswith("| variant-calling-4 | 36 | 8 | 738 | ")
    assert told.err.endswith("bad.json: 'workflow'\n")
    loaded = pipec.load(tmp_path / "variant_calling.pipe")
    assert not loaded.diagnostics.has_errors


@pytest.mark.engine
def test_two_thousand_tasks() -> None:
    trace = read_trace(recorded(samples=215, seed=7, machines=8, cores=16))
    assert len(trace.tasks) > 1_900
    compared = compare(trace)
    assert trace.work / 128 <= compared.simulated <= trace.makespan
