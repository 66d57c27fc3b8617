"""A simulated run as a Gantt chart: what ran when, what waited for room, what failed."""

from __future__ import annotations

import math
from typing import Literal
from xml.etree.ElementTree import Element

from pipec.analysis.plan_words import count, duration_text
from pipec.pictures.chart import Bar, Chart, Row, draw_chart
from pipec.pictures.heading import HEADING_HEIGHT, draw_heading
from pipec.pictures.markup import picture, shape, styled, words, written
from pipec.pictures.plain_page import plain_page
from pipec.pictures.text_width import text_width
from pipec.simulation.criticality import critical_chain
from pipec.simulation.simulated import SimulatedAttempt, SimulatedTask
from pipec.simulation.study import Findings

_MARGIN, _WIDTH, _GAP = 24.0, 1160.0, 22.0
_SIGNS = {
    "bar critical": "the length hangs on it",
    "bar some": "runs",
    "queued": "waits for room",
    "bar failed": "fails",
}


def simulated_svg(found: Findings) -> str:
    """The run of median length as an SVG document that stands on its own."""
    root, width, height = _drawn(found)
    styled(root, width, height)
    return written(root)


def simulated_page(found: Findings) -> str:
    """The same as a page."""
    root, _, _ = _drawn(found)
    return plain_page(found.scenario.pipeline.name, written(root))


def simulated_chart(found: Findings) -> Chart:
    """The rows of the run of median length: the instances that ran, in the order of their starts."""
    run = found.typical
    critical = set(critical_chain(run))
    end = run.makespan if math.isfinite(run.makespan) else _last(list(run.tasks.values()))
    unit: Literal["seconds", "tasks"] = "tasks" if found.unit == "tasks" else "seconds"
    deadline = found.scenario.pipeline.deadline if unit == "seconds" else None
    rows = [_row(run.tasks[id], end, unit, is_critical=id in critical) for id in dict.fromkeys(run.starts)]
    return Chart(tuple(rows), end, unit, deadline)


def _drawn(found: Findings) -> tuple[Element, float, float]:
    chart = simulated_chart(found)
    body = Element("g", {"transform": f"translate({_MARGIN:g} {_MARGIN + HEADING_HEIGHT:g})"})
    high = draw_chart(body, chart, _WIDTH)
    _draw_signs(body, chart, high + 22)
    width, height = _WIDTH + 2 * _MARGIN, _MARGIN + HEADING_HEIGHT + high + 34 + _MARGIN
    summary = _summary(found, chart)
    root = picture("gantt", width, height, found.scenario.pipeline.name, summary)
    draw_heading(root, found.scenario.pipeline.name, summary, _MARGIN, _WIDTH)
    root.append(body)
    return root, width, height


def _summary(found: Findings, chart: Chart) -> str:
    which = f"the run of median length of {found.runs:,}" if found.is_random else "simulated"
    length = duration_text(chart.end) if chart.unit == "seconds" else count(round(chart.end), "task")
    parts = [which, f"{length} long", f"at most {found.usage.peak} at once"]
    if found.is_random:
        parts.append(f"{found.success.share:.1%} of runs succeed")
    if found.late is not None and found.is_random:
        parts.append(f"{found.late.share:.1%} miss the deadline")
    return " · ".join(parts)


def _row(task: SimulatedTask, end: float, unit: str, *, is_critical: bool) -> Row:
    bars: list[Bar] = []
    for attempt in task.attempts:
        if attempt.started > attempt.ready:
            bars.append(Bar("queued", attempt.ready, attempt.started))
        kind: Literal["run", "failed"] = "run" if attempt.failure is None else "failed"
        bars.append(Bar(kind, attempt.started, end if attempt.ended is None else attempt.ended))
    note = _length(task.attempts, end, unit)
    if len(task.attempts) > 1:
        note += f", {len(task.attempts)} attempts"
    text = f"{task.id}\n{task.state}, {note}"
    if task.queued:
        text += f"\nwaited {_amount(task.queued, unit)} for room"
    return Row(task.id, task.id, note, text, "critical" if is_critical else "some", tuple(bars))


def _length(attempts: list[SimulatedAttempt], end: float, unit: str) -> str:
    return _amount(sum((end if one.ended is None else one.ended) - one.started for one in attempts), unit)


def _amount(value: float, unit: str) -> str:
    return duration_text(value) if unit == "seconds" else count(round(value), "task")


def _last(tasks: list[SimulatedTask]) -> float:
    """The last moment that something is known of, where a run never ends."""
    return max((attempt.ended or attempt.started for task in tasks for attempt in task.attempts), default=0.0)


def _draw_signs(parent: Element, chart: Chart, y: float) -> None:
    x = 0.0
    for name in _SIGNS:
        if name in _shown(chart):
            shape(parent, "rect", name, x=x, y=y - 5, width=22, height=10 if name != "queued" else 5, rx=3)
            words(parent, "soft detail", x + 30, y + 4, _SIGNS[name])
            x += 30 + text_width(_SIGNS[name], 11) + _GAP


def _shown(chart: Chart) -> set[str]:
    """The classes of the bars of a chart."""
    bars = [(row.tone, bar.kind) for row in chart.rows for bar in row.bars]
    return {f"bar {tone}" if kind == "run" else "bar failed" if kind == "failed" else kind for tone, kind in bars}
