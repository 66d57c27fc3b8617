"""The nearest known name to a misspelt one."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

from pipec.diagnostics.model import Edit, Fix
from pipec.syntax.source import Span

_MANY = 200
_SHORTEST_WORD = 4
"""Words of fewer letters differ by one without being misspelt: `train_x` and `train_y`."""


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name most like `name`, or None where none is alike enough to be meant."""
    from difflib import get_close_matches  # here, because a file without faults needs no suggestions

    matches = get_close_matches(name, _worth_comparing(name, known), n=1, cutoff=0.6)
    return matches[0] if matches else None


def hint(name: str, known: Iterable[str], otherwise: str | None = None) -> str | None:
    """The help for a name that is not known: the nearest known one, or what else there is to say."""
    similar = nearest(name, known)
    return f"there is `{similar}`" if similar else otherwise


def correction(span: Span, name: str, known: Iterable[str]) -> Fix | None:
    """The fix of a misspelt name at `span`, bare or in quotes; None where it is not certain which one is meant.

    Certain is the only known name that differs by one slip of the keyboard in a word, or by capitals and underscores
    alone.
    """
    start = span.start + span.text.find(name)
    if span.text.strip("\"'") != name:
        return None
    meant = [
        one
        for one in dict.fromkeys(_worth_comparing(name, known))
        if _plain(one) == _plain(name) or _is_slip(name, one)
    ]
    if len(meant) != 1 or meant[0] == name:
        return None
    place = Span(span.source, start, start + len(name))
    return Fix(f"replace `{name}` by `{meant[0]}`", (Edit(place, meant[0]),))


def _worth_comparing(name: str, known: Iterable[str]) -> list[str]:
    """The known names; of very many only some that begin or end alike, since comparing takes its time."""
    names = list(known)
    if len(names) <= _MANY:
        return names
    alike = (one for one in names if one[:1] == name[:1] and one[-1:] == name[-1:] and abs(len(one) - len(name)) <= 2)
    return list(islice(alike, _MANY))


def _plain(name: str) -> str:
    return name.replace("_", "").lower()


def _is_slip(written: str, meant: str) -> bool:
    """Whether one letter is missing, superfluous or another one, or two stand in the wrong order, in a longer word."""
    start = 0
    while start < min(len(written), len(meant)) and written[start] == meant[start]:
        start += 1
    tail = 0
    while tail < min(len(written), len(meant)) - start and written[-1 - tail] == meant[-1 - tail]:
        tail += 1
    wrong, right = written[start : len(written) - tail], meant[start : len(meant) - tail]
    if len(wrong) > 1 or len(right) > 1:
        is_swapped = len(wrong) == 2 and wrong == right[::-1]
        if not is_swapped:
            return False
    words = (_word_around(written, start, len(wrong)), _word_around(meant, start, len(right)))
    return (wrong + right).isalpha() and all(len(word) >= _SHORTEST_WORD for word in words)


def _word_around(name: str, start: int, length: int) -> str:
    """The part of a name between underscores in which some letters stand."""
    before = name[:start].rpartition("_")[2]
    after = name[start + length :].partition("_")[0]
    return before + name[start : start + length] + after
