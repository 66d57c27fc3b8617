"""The built-in functions of expressions, as Python functions of positional arguments in native form.

Where Python's own function has the meaning wanted it is used as it is.
"""

from __future__ import annotations

import os
import posixpath
from collections.abc import Callable, Iterable
from typing import Any


def lower(text: str) -> str:
    """The text in lower case."""
    return text.lower()


def upper(text: str) -> str:
    """The text in upper case."""
    return text.upper()


def replace(text: str, old: str, new: str) -> str:
    """The text with every `old` replaced."""
    return text.replace(old, new)


def split(text: str, separator: str) -> list[str]:
    """The pieces between the separators. Raises ValueError where the separator is empty."""
    return text.split(separator)


def join(items: Iterable[str], separator: str) -> str:
    """The texts with the separator between them."""
    return separator.join(items)


def basename(uri: str) -> str:
    """The last piece of a path or URI; a slash at its end does not count."""
    return posixpath.basename(uri.rstrip("/"))


def env(name: str, default: str | None = None) -> str:
    """An environment variable. Raises LookupError where it is not set and there is no default."""
    value = os.environ.get(name, default)
    if value is None:
        raise LookupError(f"the environment variable {name} is not set")
    return value


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "len": len,
    "min": min,
    "max": max,
    "sum": sum,
    "any": any,
    "all": all,
    "round": round,
    "lower": lower,
    "upper": upper,
    "replace": replace,
    "split": split,
    "join": join,
    "format": format,
    "basename": basename,
    "env": env,
}
"""By the names of the language."""
