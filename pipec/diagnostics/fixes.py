"""Fixes applied to texts: all edits of one or none, and only where the text is better for it."""

from __future__ import annotations

import re
from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from pipec.diagnostics.model import Diagnostic, Edit
from pipec.frozen import Frozen
from pipec.syntax.source import Source, Span

Check = Callable[[str], Sequence[Diagnostic]]
"""What is found in a file if this is its text."""

_MOST_ROUNDS = 20
_FEW_TRIES = 8
_TOO_MANY = "P0018"
_OF_NAMES = "P01"
"""Codes that say nothing while a name may be one of those in a syntax fault; a line may hold two such names."""
_LATE = ("P0406", "P045", "P05", "P07")
"""Codes of stages that look at a file only when the earlier ones have found no error in it."""


class Mended(Frozen):
    """A text after all fixes that could be applied: how many were, and what is found in it now."""

    text: str
    fixed: int
    diagnostics: tuple[Diagnostic, ...]


def apply_fixes(source_text: str, diagnostics: Iterable[Diagnostic]) -> str:
    """The text with the fixes of diagnostics found in it; of those that touch each other the first by place.

    Fixes with an edit in any other text are left out.
    """
    return _edited(source_text, _compatible([], fixable(source_text, diagnostics)))


def fixable(source_text: str, diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Those diagnostics, by place, whose fix edits this text and no other."""
    ours = [
        diagnostic
        for diagnostic in diagnostics
        if diagnostic.fix and all(edit.span.source.text == source_text for edit in diagnostic.fix.edits)
    ]
    return sorted(ours, key=lambda one: (min(edit.span.start for edit in _edits(one)), one.span.start, one.code))


def mend(text: str, check: Check) -> Mended:
    """Applies fixes and checks again until nothing is left that can be mended.

    A fix is kept only where what it mends is gone and no error turns up in a line that it did not touch.
    """
    found = tuple(check(text))
    fixed = 0
    for _ in range(_MOST_ROUNDS):
        kept = _keep(text, found, fixable(text, found), check)
        if not kept:
            break
        fixed += len(kept)
        text = _edited(text, kept)
        found = tuple(check(text))
    return Mended(text, fixed, found)


def count_mendable(text: str, found: Sequence[Diagnostic], check: Check) -> int:
    """How many fixes of what was found in a text `mend` applies at least: told after a few checks of it."""
    return len(_keep(text, found, fixable(text, found), check, _FEW_TRIES))


def _keep(
    text: str, found: Sequence[Diagnostic], fixes: list[Diagnostic], check: Check, tries: int | None = None
) -> list[Diagnostic]:
    """The fixes that do good on top of each other: all at once, else halves one by one, in `tries` checks."""
    kept: list[Diagnostic] = []
    groups = [fixes]
    while groups and tries != 0:
        group = groups.pop()
        together = _compatible(kept, group)
        if len(together) == len(kept):
            continue
        tries = None if tries is None else tries - 1
        if _is_better(text, found, together, check):
            kept = together
        elif len(group) > 1:
            middle = len(group) // 2
            groups += [group[middle:], group[:middle]]
    return kept


def _compatible(kept: list[Diagnostic], more: list[Diagnostic]) -> list[Diagnostic]:
    """`kept` and those of `more` whose edits touch no edit of one before."""
    result = list(kept)
    taken = sorted((edit.span.start, edit.span.end) for diagnostic in kept for edit in _edits(diagnostic))
    for diagnostic in more:
        places = [(edit.span.start, edit.span.end) for edit in _edits(diagnostic)]
        if not any(_touches(taken, place) for place in places):
            result.append(diagnostic)
            for place in places:
                insort(taken, place)
    return result


def _touches(taken: list[tuple[int, int]], place: tuple[int, int]) -> bool:
    """Whether a place overlaps or abuts one of those taken, which are sorted and apart from each other."""
    index = bisect_left(taken, place)
    after = index < len(taken) and taken[index][0] <= place[1]
    return after or (index > 0 and taken[index - 1][1] >= place[0])


def _edits(diagnostic: Diagnostic) -> tuple[Edit, ...]:
    return diagnostic.fix.edits if diagnostic.fix else ()


def _sorted_edits(fixes: list[Diagnostic]) -> list[Edit]:
    return sorted((edit for one in fixes for edit in _edits(one)), key=lambda edit: (edit.span.start, edit.span.end))


def _edited(text: str, fixes: list[Diagnostic]) -> str:
    pieces: list[str] = []
    position = 0
    for edit in _sorted_edits(fixes):
        pieces += [text[position : edit.span.start], _replacement(text, edit)]
        position = edit.span.end
    return "".join([*pieces, text[position:]])


def _replacement(text: str, edit: Edit) -> str:
    """What an edit writes, with the line ends of the text."""
    return re.sub(r"(?<!\r)\n", "\r\n", edit.replacement) if "\r\n" in text else edit.replacement


# --- is it better? -------------------------------------------------------------------------------


def _is_better(text: str, found: Sequence[Diagnostic], fixes: list[Diagnostic], check: Check) -> bool:
    """Whether all that the fixes mend is gone, without new errors where they did not touch the text."""
    mended = Source("", _edited(text, fixes))
    now = check(mended.text)
    before = Counter((one.code, one.message) for one in found)
    after = Counter((one.code, one.message) for one in now)
    done = Counter((one.code, one.message) for one in fixes)
    if any(after[name] > before[name] - number for name, number in done.items()):
        return False
    return not _new_errors(text, found, _Moves(text, mended, _sorted_edits(fixes)), now)


def _new_errors(text: str, found: Sequence[Diagnostic], moves: _Moves, now: Sequence[Diagnostic]) -> bool:
    errors = [one for one in found if one.severity == "error"]
    known = {(one.code, one.message, moves.line_of(one.span)) for one in errors}
    faulty = {moves.line_of(one.span) for one in errors}
    unread = min((moves.line_of(one.span) for one in errors if one.code == _TOO_MANY), default=None)
    for one in now:
        if one.severity != "error" or (errors and one.code.startswith(_LATE)):
            continue
        line = one.span.source.position(one.span.start)[0] if one.span.source.text == moves.mended.text else 0
        if one.code.startswith(_OF_NAMES) and line in faulty:
            continue
        is_news = (one.code, one.message, line) not in known and line not in moves.touched
        if is_news and (unread is None or line < unread):
            return True
    return False


class _Moves:
    """Where the places of a text are after edits, which are sorted."""

    def __init__(self, text: str, mended: Source, edits: list[Edit]) -> None:
        self.text = text
        self.mended = mended
        self.ends: list[int] = []
        self.shifts: list[int] = [0]
        self.touched: set[int] = set()
        for edit in edits:
            written = len(_replacement(text, edit))
            start = edit.span.start + self.shifts[-1]
            first, last = mended.position(start)[0], mended.position(start + written)[0]
            self.touched.update(range(first, last + 1))
            self.ends.append(edit.span.end)
            self.shifts.append(self.shifts[-1] + written - (edit.span.end - edit.span.start))

    def line_of(self, span: Span) -> int:
        """The line of the mended text in which a place of the text stands now; 0 for places in other files."""
        if span.source.text != self.text:
            return 0
        shift = self.shifts[bisect_left(self.ends, span.start + 1)]
        return self.mended.position(max(span.start + shift, 0))[0]
