"""What pipec writes for a pipeline is what Kubeflow's own compiler writes for the same one, written with the SDK.

Both say the same up to names and to the code of tasks, see `normal_form`.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from pipec.api import compile, load
from tests.backends.kubeflow.oracle.normal_form import normal_form
from tests.support.kubeflow import Kubeflow

pytestmark = pytest.mark.engine

PAIRS = Path(__file__).with_name("pairs")
FEATURES = sorted(file.stem for file in PAIRS.glob("*.pipe"))


@pytest.mark.parametrize("feature", FEATURES)
def test_the_sdk_writes_the_same(feature: str, kubeflow: Kubeflow) -> None:
    written = kubeflow.compile_sdk((PAIRS / f"{feature}.py").read_text("utf-8"))
    compiled = compiled_file(feature)
    assert kubeflow.validate(compiled) == []
    assert normal_form(kubeflow.canonical(compiled)) == normal_form(kubeflow.canonical(written))


def compiled_file(feature: str) -> str:
    """The file that pipec writes for the pipeline of this name."""
    loaded = load(PAIRS / f"{feature}.pipe")
    assert not loaded.diagnostics.found, [fault.message for fault in loaded.diagnostics.found]
    (text,) = [file.text for file in compile(loaded, "kubeflow", pipeline=feature) if file.path.endswith(".yaml")]
    return text
