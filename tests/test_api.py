"""The public API, as `import pipec` offers it."""

from __future__ import annotations

from pathlib import Path

import pytest

import pipec
from pipec.engine.capacity import Capacity

TWO = """
pipeline plain { task a = shell('true') }
pipeline query { task b = sql('select 1', conn = 'db') }
"""


def test_a_pipeline_runs_beside_one_that_cannot(tmp_path: Path) -> None:
    loaded = pipec.load(tmp_path / "two.pipe", text=TWO)
    assert pipec.run(loaded, pipeline="plain", store_folder=tmp_path / "store").state == "success"
    with pytest.raises(pipec.CompileError, match="sql"):
        pipec.run(loaded, pipeline="query", store_folder=tmp_path / "store")


def test_a_pipeline_has_to_be_named_where_there_are_several(tmp_path: Path) -> None:
    loaded = pipec.load(tmp_path / "two.pipe", text=TWO)
    with pytest.raises(LookupError, match="plain, query"):
        pipec.plan(loaded)


def test_a_pipeline_is_simulated(tmp_path: Path) -> None:
    text = "pipeline p { task a = shell('a') { estimate = 10s } task b = shell('b') { estimate = 20s } }"
    loaded = pipec.load(tmp_path / "p.pipe", text=text)
    found = pipec.simulate(loaded, slots=[1, 2], task_overhead=5)
    assert [one.makespan.p50 for one in found.findings] == [40, 25]
    assert pipec.simulate(loaded, what_if=["b.estimate = 1h"]).findings[1].makespan.p50 == 3600


def test_tests_are_played(tmp_path: Path) -> None:
    text = """
    pipeline p { task a = shell('true') }
    test "good" for p { expect a is success }
    test "bad" for p { expect a is failed }
    """
    played = pipec.test(pipec.load(tmp_path / "p.pipe", text=text))
    assert [(one.case.title, one.state) for one in played] == [("good", "passed"), ("bad", "failed")]
    with pytest.raises(pipec.CompileError, match="no task `b`"):
        pipec.test(pipec.load(tmp_path / "p.pipe", text=text.replace("expect a", "expect b")))


def test_run_refuses_what_can_never_fit_in_pipelines_that_it_calls(tmp_path: Path) -> None:
    inner = 'pipeline inner { task train = python("m:f") { resources = { gpu: 4 } } }'
    loaded = pipec.load("p.pipe", text=inner + "\npipeline outer { task run = inner }\n")
    with pytest.raises(pipec.CompileError, match="asks for 4 gpu, there is 1 gpu"):
        pipec.run(loaded, pipeline="outer", capacity=Capacity(gpu=1), store_folder=tmp_path)
