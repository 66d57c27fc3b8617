"""The language as data: reads the files of `pipec.grammar`."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path


def read_grammar_file(name: str) -> str:
    """The text of a file of the folder `grammar`. Raises OSError where there is none."""
    (folder,) = import_module("pipec.grammar").__path__
    return Path(folder, name).read_text("utf-8")
