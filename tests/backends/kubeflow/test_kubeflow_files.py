"""A specification as a whole, to be read. The compressed program in its commands is left out."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

import pipec
from tests.support.kubeflow import Kubeflow

GOLDEN = Path(__file__).with_name("golden")
SOURCES = sorted(GOLDEN.glob("*.pipe"))


def compiled(source: Path) -> str:
    return pipec.compile(pipec.load(source), "kubeflow")[0].text


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_golden(source: Path, golden: Callable[[Path, str], None]) -> None:
    golden(source.with_suffix(".yaml.txt"), re.sub(r"b64decode\('[^']*'\)", "b64decode('…')", compiled(source)))


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_the_same_source_gives_the_same_bytes(source: Path) -> None:
    assert compiled(source) == compiled(source)


@pytest.mark.engine
@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_what_is_written_is_valid(source: Path, kubeflow: Kubeflow) -> None:
    assert kubeflow.validate(compiled(source)) == []
