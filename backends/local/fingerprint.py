"""The source of a Python module, found as a task would find it but without importing anything."""

from __future__ import annotations

import hashlib
import os
import sys
from dataclasses import dataclass
from pathlib import Path

from pipec.references.finding import find_module


@dataclass(frozen=True, slots=True)
class ModuleSource:
    """The file of a module: its path as modules are named (`wafer/steps.py`), and the SHA-256 of what is in it."""

    path: str
    digest: str


class ModuleSources:
    """The sources of modules, each read once: what tasks import does not change during a run either.

    `folder` is that of the `.pipe` file, where modules are looked for first.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: dict[str, ModuleSource | str] = {}

    def find(self, module: str) -> ModuleSource | str:
        """The source of a module, or why there is none."""
        if module not in self._known:
            self._known[module] = self._read(module)
        return self._known[module]

    def _read(self, module: str) -> ModuleSource | str:
        try:
            spec = find_module(module, [os.fspath(self._folder), *sys.path])
            if spec is None:
                return f"there is no module {module} in {self._folder} or where Python looks"
            if spec.origin is None or not spec.has_location:
                return f"the module {module} has no file"
            content = Path(spec.origin).read_bytes()
        except (OSError, ImportError, SyntaxError, ValueError) as error:
            return f"the source of the module {module} cannot be read: {error}"
        return ModuleSource(_module_path(module, spec.origin), hashlib.sha256(content).hexdigest())


def _module_path(module: str, origin: str) -> str:
    """The end of the path of the file that its module has named: `wafer/steps.py`, `wafer/__init__.py`."""
    parts = Path(origin).parts
    length = module.count(".") + (2 if Path(origin).stem == "__init__" else 1)
    return "/".join(parts[-length:])
