"""Specifications whose DAGs are split into the smallest parts do the same as `pipec run`, by the rules of a cluster.

They do the same in the SDK's local runner too, and the linter finds no fault in them.
"""

from __future__ import annotations

import importlib

import pytest

import pipec
from pipec.backend import CompileRequest
from tests.conformance.test_conformance_examples import EXAMPLES
from tests.conformance.test_conformance_kubeflow import COMPILED
from tests.differential.file_cases import load_program
from tests.differential.file_generator import MAIN
from tests.differential.kubeflow_branches import branches_case
from tests.differential.kubeflow_comparison import compare_case, kubeflow_case
from tests.differential.test_differential_kubeflow import differing_on_cluster
from tests.support.kubeflow import Kubeflow

SEEDS = range(60)
LOCAL_SEEDS = range(12)
BRANCHES_SEEDS = range(10)
CASES = [(kubeflow_case, seed) for seed in SEEDS] + [(branches_case, seed) for seed in BRANCHES_SEEDS]


@pytest.fixture(autouse=True)
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    """DAGs of a handful of tasks are too large."""
    splitting = importlib.import_module("pipec.backends.kubeflow.splitting")
    monkeypatch.setattr(splitting, "LARGEST", 1_400)


@pytest.mark.engine
@pytest.mark.parametrize("first", range(0, len(CASES), 10))
def test_parts_do_what_their_tasks_do(first: int) -> None:
    for make, seed in CASES[first : first + 10]:
        case = make(seed)
        assert not differing_on_cluster(case), f"seed {seed}: {case}"


@pytest.mark.engine
def test_parts_do_the_same_in_the_local_runner(kubeflow: Kubeflow) -> None:
    for seed in LOCAL_SEEDS:
        case = kubeflow_case(seed)
        assert not compare_case(case, kubeflow), f"seed {seed}: {case}"


def test_specifications_with_parts_have_no_faults() -> None:
    lower = importlib.import_module("pipec.backends.kubeflow.lower").lower
    lint = importlib.import_module("pipec.backends.kubeflow.linting").lint
    loads = [(MAIN, load_program(make(seed).text)) for make, seed in CASES]
    loads += [(name, pipec.load(EXAMPLES / name / "pipeline.pipe")) for name in COMPILED]
    with_parts = 0
    for name, loaded in loads:
        assert loaded is not None
        assert loaded.program is not None
        made = lower(CompileRequest(loaded.program, name))
        assert lint(made.pipeline, made.platform) == (), name
        with_parts += any(one.startswith("comp-part-") for one in made.pipeline["components"])
    assert with_parts >= 40
