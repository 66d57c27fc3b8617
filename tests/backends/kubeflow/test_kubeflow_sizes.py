"""The estimate of a workflow's size, and the warning before it is too large."""

from __future__ import annotations

import pytest
from pipec.backends.kubeflow.sizes import LARGEST, workflow_size

from pipec.api import compile, load
from pipec.compilation import check_target

PYTHON = 'python("steps:f")'
IMAGE = 'image("busybox", command = ["true"])'
SCHEDULE = 'schedule = cron("@daily")\n  start = 2026-01-01'


def source(tasks: int, implementation: str, settings: str = "") -> str:
    lines = [f"  task task_{number} = {implementation.replace('NUMBER', str(number))}" for number in range(tasks)]
    return "\n".join(["pipeline p {", f'  {settings}\n  target kubeflow {{ image = "steps:1" }}', *lines, "}", ""])


def size(tasks: int, implementation: str) -> int:
    (file,) = compile(load("p.pipe", text=source(tasks, implementation)), "kubeflow")
    found: int = workflow_size(file.text)
    return found


OWN = 'image("busybox", command = ["echo", "NUMBER"])'
WARNED = [(20, PYTHON, False), (100, PYTHON, False), (100, OWN, False), (800, OWN, True)]


@pytest.mark.parametrize(("tasks", "implementation", "warns"), WARNED)
def test_the_warning(tasks: int, implementation: str, warns: bool) -> None:
    """When checking and when compiling, each once; not of the side file."""
    loaded = load("p.pipe", text=source(tasks, implementation, SCHEDULE))
    found = check_target(loaded, "p", "kubeflow").found
    assert [(one.code, one.severity) for one in found] == [("P0506", "warning")] * warns
    about = size(tasks, implementation)
    assert (about > LARGEST) is warns
    if warns:
        assert f"about {about / 1e6:.1f} MB" in found[0].message
        assert "`map`" in (found[0].help or "")
    assert len(compile(loaded, "kubeflow")) == 2
    assert [one.code for one in loaded.diagnostics.found] == ["P0506"] * warns


def test_every_task_counts() -> None:
    one, two, three = (size(tasks, 'python("steps:fNUMBER")') for tasks in (1, 2, 3))
    assert three - two == pytest.approx(two - one, abs=10)
    assert size(2, OWN) - size(1, OWN) > 1_500
    assert workflow_size('"a":\n  "componentRef":\n    "name": "x"\n') == 4 + 15 + 11 + 1_500


def test_equal_containers_are_written_once() -> None:
    """With their components; the task is written each time."""
    equal, other = (f'image("busybox", command = ["echo", "{"x" * 1_000}{end}"])' for end in ("", "NUMBER"))
    assert 1_500 < size(2, equal) - size(1, equal) < 1_800
    assert size(3, equal) - size(2, equal) == size(2, equal) - size(1, equal)
    assert size(2, other) - size(1, other) > 2_500


def test_a_default_is_written_twice() -> None:
    """With the pipeline, and as what a run is given."""
    text = source(1, PYTHON).replace("pipeline p {", 'pipeline p(note: str = "NOTE") {')
    sizes = [
        workflow_size(compile(load("p.pipe", text=text.replace("NOTE", "x" * length)), "kubeflow")[0].text)
        for length in (1, 1_001)
    ]
    assert sizes[1] - sizes[0] == 2_000


def test_a_map_is_written_once() -> None:
    text = source(0, "").replace("}\n}", '}\n  map x in [1, 2, 3] { task t(x) = python("steps:f") }\n}')
    (file,) = compile(load("p.pipe", text=text), "kubeflow")
    assert workflow_size(file.text) < 3 * size(1, PYTHON)
