"""Reports that only repeat a syntax fault in other words.

Where syntax faults leave in doubt what was meant, the tree holds a guess. A report about such a place, about something
declared there, or about a name that is written there and nowhere understood, would send its reader after a fault that
is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise

from pipec.diagnostics.model import Diagnostic, Diagnostics
from pipec.semantics.modules import Module
from pipec.syntax.recovery import IN_DOUBT
from pipec.syntax.source import Source, Span

_WORD = re.compile(r"[A-Za-z_]\w*")
_OF_TREE = frozenset({"P0012", "P0013", "P0015", "P0016", "P0017"})
"""Syntax faults that are seen in the tree alone."""
_OF_NAMES = frozenset({"P0101", "P0105", "P0106", "P0205", "P0206", "P0208", "P0307", "P0404"})
_OF_LACKS = frozenset({"P0405", "P0412"})
"""What is missing from a block or misplaced in it may well be right where something could not be read."""


def drop_echoes(diagnostics: Diagnostics, modules: Iterable[Module]) -> None:
    """Takes the echoes of syntax faults in these files out of what was found."""
    options = {(one.span.source, one.span.text) for one in diagnostics.found if one.code == "P0301"}
    if options:  # `data = python(…)`: what is then read by that name is the same fault
        diagnostics.found = [
            one for one in diagnostics.found if one.code != "P0101" or (one.span.source, one.span.text) not in options
        ]
    damage = _Damage(diagnostics.found, list(modules))
    if damage.regions:
        diagnostics.found = [one for one in diagnostics.found if not damage.is_echoed_by(one)]


class _Damage:
    """The lines in doubt of each file, `words` being all that is written on them."""

    def __init__(self, found: list[Diagnostic], modules: list[Module]) -> None:
        spans = [span for module in modules for span in module.file.damaged]
        spans += [one.span for one in found if one.code in IN_DOUBT]
        self.regions: dict[Source, list[Span]] = {}
        for span in map(_lines, spans):
            self.regions.setdefault(span.source, []).append(span)
        for source, regions in self.regions.items():
            self.regions[source] = _united(regions)
        self.words = {word for regions in self.regions.values() for one in regions for word in _WORD.findall(one.text)}
        self.nameless = [Span(module.source, start, start) for module in modules for start in module.file.nameless]
        self.items = [item.span for module in modules for item in module.file.items]

    def is_echoed_by(self, one: Diagnostic) -> bool:
        if one.code.startswith("P00") and one.code not in _OF_TREE:
            return False
        return (
            one.code == "L001"
            or any(self.covers(span) for span in (one.span, *(label.span for label in one.labels)))
            or (one.code in _OF_NAMES and not self.words.isdisjoint(_WORD.findall(one.span.text)))
            or (one.code in _OF_LACKS and self.is_in_damaged_item(one.span))
            or (one.code in _OF_NAMES and self.may_name_what_has_no_name(one.span))
        )

    def covers(self, span: Span) -> bool:
        """Whether some of a place is in doubt."""
        return any(
            region.start <= span.end and span.start <= region.end for region in self.regions.get(span.source, ())
        )

    def is_in_damaged_item(self, span: Span) -> bool:
        item = self.item_of(span)
        return item is not None and self.covers(item)

    def may_name_what_has_no_name(self, span: Span) -> bool:
        """Whether a declaration without a name may be seen from a place: it may be what is named there."""
        return any(
            place.source is span.source and self.item_of(place) in (None, self.item_of(span)) for place in self.nameless
        )

    def item_of(self, span: Span) -> Span | None:
        """The declaration of the file around a place."""
        for item in self.items:
            if item.source is span.source and item.start <= span.start and span.end <= item.end:
                return item
        return None


def _lines(span: Span) -> Span:
    """The whole lines that a place is on; not the one that only begins at its end."""
    text = span.source.text
    start = text.rfind("\n", 0, span.start) + 1
    last = max(start, span.start + len(span.text.rstrip()))
    end = text.find("\n", last)
    return Span(span.source, start, len(text) if end < 0 else end)


def _united(spans: list[Span]) -> list[Span]:
    """The spans without those that are in others, in order."""
    ordered = sorted(spans, key=lambda span: (span.start, -span.end))
    return [ordered[0], *(later for earlier, later in pairwise(ordered) if later.end > earlier.end)]
