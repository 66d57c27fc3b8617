"""What loops run over, and how what follows knows whether there was anything."""

from __future__ import annotations

import importlib
from typing import Any

import pytest

from pipec.api import load
from pipec.backend import CompileRequest

HEAD = 'target kubeflow { image = "python:3.12" }'
LISTS = {
    "[1, 2]": ("raw", "[1, 2]"),
    '["on", "08"]': ("raw", '["on", "08"]'),
    '["{{x}}"]': ("inputParameter", "pipelinechannel--map-a-items-items-loop-items"),
    "[level, 2]": ("inputParameter", "pipelinechannel--map-a-items-items-loop-items"),
    "numbers": ("inputParameter", "pipelinechannel--numbers-loop-items"),
    "find": ("inputParameter", "pipelinechannel--find-output-loop-items"),
}


@pytest.mark.parametrize("written", LISTS)
def test_what_a_loop_runs_over(written: str) -> None:
    kind, items = LISTS[written]
    tasks = _specification(f'map x in {written} {{ task a(x) = python("s:f") }}')["root"]["dag"]["tasks"]
    assert tasks["map-a"]["parameterIterator"]["items"] == {kind: items}


def test_a_task_in_a_loop_reads_the_whole_list_by_another_input() -> None:
    """A cluster does not hand the input that is iterated to what is in the loop."""
    made = _specification('map x in numbers { task a(x, numbers) = python("s:f") }')
    task = made["components"]["comp-map-a"]["dag"]["tasks"]["a"]
    (iterated,) = made["root"]["dag"]["tasks"]["map-a"]["parameterIterator"]["items"].values()
    read = task["inputs"]["parameters"]["numbers"]["componentInputParameter"]
    assert read != iterated
    assert read in made["components"]["comp-map-a"]["inputDefinitions"]["parameters"]


BEHIND = {
    "numbers": "size(inputs.parameter_values['pipelinechannel--numbers']) > 0",
    "[level, 2]": None,
    "[1, 2]": None,
    "numbers + [level]": "inputs.parameter_values['pipelinechannel--map-a-items-has_items'] == true",
}


@pytest.mark.parametrize("written", BEHIND)
def test_a_task_behind_a_loop_asks_whether_there_were_items(written: str) -> None:
    text = f'map x in {written} {{ task a(x) -> int = python("s:f") }}\n  task b(all = a[*]) = python("s:f")'
    task = _specification(text)["root"]["dag"]["tasks"]["b"]
    assert task.get("triggerPolicy", {}).get("condition") == BEHIND[written]


def _specification(text: str) -> Any:
    find = 'task find -> list[int] = python("s:f")'
    loaded = load("p.pipe", text=f"pipeline p(numbers: list[int], level: int) {{\n{HEAD}\n{find}\n{text}\n}}\n")
    assert loaded.program is not None, [one.message for one in loaded.diagnostics.found]
    lower = importlib.import_module("pipec.backends.kubeflow.lower").lower
    return lower(CompileRequest(loaded.program, "p")).pipeline


def test_what_may_be_returned_though_there_were_no_items_reads_lists_that_are_there() -> None:
    """The DAG around the returned task is given the lists before anybody asks whether there were items."""
    text = (
        'map x in numbers { task a(x) -> int = python("s:f") }\n task b(all = a[*]) -> int = python("s:f")\n return b'
    )
    tasks = _specification(text)["root"]["dag"]["tasks"]
    (source,) = [one for name, one in tasks["b"]["inputs"]["parameters"].items() if name.endswith("--a-output")]
    assert source["taskOutputParameter"]["producerTask"] == "map-a-lists"
