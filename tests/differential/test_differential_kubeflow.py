"""Specifications do the same as `pipec run`: run by the SDK's local runner, and played by the rules of a cluster.

In a run that failed Kubeflow starts less: what here goes on beside a failure may not run there. Nothing else differs.
"""

from __future__ import annotations

import importlib
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from pipec.api import Loaded
from pipec.backend import CompileRequest
from tests.backends.kubeflow import strict_yaml
from tests.backends.kubeflow.test_kubeflow_writing import assert_read_alike
from tests.differential.file_cases import FileCase, in_folder, load_program, run_here
from tests.differential.file_generator import MAIN
from tests.differential.kubeflow_branches import branches_case
from tests.differential.kubeflow_cluster_play import play_on_cluster
from tests.differential.kubeflow_comparison import compare_case, differing, kubeflow_case, specification
from tests.support.kubeflow import Kubeflow

SEEDS = range(150)
CLUSTER_SEEDS = range(60)
BRANCHES_SEEDS = range(20)
VERDICT = "run: failed here, success on Kubeflow"
"""What a cluster says where nothing but a `finally` task failed: an exit task counts for nothing there."""


@pytest.mark.engine
@pytest.mark.parametrize("first", SEEDS[::10])
def test_specifications_do_the_same_in_the_local_runner(first: int, kubeflow: Kubeflow) -> None:
    for seed in range(first, first + 10):
        case = kubeflow_case(seed)
        assert not compare_case(case, kubeflow), f"seed {seed}: {case}"


@pytest.mark.engine
@pytest.mark.parametrize("first", CLUSTER_SEEDS[::10])
def test_specifications_do_the_same_by_the_rules_of_a_cluster(first: int) -> None:
    for seed in range(first, first + 10):
        case = kubeflow_case(seed)
        assert not differing_on_cluster(case), f"seed {seed}: {case}"


@pytest.mark.engine
@pytest.mark.parametrize("first", BRANCHES_SEEDS[::5])
def test_branches_do_the_same(first: int, kubeflow: Kubeflow) -> None:
    """Decisions in decisions, and joins: in the local runner and by the rules of a cluster."""
    for seed in range(first, first + 5):
        case = branches_case(seed)
        assert not compare_case(case, kubeflow), f"seed {seed}: {case}"
        assert not differing_on_cluster(case), f"seed {seed}: {case}"


@pytest.mark.engine
@pytest.mark.parametrize(
    ("make", "seed"),
    [
        (kubeflow_case, 5062),  # a value is computed for a call that is skipped
        (kubeflow_case, 5091),  # a list is read that a map without items gives
        (branches_case, 5014),  # a value of one of four sides, chosen by decisions in decisions
    ],
)
def test_what_once_differed_on_a_cluster(make: Callable[[int], FileCase], seed: int) -> None:
    assert not differing_on_cluster(make(seed))


def test_some_of_the_branches_are_groups_with_joined_values() -> None:
    texts = []
    for seed in BRANCHES_SEEDS:
        loaded = load_program(branches_case(seed).text)
        assert loaded is not None
        texts.append(specification(loaded, MAIN))
    assert sum("-branches" in text for text in texts) >= 10
    assert sum("oneof-1" in text for text in texts) >= 4
    assert sum("-skipped" in text for text in texts) >= 4


def differing_on_cluster(case: FileCase) -> list[str]:
    with in_folder(case) as (loaded, folder):
        local = run_here(case, loaded, folder)
        remote = play_on_cluster(specification(loaded, MAIN), case.parameters, folder)
        found = list(differing(loaded, MAIN, local, remote, goes_on=True))
        if _only_finally_failed(loaded, local):
            assert found == [VERDICT], remote.log
            return []
        return found


def _only_finally_failed(loaded: Loaded, local: Any) -> bool:
    assert loaded.program is not None
    final = {task.id for task in loaded.program.pipelines[MAIN].tasks if task.is_finally}
    failed = {id.partition("[")[0] for id, result in local.tasks.items() if result.state == "failed"}
    return bool(failed) and failed <= final


@pytest.mark.engine
def test_specifications_have_no_faults() -> None:
    lower = importlib.import_module("pipec.backends.kubeflow.lower").lower
    lint = importlib.import_module("pipec.backends.kubeflow.linting").lint
    for seed in CLUSTER_SEEDS:
        loaded = load_program(kubeflow_case(seed).text)
        assert loaded is not None
        assert loaded.program is not None
        made = lower(CompileRequest(loaded.program, MAIN))
        assert lint(made.pipeline, made.platform) == (), seed


@pytest.mark.engine
def test_specifications_are_read_alike() -> None:
    for seed in CLUSTER_SEEDS:
        loaded = load_program(kubeflow_case(seed).text)
        assert loaded is not None
        text = specification(loaded, MAIN)
        assert_read_alike(text, *strict_yaml.read(text))


@pytest.mark.engine
def test_the_cases_hold_what_they_are_for() -> None:
    """Of everything enough, in cases that are the same every time."""
    assert kubeflow_case(1) == kubeflow_case(1)
    found = Counter(word for seed in SEEDS for word in _WORDS if word in kubeflow_case(seed).text)
    for word in _WORDS:
        assert found[word] >= 10, f"{word}: {found[word]}"


_WORDS = (
    "if ",
    "wait ",
    "map ",
    "finally",
    "= part0",
    "retry = ",
    "??",
    "[*]",
    "none_failed_min_one_success",
    "one_success",
    "gate ",
    "shell(",
    "dataset",
)
