"""Specifications whose programs are written once do the same as `pipec run`: in the local runner and on a cluster."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from pipec.backends.kubeflow import sizes
from pipec.backends.kubeflow.linting import lint

from tests.differential.file_cases import FileCase, load_program
from tests.differential.file_generator import MAIN
from tests.differential.kubeflow_branches import branches_case
from tests.differential.kubeflow_comparison import compare_case, kubeflow_case, specification
from tests.differential.test_differential_kubeflow import differing_on_cluster
from tests.support.kubeflow import Kubeflow

pytestmark = pytest.mark.engine


@pytest.fixture(autouse=True)
def always_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sizes, "LARGEST", 0)


def cases() -> Iterator[FileCase]:
    """Some of those that do the same where each task holds its program."""
    yield from map(kubeflow_case, range(24))
    yield from map(branches_case, range(6))


def test_in_the_local_runner(kubeflow: Kubeflow) -> None:
    for case in cases():
        assert not compare_case(case, kubeflow), case


def test_by_the_rules_of_a_cluster() -> None:
    for case in cases():
        assert not differing_on_cluster(case), case


def test_programs_are_shared_and_nothing_is_wrong() -> None:
    texts = []
    for case in cases():
        loaded = load_program(case.text)
        assert loaded is not None
        texts.append(specification(loaded, MAIN))
    assert sum(len(shared_in(text)) >= 2 for text in texts) >= 20


def shared_in(text: str) -> list[str]:
    """The inputs of the pipeline that are programs, where the specification has no fault."""
    documents: list[Any] = list(yaml.safe_load_all(text))
    platform = documents[1]["platforms"]["kubernetes"] if len(documents) > 1 else {}
    assert lint(documents[0], platform) == ()
    parameters = documents[0]["root"].get("inputDefinitions", {}).get("parameters", {})
    return [name for name in parameters if name.startswith("pipec-")]
