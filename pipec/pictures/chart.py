"""A Gantt chart: a row for each task, bars on a line of time."""

from __future__ import annotations

from typing import Literal
from xml.etree.ElementTree import Element

from pipec.analysis.plan_words import duration_text
from pipec.frozen import Frozen
from pipec.pictures.markup import shape, titled, words
from pipec.pictures.scene import Tone
from pipec.pictures.text_width import shortened, text_width
from pipec.pictures.timescale import Timescale

_ROW, _DENSE_ROW = 24.0, 17.0
_DENSE = 60
"""From how many rows on they are lower."""
_AXIS = 26.0
_BAR = 12.0
_LABEL_MAX = 260.0
_LABEL_SIZE, _NOTE_SIZE = 12.0, 11.0
_TICK = 90.0
"""Pixels that a tick of the axis needs."""


class Bar(Frozen):
    """A piece of a row, in the units of the chart."""

    kind: Literal["run", "failed", "queued", "slack"]
    start: float
    end: float


class Row(Frozen):
    """A task or an instance: `label` stands before its bars, `note` behind, `text` says all there is to know."""

    task: str
    label: str
    note: str
    text: str
    tone: Tone
    bars: tuple[Bar, ...]


class Chart(Frozen):
    """`end` is where the time ends, `deadline` None where there is none to show."""

    rows: tuple[Row, ...]
    end: float
    unit: Literal["seconds", "tasks"]
    deadline: float | None = None


def draw_chart(parent: Element, chart: Chart, width: float) -> float:
    """Draws a chart at 0, 0, this wide, and returns its height."""
    row_height = _ROW if len(chart.rows) <= _DENSE else _DENSE_ROW
    labels = {row.task: shortened(row.label, _LABEL_SIZE, _LABEL_MAX, is_bold=True) for row in chart.rows}
    left = 14 + max((text_width(label, _LABEL_SIZE, is_bold=True) for label in labels.values()), default=0.0)
    right = 14 + max((text_width(row.note, _NOTE_SIZE) for row in chart.rows), default=0.0)
    shows_deadline = chart.deadline is not None and chart.deadline <= chart.end * 1.5
    end = max(chart.end, chart.deadline or 0.0) if shows_deadline else chart.end
    scale = Timescale(end, max(width - left - right, 200.0), chart.unit)
    height = _AXIS + row_height * len(chart.rows)
    axis = shape(parent, "g", "axis")
    for moment, name in scale.ticks(max(2, int(scale.width / _TICK))):
        x = left + scale.x(moment)
        shape(axis, "line", "grid", x1=x, x2=x, y1=_AXIS - 6, y2=height)
        words(axis, "soft detail middle", x, _AXIS - 12, name)
    for index, row in enumerate(chart.rows):
        _draw_row(parent, row, labels[row.task], scale, left, _AXIS + index * row_height, row_height)
    if shows_deadline and chart.deadline is not None:
        x = left + scale.x(chart.deadline)
        shape(parent, "line", "limit", x1=x, x2=x, y1=_AXIS - 6, y2=height + 4)
        words(parent, "limit-text detail middle", x, height + 16, f"deadline {duration_text(chart.deadline)}")
        height += 20
    return height


def _draw_row(
    parent: Element, row: Row, label: str, scale: Timescale, left: float, top: float, row_height: float
) -> None:
    group = shape(parent, "g", f"row {row.tone}", data_task=row.task)
    titled(group, row.text)
    middle = top + row_height / 2
    shape(group, "rect", "stripe", x=0, y=top, width=left + scale.width, height=row_height)
    name = "text label end" + (" strong" if row.tone == "critical" else "")
    words(group, name, left - 12, middle + 4, label)
    end = 0.0
    for bar in row.bars:
        _draw_bar(group, bar, row.tone, scale, left, middle)
        end = max(end, bar.end)
    words(group, "soft detail", left + scale.x(end) + 7, middle + 4, row.note)


def _draw_bar(group: Element, bar: Bar, tone: Tone, scale: Timescale, left: float, middle: float) -> None:
    x, wide = left + scale.x(bar.start), scale.x(bar.end) - scale.x(bar.start)
    if bar.kind in ("slack", "queued"):
        shape(group, "rect", bar.kind, x=x, y=middle - 3, width=wide, height=6, rx=min(3.0, wide / 2))
        return
    wide = max(wide, 2.0)  # what takes no time is seen too
    name = f"bar {tone}" if bar.kind == "run" else "bar failed"
    shape(group, "rect", name, x=x, y=middle - _BAR / 2, width=wide, height=_BAR, rx=min(3.0, wide / 2))
