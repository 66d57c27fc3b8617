"""A simulation as text for people."""

from __future__ import annotations

from collections.abc import Iterator

from pipec.analysis.plan_text import duration_text
from pipec.analysis.quantities import cores, memory
from pipec.simulation.assumed_text import assumed_lines
from pipec.simulation.comparing import slots_lines, what_if_lines
from pipec.simulation.criticality import critical_chain
from pipec.simulation.gantt import gantt
from pipec.simulation.simulation import Simulation
from pipec.simulation.statistics import Proportion
from pipec.simulation.study import Findings
from pipec.simulation.words import amount, count, percent, shortened, total

_REASONS = 8
"""So many reasons of failures are told."""


def simulation_text(simulation: Simulation) -> str:
    """What came of it, what was compared, and what was taken for granted. Ends in a newline."""
    first = simulation.findings[0]
    lines = [_headline(simulation), ""]
    match simulation.compared:
        case "slots":
            lines += slots_lines(simulation.findings)
        case "what_if":
            lines += what_if_lines(simulation.findings)
        case None:
            lines += [*_figures(first), *_typical(first)]
    assumed = list(assumed_lines(simulation.findings))
    if assumed:
        lines += ["", "assumed", *(f"  {line}" for line in assumed)]
    return "\n".join(lines) + "\n"


def _headline(simulation: Simulation) -> str:
    findings = simulation.findings
    first = max(findings, key=lambda found: found.runs)
    if not first.is_random:
        return f"{simulation.pipeline}: one run says it all, for nothing in it is left to chance"
    each = " each" if len(findings) > 1 else ""
    return f"{simulation.pipeline}: {count(first.runs, 'simulated run')}{each}, seed {first.seed}"


# --- one scenario --------------------------------------------------------------------------------


def _figures(found: Findings) -> Iterator[str]:
    yield _line("makespan", _makespan(found))
    if (deadline := _deadline(found)) is not None:
        yield _line("deadline", deadline)
    for name, task in found.tasks.items():
        if task.late:
            yield _line("", f"{name} misses its own in {percent(task.late / found.runs)} of runs")
    yield _line("success", _success(found))
    yield from (_line("", reason) for reason in found.reasons[:_REASONS])
    yield _line("capacity", _capacity(found))
    yield _line("queueing", _queueing(found))
    yield _line("critical", _critical(found))


def _line(head: str, text: str) -> str:
    return f"{head:<11}{text}"


def _makespan(found: Findings) -> str:
    makespan = found.makespan
    if not found.is_random:
        return amount(found, makespan.p50)
    some = {0: "   of runs that all fail", found.runs: ""}.get(
        found.success.count, f"   of the {found.success.count} runs that succeed"
    )
    if amount(found, makespan.min) == amount(found, makespan.max):
        return f"{amount(found, makespan.p50)} in every run{some}"
    return (
        f"p50 {amount(found, makespan.p50)}   p95 {amount(found, makespan.p95)}   p99 {amount(found, makespan.p99)}"
        f"   (from {amount(found, makespan.min)} to {amount(found, makespan.max)}){some}"
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
    return f"{text} is {'met' if margin >= 0 else 'missed'}, by {amount(found, abs(margin))}"


def _success(found: Findings) -> str:
    if not found.is_random:
        return "yes" if found.success.count else "no, it fails"
    return f"{_how_often(found.success)}"


def _how_often(proportion: Proportion) -> str:
    if proportion.count == proportion.total:
        return f"in every run (95 % sure: in more than {percent(proportion.low)})"
    if not proportion.count:
        return f"in no run (95 % sure: in less than {percent(proportion.high)})"
    sure = f"{percent(proportion.low)} to {percent(proportion.high)}"
    return f"in {percent(proportion.share)} of runs (95 % sure: {sure})"


def _capacity(found: Findings) -> str:
    usage, shared = found.usage, found.scenario.shared
    parts = []
    for name, limit in usage.limits.items():
        match name:
            case "slots":
                amount = count(round(limit), "slot")
            case "memory":
                amount = f"{memory(round(limit))} of memory"
            case "cpu":
                amount = f"{cores(limit)} cpu"
            case "gpu":
                amount = f"{limit:g} gpu"
            case pool:
                amount = f"{pool} of {limit:g}"
        parts.append(f"{amount}, {percent(usage.shares[name])} in use")
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
    named = [f"{name} {total(found, task.queued / found.runs)}" for name, task in longest[:3] if task.queued > 0]
    whole = "in all" if not found.is_random else "a run, in all"
    return f"{total(found, mean)} {whole}; most of it {', '.join(named)}"


def _critical(found: Findings) -> str:
    if not found.is_random:
        return shortened(critical_chain(found.typical), " -> ")
    ordered = sorted(found.tasks.items(), key=lambda item: -item[1].critical)
    named = [f"{name} {percent(task.critical / found.runs)}" for name, task in ordered if task.critical and task.busy]
    return shortened(named, ", ")


def _typical(found: Findings) -> Iterator[str]:
    run = found.typical
    if not run.starts:
        return
    which = "the run of median length" if found.is_random else "the run"
    yield ""
    yield f"{which}: █ runs, ▒ fails, · waits for capacity, * the length hangs on it"
    yield from gantt(run, set(critical_chain(run)), lambda seconds: amount(found, seconds))
