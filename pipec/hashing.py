"""SHA-256 as `hashlib` has it, without OpenSSL: to load that takes longer than to check a small file.

Python brings a module for this, which `random` of the standard library prefers for the same reason. Its name depends on
the version, and builds may leave it out.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_MODULES = ("_sha2", "_sha256", "hashlib")


def sha256(content: bytes = b"") -> Any:
    """As `hashlib.sha256`: with `update`, `digest` and `hexdigest`."""
    for name in _MODULES:
        try:
            return import_module(name).sha256(content)
        except ImportError:
            continue
    raise AssertionError("Python always has hashlib")
