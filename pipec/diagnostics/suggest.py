"""The nearest known name to a misspelt one."""

from __future__ import annotations

from collections.abc import Iterable


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name most like `name`, or None where none is alike enough to be meant."""
    from difflib import get_close_matches  # here, because a file without faults needs no suggestions

    matches = get_close_matches(name, list(known), n=1, cutoff=0.6)
    return matches[0] if matches else None


def hint(name: str, known: Iterable[str], otherwise: str | None = None) -> str | None:
    """The help for a name that is not known: the nearest known one, or what else there is to say."""
    similar = nearest(name, known)
    return f"there is `{similar}`" if similar else otherwise
