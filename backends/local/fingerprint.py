"""The source of a Python module, found as a task would find it but without importing anything."""

from __future__ import annotations

import hashlib
import os
import pkgutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.machinery import ModuleSpec
from pathlib import Path


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


def find_module(module: str, path: Sequence[str]) -> ModuleSpec | None:
    """Where Python would find a module on this path; packages around it are looked into but not imported."""
    spec: ModuleSpec | None = None
    places: Sequence[str] = path
    name = ""
    for part in module.split("."):
        name = f"{name}.{part}" if name else part
        spec = _find_in(name, places) or (_found_by_others(name) if name == part else None)
        if spec is None:
            return None
        places = list(spec.submodule_search_locations or ())
    return spec


def _find_in(name: str, places: Sequence[str]) -> ModuleSpec | None:
    """The module or, where there is none, the namespace package of all folders of its name."""
    portions: list[str] = []
    for place in places:
        finder = pkgutil.get_importer(place or os.getcwd())
        spec = finder.find_spec(name) if finder is not None else None
        if spec is None:
            continue
        if spec.loader is not None:
            return spec
        portions.extend(spec.submodule_search_locations or ())
    if not portions:
        return None
    namespace = ModuleSpec(name, None, is_package=True)
    namespace.submodule_search_locations = portions
    return namespace


def _found_by_others(name: str) -> ModuleSpec | None:
    """What is built into Python, or found by finders that installed packages brought, such as editable ones."""
    for finder in sys.meta_path:
        spec = finder.find_spec(name, None)
        if spec is not None:
            return spec
    return None


def _module_path(module: str, origin: str) -> str:
    """The end of the path of the file that its module has named: `wafer/steps.py`, `wafer/__init__.py`."""
    parts = Path(origin).parts
    length = module.count(".") + (2 if Path(origin).stem == "__init__" else 1)
    return "/".join(parts[-length:])
