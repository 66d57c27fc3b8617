"""A simulation as text for people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pipec.analysis.plan_text import duration_text
from pipec.analysis.quantities import cores, memory
from pipec.simulation.assumptions import Assumed
from pipec.simulation.criticality import critical_chain
from pipec.simulation.gantt import gantt
from pipec.simulation.simulation import Simulation
from pipec.simulation.statistics import Proportion
from pipec.simulation.study import Findings

_NAMED = 8
"""So many tasks of a list are named."""
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
_LONGEST_NAME = 36
"""Of changes that stand in a table themselves."""
_EXACT = 1e-6
"""Seconds that come of adding fractions."""
_WORTH = 0.01
"""What makes runs shorter by a smaller part is not worth a slot, where luck is at play."""


def simulation_text(simulation: Simulation) -> str:
    """What came of it, what was compared, and what was taken for granted. Ends in a newline."""
    first = simulation.findings[0]
    lines = [_headline(simulation), ""]
    match simulation.compared:
        case "slots":
            lines += _slots(simulation.findings)
        case "what_if":
            lines += _what_ifs(simulation.findings)
        case None:
            lines += [*_figures(first), "", *_typical(first)]
    assumed = list(_assumed(simulation.findings))
    if assumed:
        lines += ["", "assumed", *(f"  {line}" for line in assumed)]
    return "\n".join(lines) + "\n"


def _headline(simulation: Simulation) -> str:
    findings = simulation.findings
    first = max(findings, key=lambda found: found.runs)
    if not first.is_random:
        return f"{simulation.pipeline}: one run says it all, for nothing in it is left to chance"
    each = " each" if len(findings) > 1 else ""
    return f"{simulation.pipeline}: {_count(first.runs, 'simulated run')}{each}, seed {first.seed}"


# --- one scenario --------------------------------------------------------------------------------


def _figures(found: Findings) -> Iterator[str]:
    yield _line("makespan", _makespan(found))
    if (deadline := _deadline(found)) is not None:
        yield _line("deadline", deadline)
    for name, task in found.tasks.items():
        if task.late:
            yield _line("", f"{name} misses its own in {_percent(task.late / found.runs)} of runs")
    yield _line("success", _success(found))
    yield from (_line("", reason) for reason in found.reasons[:_NAMED])
    yield _line("capacity", _capacity(found))
    yield _line("queueing", _queueing(found))
    yield _line("critical", _critical(found))


def _line(head: str, text: str) -> str:
    return f"{head:<11}{text}"


def _makespan(found: Findings) -> str:
    makespan = found.makespan
    if not found.is_random:
        return _amount(found, makespan.p50)
    some = "" if found.success.count in (0, found.runs) else f"   of the {found.success.count} runs that succeed"
    if _amount(found, makespan.min) == _amount(found, makespan.max):
        return f"{_amount(found, makespan.p50)} in every run{some}"
    return (
        f"p50 {_amount(found, makespan.p50)}   p95 {_amount(found, makespan.p95)}   p99 {_amount(found, makespan.p99)}"
        f"   (from {_amount(found, makespan.min)} to {_amount(found, makespan.max)}){some}"
    )


def _deadline(found: Findings) -> str | None:
    deadline = found.scenario.pipeline.deadline
    if deadline is None:
        return None
    text = duration_text(deadline)
    if found.late is None:
        return f"{text}: nothing is known of it without estimates"
    if found.is_random:
        return f"{text} is missed {_how_often(found.late)}"
    margin = deadline - found.makespan.p50
    return f"{text} is {'met' if margin >= 0 else 'missed'}, by {_amount(found, abs(margin))}"


def _success(found: Findings) -> str:
    if not found.is_random:
        return "yes" if found.success.count else "no, it fails"
    return f"{_how_often(found.success)}"


def _how_often(proportion: Proportion) -> str:
    if proportion.count == proportion.total:
        return f"in every run (95 % sure: in more than {_percent(proportion.low)})"
    if not proportion.count:
        return f"in no run (95 % sure: in less than {_percent(proportion.high)})"
    sure = f"{_percent(proportion.low)} to {_percent(proportion.high)}"
    return f"in {_percent(proportion.share)} of runs (95 % sure: {sure})"


def _capacity(found: Findings) -> str:
    usage, shared = found.usage, found.scenario.shared
    parts = []
    for name, limit in usage.limits.items():
        match name:
            case "slots":
                amount = _count(round(limit), "slot")
            case "memory":
                amount = f"{memory(round(limit))} of memory"
            case "cpu":
                amount = f"{cores(limit)} cpu"
            case "gpu":
                amount = f"{limit:g} gpu"
            case pool:
                amount = f"{pool} of {limit:g}"
        parts.append(f"{amount}, {_percent(usage.shares[name])} in use")
    if shared.slots is None:
        parts.insert(0, f"slots without limit, at most {usage.peak} in use at once")
    if shared.slots is not None and shared.slots != found.scenario.capacity.slots:
        parts.append("the pipeline's own `concurrency` sets the slots")
    return "; ".join(parts)


def _queueing(found: Findings) -> str:
    if found.usage.queued <= 0:
        return "none: what may start finds room at once"
    mean = found.usage.queued / found.runs
    longest = sorted(found.tasks.items(), key=lambda item: -item[1].queued)
    named = [f"{name} {_total(found, task.queued / found.runs)}" for name, task in longest[:3] if task.queued > 0]
    whole = "in all" if not found.is_random else "a run, in all"
    return f"{_total(found, mean)} {whole}; most of it {', '.join(named)}"


def _critical(found: Findings) -> str:
    if not found.is_random:
        return _shortened(critical_chain(found.typical), " -> ")
    ordered = sorted(found.tasks.items(), key=lambda item: -item[1].critical)
    named = [f"{name} {_percent(task.critical / found.runs)}" for name, task in ordered if task.critical and task.busy]
    return _shortened(named, ", ")


def _shortened(names: Sequence[str], separator: str) -> str:
    if len(names) <= _NAMED + 1:
        return separator.join(names) or "nothing takes any time"
    half = _NAMED // 2
    if separator == ", ":
        return separator.join([*names[:_NAMED], f"and {len(names) - _NAMED} more"])
    return separator.join([*names[:half], f"… {len(names) - 2 * half} more …", *names[-half:]])


def _typical(found: Findings) -> Iterator[str]:
    run = found.typical
    which = "the run of median length" if found.is_random else "the run"
    yield f"{which}: █ runs, ▒ fails, · waits for capacity, * the length hangs on it"
    yield from gantt(run, set(critical_chain(run)), lambda seconds: _amount(found, seconds))


# --- several -------------------------------------------------------------------------------------


def _slots(findings: Sequence[Findings]) -> Iterator[str]:
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
        "p50": _amount(found, found.makespan.p50),
        "p95": _amount(found, found.makespan.p95),
        "makespan": _amount(found, found.makespan.p50),
        "late": ""
        if found.late is None
        else _percent(found.late.share)
        if is_random
        else ("no", "yes")[found.late.count],
        "success": _percent(found.success.share),
        "slots in use": _percent(found.usage.shares["slots"])
        if "slots" in found.usage.shares
        else f"up to {found.usage.peak}",
        "queueing": _total(found, found.usage.queued / found.runs),
    }
    return [cells[head] for head in heads]


def _bought(before: Findings, found: Findings) -> str:
    gain = before.makespan.p50 - found.makespan.p50
    if _is_nothing(before, gain):
        return "nothing" if abs(gain) < _EXACT else "less than 1 %"
    return f"{'-' if gain > 0 else '+'}{_amount(found, abs(gain))}"


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


def _what_ifs(findings: Sequence[Findings]) -> Iterator[str]:
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
        told = f"{'+' if difference > 0 else '-'}{_amount(found, abs(difference))} ({share:+.1%})".replace("%", " %")
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


# --- what was taken for granted ------------------------------------------------------------------


def _assumed(findings: Sequence[Findings]) -> Iterator[str]:
    found = findings[0]
    assumed = _together([one.assumed for one in findings])
    if found.unit == "tasks":
        yield "no task has an estimate: every task counts 1, and times are numbers of tasks"
    elif assumed.without_estimate:
        yield f"no estimate, so no time: {_shortened(list(assumed.without_estimate), ', ')}"
    if overhead := found.scenario.assumptions.task_overhead:
        yield f"each attempt takes {duration_text(overhead)} more than its estimate"
    if assumed.approvals:
        name = next(iter(assumed.approvals))
        hint = f"(--delay {name}=2h, --given {name}=false)"
        yield f"approved at once: {_shortened(list(assumed.approvals), ', ')}   {hint}"
    if assumed.waits:
        yield f"there at once: {_shortened(list(assumed.waits), ', ')}   (--delay {next(iter(assumed.waits))}=30m)"
    for name in assumed.decisions:
        yield f"{name} goes either way, each in half of the runs   (--given {name}=true)"
    for name in assumed.maps:
        yield f"{name} has {_count(found.scenario.assumptions.unknown_items, 'item')}   (--items {name}=25)"
    for name in found.scenario.assumptions.items.keys() - assumed.items_used:
        yield f"{name}: the number of items that is given is not used, for its list is known or never computed"
    if assumed.requirements:
        yield f"requirements hold, for what they look at is not known: {_shortened(list(assumed.requirements), ', ')}"


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


def _amount(found: Findings, value: float) -> str:
    """A time: exact where there is one run, else no finer than the figures are."""
    if found.unit == "tasks":
        return _count(round(value), "task") if value == round(value) else f"{value:.1f} tasks"
    if not found.is_random:
        return duration_text(value)
    for least, step in ((7200, 60), (60, 1)):
        if found.makespan.p50 >= least:
            return duration_text(round(value / step) * step)
    return duration_text(value)


def _total(found: Findings, value: float) -> str:
    """A sum of times: of days no more than hours matter, of hours no more than minutes."""
    if found.unit == "tasks":
        return _amount(found, value)
    step = 3600 if value >= 2 * 86_400 else 60 if value >= 7200 else None
    return _amount(found, value if step is None else round(value / step) * step)


def _percent(share: float) -> str:
    if 0.9995 <= share < 1:
        return "over 99.9 %"
    if 0 < share < 0.0005:
        return "under 0.1 %"
    return (
        f"{share:.0%}".replace("%", " %")
        if share in (0, 1) or 0.1 <= share <= 0.99
        else f"{share:.1%}".replace("%", " %")
    )


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
