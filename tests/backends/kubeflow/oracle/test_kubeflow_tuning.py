"""The example `tuning_pipeline` beside the same pipeline in the SDK's words."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipec.api import compile, load
from tests.backends.kubeflow.oracle.normal_form import normal_form
from tests.support.kubeflow import Kubeflow

EXAMPLE = Path(__file__).resolve().parents[4] / "examples" / "tuning_pipeline" / "pipeline.pipe"
ORIGINAL = Path(__file__).with_name("tuning_pipeline.py")


def code_lines(path: Path) -> int:
    """Lines that say something, comments left out."""
    lines = (line.strip() for line in path.read_text("utf-8").splitlines())
    return sum(bool(line) and not line.startswith("#") for line in lines)


@pytest.mark.engine
def test_the_sdk_writes_the_same(kubeflow: Kubeflow) -> None:
    (file,) = compile(load(EXAMPLE), "kubeflow")
    written = kubeflow.compile_sdk(ORIGINAL.read_text("utf-8"))
    assert kubeflow.validate(file.text) == []
    own, original = (normal_form(kubeflow.canonical(text)) for text in (file.text, written))
    for parameter in own["inputs"]["parameters"].values():
        parameter.pop("description", None)  # what the docstring of a function says of its parameters the SDK leaves out
    assert own == original


def test_the_original_is_more_than_twice_as_long() -> None:
    assert 2 * code_lines(EXAMPLE) <= code_lines(ORIGINAL)
