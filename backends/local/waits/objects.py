"""Waiting for objects of a store, such as S3: through fsspec, with the package of the store."""

from __future__ import annotations

from types import ModuleType

from pipec.runtime.looks import PatternError, object_matches

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
        try:
            return Met() if object_matches(store, path, self._protocol) else None
        except PatternError as error:
            raise WaitError(f"{self._uri} is no pattern: {error}") from error


def _fsspec() -> ModuleType:
    try:
        import fsspec.core  # type: ignore[import-untyped]
    except ImportError as error:
        raise WaitError('waiting for objects needs fsspec: install "pipec[objects]"', "error") from error
    module: ModuleType = fsspec
    return module


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())
