"""Waiting for objects of a store, such as S3: through fsspec, with the package of the store."""

from __future__ import annotations

import glob
from types import ModuleType
from typing import Any

from .contract import Condition, Met, WaitError


class ObjectCondition(Condition):
    """Met when the object is there, or where the URI has wildcards, when one matches."""

    def __init__(self, uri: str) -> None:
        self._uri = uri
        self._protocol = uri.partition("://")[0].rpartition("::")[2]

    def describe(self) -> str:
        return f"waits for {self._uri}"

    def check(self) -> Met | None:
        fsspec = _fsspec()
        try:
            # Without its caches: they would show forever what was there at the first look.
            store, path = fsspec.core.url_to_fs(self._uri, use_listings_cache=False)
        except ImportError as error:
            raise WaitError(f"waiting for {self._protocol}:// objects: {_one_line(error)}", "error") from error
        except ValueError as error:
            raise WaitError(f"waiting for {self._protocol}:// objects: {_one_line(error)}") from error
        store.invalidate_cache()
        if self._has_wildcards(path):
            return self._match(store, path)
        try:
            store.info(path)
        except FileNotFoundError:
            return None
        return Met()

    def _match(self, store: Any, pattern: str) -> Met | None:
        try:
            return Met() if store.glob(pattern) else None
        except ValueError as error:
            raise WaitError(f"{self._uri} is no pattern: {_one_line(error)}") from error

    def _has_wildcards(self, path: str) -> bool:
        """The question mark of a web address begins its query."""
        return glob.has_magic(path.replace("?", "") if self._protocol in ("http", "https") else path)


def _fsspec() -> ModuleType:
    try:
        import fsspec.core  # type: ignore[import-untyped]
    except ImportError as error:
        raise WaitError('waiting for objects needs fsspec: install "pipec[objects]"', "error") from error
    module: ModuleType = fsspec
    return module


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())
