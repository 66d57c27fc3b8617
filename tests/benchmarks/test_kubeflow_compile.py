"""Both compilers are told the same graph, and the tables say what was measured."""

from __future__ import annotations

import pytest

from tests.benchmarks.kubeflow_compile import SHAPES, Compared, chain, compiled, fan, loaded, process_rows, script
from tests.benchmarks.processes import Cost


def test_shapes() -> None:
    assert chain(3) == {"task_0": [], "task_1": ["task_0"], "task_2": ["task_1"]}
    assert fan(4) == {"task_0": [], "task_1": ["task_0"], "task_2": ["task_0"], "task_3": ["task_1", "task_2"]}


@pytest.mark.parametrize("shape", SHAPES)
def test_both_are_told_everything(shape: str) -> None:
    graph = SHAPES[shape](20)
    file, original = compiled(loaded(graph)), script(graph)
    for task, upstream in graph.items():
        assert f'"comp-{task.replace("_", "-")}":' in file
        assert f"def {task}():" in original
        after = ", ".join(f"{one}_made" for one in upstream)
        assert f"    {task}_made = {task}(){f'.after({after})' if after else ''}\n" in original
    assert file.count('"dependentTasks"') == sum(map(bool, graph.values()))


def test_rows() -> None:
    assert Compared("fan", 1_000, 3.0, 0.1, 0.5).row == "| fan | 1,000 | 3.000 | 0.100 | 30.0 | 0.500 | 6.0 | yes |"
    assert Compared("fan", 100, 0.4, 0.1, 0.5).row.endswith("| no |")
    lines = list(process_rows(100, Cost(0.8, 1.0, 82.0), Cost(0.2, 0.26, 50.0)))
    assert lines[2] == "| the SDK's script, 100 tasks | 0.80 | 1.00 | 82 |"
    assert lines[-1] == "pipec is 3.8 x as fast as the script, aim 4: missed"
