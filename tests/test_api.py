"""The public API, as `import pipec` offers it."""

from __future__ import annotations

from pathlib import Path

import pytest

import pipec

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
