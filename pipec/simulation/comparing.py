"""Scenarios of a simulation side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pipec.simulation.study import Findings
from pipec.simulation.words import amount, percent, total

_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
_LONGEST_NAME = 36
"""Of changes that stand in a table themselves."""
_EXACT = 1e-6
"""Seconds that come of adding fractions."""
_WORTH = 0.01
"""What makes runs shorter by a smaller part is not worth a slot, where luck is at play."""


# --- several -------------------------------------------------------------------------------------


def slots_lines(findings: Sequence[Findings]) -> Iterator[str]:
    """A row for each number of slots, and where one more stops paying."""
    is_random = any(found.is_random for found in findings)
    heads = _heads(findings, is_random)
    rows = [["slots", *heads, "this slot buys"]]
    for before, found in zip([None, *findings[:-1]], findings, strict=True):
        count = f"{found.scenario.capacity.slots}"
        rows.append([count, *_cells(found, is_random, heads), "" if before is None else _bought(before, found)])
    yield from _table(rows)
    yield ""
    yield from _verdict_on_slots(findings)


def _heads(findings: Sequence[Findings], is_random: bool) -> list[str]:
    heads = ["p50", "p95"] if is_random else ["makespan"]
    heads += ["late"] if findings[0].late is not None else []
    heads += ["success"] if any(found.success.count < found.runs for found in findings) else []
    return [*heads, "slots in use", "queueing"]


def _cells(found: Findings, is_random: bool, heads: Sequence[str]) -> list[str]:
    cells = {
        "p50": amount(found, found.makespan.p50),
        "p95": amount(found, found.makespan.p95),
        "makespan": amount(found, found.makespan.p50),
        "late": ""
        if found.late is None
        else percent(found.late.share)
        if is_random
        else ("no", "yes")[found.late.count],
        "success": percent(found.success.share),
        "slots in use": percent(found.usage.shares["slots"])
        if "slots" in found.usage.shares
        else f"up to {found.usage.peak}",
        "queueing": total(found, found.usage.queued / found.runs),
    }
    return [cells[head] for head in heads]


def _bought(before: Findings, found: Findings) -> str:
    gain = before.makespan.p50 - found.makespan.p50
    if _is_nothing(before, gain):
        return "nothing" if abs(gain) < _EXACT else "less than 1 %"
    return f"{'-' if gain > 0 else '+'}{amount(found, abs(gain))}"


def _is_nothing(before: Findings, gain: float) -> bool:
    least = _WORTH * before.makespan.p50 if before.is_random else _EXACT
    return abs(gain) <= least


def _verdict_on_slots(findings: Sequence[Findings]) -> Iterator[str]:
    best = min(found.makespan.p50 for found in findings)
    enough = next(found for found in findings if _is_nothing(found, found.makespan.p50 - best))
    count = enough.scenario.capacity.slots or 0
    last = findings[-1].scenario.capacity.slots or 0
    if count == last:
        yield f"Every slot up to {last} buys something: try more."
        return
    nothing = "nothing" if abs(enough.makespan.p50 - best) < _EXACT else "less than 1 %"
    enough_slots = "one slot is" if count == 1 else f"{count} slots are"
    yield f"A {_ordinal(count + 1)} slot buys {nothing}: {enough_slots} enough."
    concurrency = enough.scenario.pipeline.concurrency
    if concurrency == count:
        yield f"More than {concurrency} at once are not allowed: the pipeline's `concurrency` is {concurrency}."


def _ordinal(number: int) -> str:
    if number <= len(_ORDINALS):
        return _ORDINALS[number - 1]
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def what_if_lines(findings: Sequence[Findings]) -> Iterator[str]:
    """What is written and each change side by side."""
    is_random = any(found.is_random for found in findings)
    heads = _heads(findings, is_random)
    rows = [["", *heads, "changes the median by"]]
    names = [found.scenario.name for found in findings]
    if max(map(len, names)) > _LONGEST_NAME:
        yield from (f"what if {number}: {name}" for number, name in enumerate(names[1:], start=1))
        yield ""
        names[1:] = [f"what if {number}" for number in range(1, len(names))]
    for name, found in zip(names, findings, strict=True):
        difference = found.makespan.p50 - findings[0].makespan.p50
        share = difference / findings[0].makespan.p50 if findings[0].makespan.p50 else 0.0
        told = f"{'+' if difference > 0 else '-'}{amount(found, abs(difference))} ({share:+.1%})".replace("%", " %")
        last = "" if found is findings[0] else "nothing" if abs(difference) < _EXACT else told
        rows.append([name, *_cells(found, is_random, heads), last])
    if not is_random:
        rows[0][-1] = "which is"
    yield from _table(rows)


def _table(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        cells = [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        yield "  ".join(cells).rstrip()
