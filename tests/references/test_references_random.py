"""Programs that run as they are: nothing is wrong with what they name."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.differential.file_cases import random_file_case
from tests.references.support import diagnostics_of, said


@pytest.mark.parametrize("seed", range(15))
def test_nothing_is_said_of_programs_that_run(tmp_path: Path, seed: int) -> None:
    case = random_file_case(seed)
    assert said(diagnostics_of(tmp_path, case.text, {"steps.py": case.steps})) == []
