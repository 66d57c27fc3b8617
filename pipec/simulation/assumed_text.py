"""What a simulation took for granted, in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pipec.analysis.plan_text import duration_text
from pipec.simulation.assumptions import Assumed
from pipec.simulation.study import Findings
from pipec.simulation.words import count, shortened


def assumed_lines(findings: Sequence[Findings]) -> Iterator[str]:
    """What was taken for granted, and how to say otherwise."""
    found = findings[0]
    assumed = _together([one.assumed for one in findings])
    if found.unit == "tasks":
        yield "no task has an estimate: every task counts 1, and times are numbers of tasks"
    elif assumed.without_estimate:
        yield f"no estimate, so no time: {shortened(list(assumed.without_estimate), ', ')}"
    if overhead := found.scenario.assumptions.task_overhead:
        yield f"each attempt takes {duration_text(overhead)} more than its estimate"
    if assumed.approvals:
        name = next(iter(assumed.approvals))
        hint = f"(--delay {name}=2h, --given {name}=false)"
        yield f"approved at once: {shortened(list(assumed.approvals), ', ')}   {hint}"
    if assumed.waits:
        yield f"there at once: {shortened(list(assumed.waits), ', ')}   (--delay {next(iter(assumed.waits))}=30m)"
    for name in assumed.decisions:
        yield f"{name} goes either way, each in half of the runs   (--given {name}=true)"
    for name in assumed.maps:
        yield f"{name} has {count(found.scenario.assumptions.unknown_items, 'item')}   (--items {name}=25)"
    for name in found.scenario.assumptions.items.keys() - assumed.items_used:
        yield f"{name}: the number of items that is given is not used, for its list is known or never computed"
    if assumed.requirements:
        yield f"requirements hold, for what they look at is not known: {shortened(list(assumed.requirements), ', ')}"


def _together(several: Sequence[Assumed]) -> Assumed:
    """What was taken for granted in any scenario."""
    whole = Assumed()
    for one in several:
        whole.decisions |= one.decisions
        whole.maps |= one.maps
        whole.requirements |= one.requirements
        whole.approvals |= one.approvals
        whole.waits |= one.waits
        whole.without_estimate |= one.without_estimate
        whole.items_used |= one.items_used
    return whole
