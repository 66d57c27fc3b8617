"""Compiles what is written with the SDK."""

from __future__ import annotations

import importlib.util
import sys
import tempfile
from importlib import import_module
from pathlib import Path
from typing import Any


def compiled(source: str) -> str:
    """The file that the SDK writes for the function `pipeline` of a module."""
    compiler: Any = import_module("kfp.compiler")
    with tempfile.TemporaryDirectory(prefix="pipec-kubeflow-") as folder:
        module = _module(Path(folder), source)
        target = Path(folder, "pipeline.yaml")
        compiler.Compiler().compile(module.pipeline, str(target))
        return target.read_text("utf-8")


def _module(folder: Path, source: str) -> Any:
    """The module of a text, from a file: the SDK looks up the source of functions there."""
    file = folder / "written_with_the_sdk.py"
    file.write_text(source, "utf-8")
    specification = importlib.util.spec_from_file_location(f"{file.stem}_{folder.name}", file)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    sys.modules[module.__name__] = module
    try:
        specification.loader.exec_module(module)
    finally:
        del sys.modules[module.__name__]
    return module
