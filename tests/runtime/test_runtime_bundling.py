"""Programs made of modules: whole, or not made at all."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from pipec.runtime.bundling import bundle

HELPING = '''
"""Helps."""
from __future__ import annotations
import math
from pipec.ir.types import Type

def halved(number: Type) -> float:
    """Half of it."""
    return math.floor(number / 2)

def never_used() -> None:
    raise_an_error_if_it_is_there
'''
MAIN = '''
"""Calls."""
import sys
from .helping import halved

def main() -> int:
    print(halved(int(sys.argv[1])))
    return 0

sys.exit(main())
'''


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A package of two modules; its name."""
    folder = tmp_path / "bundled_package"
    folder.mkdir()
    for name, text in (("__init__", ""), ("helping", HELPING), ("calling", MAIN)):
        (folder / f"{name}.py").write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "bundled_package", raising=False)
    return "bundled_package"


def test_a_program_holds_what_it_needs_and_no_more(package: str) -> None:
    text = bundle([f"{package}.helping", f"{package}.calling"])
    assert "never_used" not in text
    assert "Half of it" not in text
    assert "pipec" not in text
    run = subprocess.run([sys.executable, "-I", "-c", text, "9"], capture_output=True, text=True, check=True)
    assert run.stdout == "4\n"


def test_a_program_that_lacks_a_module_is_not_made(package: str) -> None:
    with pytest.raises(ValueError, match="no module of the program defines halved"):
        bundle([f"{package}.calling"])
