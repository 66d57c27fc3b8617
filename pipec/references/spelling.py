"""Names that are surely meant to be another: nearly the same, and not its next version."""

from __future__ import annotations

import re
from collections.abc import Iterable

_LIKENESS = 0.85


def misspelt(name: str, known: Iterable[str]) -> str | None:
    """The known name that another was meant to be. Those that differ in digits alone are versions of each other."""
    from difflib import get_close_matches  # here, because a file without faults needs no suggestions

    others = [one for one in known if _without_digits(one) != _without_digits(name)]
    matches = get_close_matches(name, others, n=1, cutoff=_LIKENESS)
    return matches[0] if matches else None


def _without_digits(text: str) -> str:
    return re.sub(r"\d+", "0", text)
