"""A folder of files and a way to call the command line in this process."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from pipec.cli import main

ETL = """\
pipeline etl(day: str = "today") {
  task extract(day) = shell('echo "$day"')
  task clean = shell('true')
  task check = shell('true')
  task load = shell('true')
  order extract -> [clean, check] -> load
}
"""
BAD = """\
pipeline bad {
  task a = shell('true') { retires = 2 }
  order a -> c
}
"""
UNUSED = 'import "lib.pipe" as lib\n' + ETL
LIBRARY = "component work = shell('true')\n"
TWO = "pipeline one { task a = shell('true') }\npipeline two { task b = shell('true') }\n"
CACHED = "pipeline report {\n  task a = shell('true') { cache = true }\n}\n"


@dataclass(frozen=True)
class Called:
    """What a command left behind."""

    exit_code: int
    out: str
    err: str


Call = Callable[..., Called]


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Call:
    def run(*words: str) -> Called:
        exit_code = main(words)
        captured = capsys.readouterr()
        return Called(exit_code, captured.out, captured.err)

    return run


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder of the test, with files of every kind."""
    monkeypatch.chdir(tmp_path)
    files = {"etl": ETL, "bad": BAD, "unused": UNUSED, "lib": LIBRARY, "two": TWO, "cached": CACHED}
    for name, text in files.items():
        Path(f"{name}.pipe").write_text(text, encoding="utf-8")
    return tmp_path
