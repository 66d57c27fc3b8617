"""A specification as a whole, to be read. The compressed program in its commands is left out."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

import pipec
from pipec.compilation import check_target, compile_to
from tests.backends.kubeflow import strict_yaml
from tests.backends.kubeflow.test_kubeflow_writing import assert_read_alike
from tests.support.kubeflow import Kubeflow

GOLDEN = Path(__file__).with_name("golden")
SOURCES = sorted(GOLDEN.glob("*.pipe"))
EXAMPLES = sorted((Path(__file__).parents[3] / "examples").rglob("*.pipe"))


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


@pytest.mark.engine
def test_every_file_is_read_alike() -> None:
    """All that can be written for Kubeflow of what stands in the repository, in both formats."""
    read = set()
    for source in (*SOURCES, *EXAMPLES):
        loaded = pipec.load(source)
        assert loaded.program is not None
        for name in loaded.program.pipelines:
            if not check_target(loaded, name, "kubeflow").has_errors:
                for form in ("yaml", "crd"):
                    text = compile_to(loaded, name, "kubeflow", format=form)[0].text
                    assert_read_alike(text, *strict_yaml.read(text))
                read.add(source.parent.name)
    assert len(read) > 8, read
