"""What pipec writes for a pipeline is what Kubeflow's own compiler writes for the same one, written with the SDK.

Both say the same up to names and to the code of tasks, see `normal_form`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pipec.api import compile, load
from tests.backends.kubeflow.oracle.normal_form import normal_form
from tests.support.kubeflow import Kubeflow

pytestmark = pytest.mark.engine

PAIRS = Path(__file__).with_name("pairs")
FEATURES = sorted(file.stem for file in PAIRS.glob("*.pipe"))

MAY_BE_EMPTY = "loop_collected"
"""Where the list of a loop may be empty, the SDK's file fails on a cluster: there is nothing to collect."""


@pytest.mark.parametrize("feature", [feature for feature in FEATURES if feature != MAY_BE_EMPTY])
def test_the_sdk_writes_the_same(feature: str, kubeflow: Kubeflow) -> None:
    ours, theirs = both(feature, kubeflow)
    assert ours == theirs


def test_a_loop_that_may_be_empty_stands_in_a_dag_that_gives_empty_lists(kubeflow: Kubeflow) -> None:
    """The loop itself is that of the SDK, and what reads of it is skipped with it, as the language says."""
    ours, theirs = both(MAY_BE_EMPTY, kubeflow)
    assert ours.keys() == theirs.keys()
    (name,) = ours["tasks"].keys() - {"best"}
    around = ours["tasks"][name]["tasks"]
    assert len(ours["tasks"][name]["outputs"]) == 1
    assert {key: task["triggerPolicy"]["condition"] for key, task in around.items()} == {
        "((score))": 'size(["parameter", "words"]) > 0',
        "map-score-lists-empty": '!(size(["parameter", "words"]) > 0)',
    }
    loop = json.dumps(around["((score))"]["tasks"]["(score)"]).replace(f"/{name}/((score))", "")
    assert json.loads(loop) == theirs["tasks"]["(score)"]
    assert ours["tasks"]["best"]["triggerPolicy"] == {"condition": 'size(["parameter", "words"]) > 0'}


def both(feature: str, kubeflow: Kubeflow) -> tuple[dict[str, Any], dict[str, Any]]:
    """The normal forms of what pipec writes and of what the SDK does."""
    written = kubeflow.compile_sdk((PAIRS / f"{feature}.py").read_text("utf-8"))
    compiled = compiled_file(feature)
    assert kubeflow.validate(compiled) == []
    return normal_form(kubeflow.canonical(compiled)), normal_form(kubeflow.canonical(written))


def compiled_file(feature: str) -> str:
    """The file that pipec writes for the pipeline of this name."""
    loaded = load(PAIRS / f"{feature}.pipe")
    assert not loaded.diagnostics.found, [fault.message for fault in loaded.diagnostics.found]
    (text,) = [file.text for file in compile(loaded, "kubeflow", pipeline=feature) if file.path.endswith(".yaml")]
    return text
