"""The estimate of a workflow's size, and the warning before it is too large."""

from __future__ import annotations

from typing import Any

import pytest
from pipec.backends.kubeflow.lower import lower
from pipec.backends.kubeflow.sizes import LARGEST, workflow_size
from pipec.backends.kubeflow.specification import Specification

from pipec.api import load
from pipec.backend import CompileRequest
from pipec.compilation import check_target


def source(tasks: int, implementation: str) -> str:
    lines = [f"  task task_{number} = {implementation}" for number in range(tasks)]
    return "\n".join(["pipeline p {", '  target kubeflow { image = "steps:1" }', *lines, "}", ""])


def specification(tasks: int, implementation: str) -> Specification:
    program = load("p.pipe", text=source(tasks, implementation)).program
    assert program is not None
    return lower(CompileRequest(program, "p"), "1")


PYTHON = 'python("steps:f")'
IMAGE = 'image("busybox", command = ["true"])'


@pytest.mark.parametrize(
    ("tasks", "implementation", "warns"), [(20, PYTHON, False), (200, IMAGE, False), (800, IMAGE, True)]
)
def test_the_warning(tasks: int, implementation: str, warns: bool) -> None:
    loaded = load("p.pipe", text=source(tasks, implementation))
    found = check_target(loaded, "p", "kubeflow").found
    assert [(one.code, one.severity) for one in found] == [("P0506", "warning")] * warns
    size = workflow_size(specification(tasks, implementation))
    assert (size > LARGEST) is warns
    if warns:
        assert f"about {size / 1e6:.1f} MB" in found[0].message
        assert "`map`" in (found[0].help or "")


def test_equal_containers_count_once() -> None:
    one, two, three = (workflow_size(specification(tasks, PYTHON)) for tasks in (1, 2, 3))
    assert three - two == pytest.approx(two - one, abs=10)
    container = len(
        specification(1, PYTHON).pipeline["deploymentSpec"]["executors"]["exec-task-0"]["container"]["command"][2]
    )
    assert two - one < container < one


def test_tasks_of_parts_and_what_the_platform_says_count() -> None:
    small: dict[str, Any] = specification(1, PYTHON).pipeline
    plain = Specification(small)
    assert workflow_size(Specification(small, {"deploymentSpec": {"executors": {"exec-task-0": {"a": "b" * 500}}}})) > (
        workflow_size(plain) + 500
    )
    part = {"dag": {"tasks": {"task-0": small["root"]["dag"]["tasks"]["task-0"]}}}
    inside = Specification({**small, "components": {**small["components"], "comp-part": part}})
    assert workflow_size(inside) > workflow_size(plain) + 1_500
