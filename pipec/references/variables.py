"""Variables in a shell text that are probably misspelt: nobody sets them, and a task is given one of a near name."""

from __future__ import annotations

import re
from collections.abc import Iterator

_USED = re.compile(r"(?<!\\)\$(?:(?P<bare>[A-Za-z_]\w*)|\{(?P<braced>[A-Za-z_]\w*)\})", re.ASCII)
_WORD = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_QUOTED = re.compile(r"\\.|\"(?:\\.|[^\"\\])*\"|'([^']*)'", re.DOTALL)
"""An escaped character, a text in double quotes, one in single quotes."""
_LIKENESS = 0.8


def misspelt_variables(text: str, given: frozenset[str]) -> Iterator[tuple[str, str, int]]:
    """Variables that a text reads, with the given one that is meant, and where `$` stands, each variable once.

    Only where all is clear: the text sets nothing of the name and does not say it anywhere but behind `$`, the task is
    given a variable of a near name, and the text does nothing with that one.
    """
    readable = _without_single_quotes(text)
    used = {match["bare"] or match["braced"]: match.start() for match in reversed(list(_USED.finditer(readable)))}
    unknown = [name for name in used if name not in given]
    if not unknown:
        return
    words = [match.group() for match in _WORD.finditer(text)]
    unread = sorted(given.difference(words))
    if not unread:
        return
    for name in reversed(unknown):
        reads = len(re.findall(rf"\$(?:{name}\b|\{{{name}\}})", text, re.ASCII))
        if words.count(name) > reads:
            continue  # it is set somewhere, or may be missing, or is a word of the text for another reason
        near = _near(name, unread)
        if near is not None:
            yield name, near, used[name]


def _near(name: str, known: list[str]) -> str | None:
    from difflib import get_close_matches

    alike = [one for one in known if sorted(one.lower()) == sorted(name.lower())]  # `DAY` and `dya` for `day`
    if not alike:
        alike = get_close_matches(name, known, n=1, cutoff=_LIKENESS)
    return alike[0] if alike else None


def _without_single_quotes(text: str) -> str:
    """The text with blanks for what stands in single quotes, where `$` is a letter like any other."""
    if "'" not in text:
        return text
    return _QUOTED.sub(lambda match: match[0] if match[1] is None else " " * len(match[0]), text)
