"""Where Python would find a module, without importing anything."""

from __future__ import annotations

import os
import pkgutil
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec


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
        try:
            spec = finder.find_spec(name, None)
        except Exception:  # one of somebody else that fails says nothing of where the module is
            continue
        if spec is not None:
            return spec
    return None
