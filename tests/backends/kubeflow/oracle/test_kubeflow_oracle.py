"""What pipec writes for a pipeline is what Kubeflow's own compiler writes for the same one, written with the SDK.

Both say the same up to names and to the code of tasks, see `normal_form`, and up to what `DIFFERENCES` says exactly.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipec.api import compile, load
from tests.backends.kubeflow.oracle.normal_form import normal_form
from tests.support.kubeflow import Kubeflow

pytestmark = pytest.mark.engine

PAIRS = Path(__file__).with_name("pairs")
FEATURES = sorted(file.stem for file in PAIRS.glob("*.pipe"))

COLLECTED = '[["collected", ["output", "/(score)/score", "points"]], {"parameterType": "LIST"}]'
WORDS = '[["parameter", "words"], {"parameterType": "LIST"}]'
DIFFERENCES: dict[str, dict[str, tuple[Any, Any]]] = {
    "loop_collected": {
        # In the language a task behind an empty map is skipped. In Kubeflow it would fail: there is nothing to collect.
        "/tasks/best/inputs": ([COLLECTED, WORDS], [COLLECTED]),
        "/tasks/best/triggerPolicy": ({"condition": 'size(["parameter", "words"]) > 0'}, None),
    },
}
"""What pipec and the SDK write differently, by where it stands in the normal form; all else is equal."""


@pytest.mark.parametrize("feature", FEATURES)
def test_the_sdk_writes_the_same(feature: str, kubeflow: Kubeflow) -> None:
    written = kubeflow.compile_sdk((PAIRS / f"{feature}.py").read_text("utf-8"))
    compiled = compiled_file(feature)
    assert kubeflow.validate(compiled) == []
    ours, theirs = normal_form(kubeflow.canonical(compiled)), normal_form(kubeflow.canonical(written))
    assert dict(_differences(ours, theirs, "")) == DIFFERENCES.get(feature, {})


def _differences(ours: Any, theirs: Any, place: str) -> Iterator[tuple[str, tuple[Any, Any]]]:
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for name in sorted(ours.keys() | theirs.keys()):
            yield from _differences(ours.get(name), theirs.get(name), f"{place}/{name}")
    elif ours != theirs:
        yield place, (ours, theirs)


def compiled_file(feature: str) -> str:
    """The file that pipec writes for the pipeline of this name."""
    loaded = load(PAIRS / f"{feature}.pipe")
    assert not loaded.diagnostics.found, [fault.message for fault in loaded.diagnostics.found]
    (text,) = [file.text for file in compile(loaded, "kubeflow", pipeline=feature) if file.path.endswith(".yaml")]
    return text
