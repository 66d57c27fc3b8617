"""A comparison for the terminal."""

from __future__ import annotations

from collections.abc import Iterator

from pipec.comparison.effects import Row, findings, rows
from pipec.comparison.lines import Line, heading, pipeline_lines, test_lines
from pipec.comparison.model import Comparison, PipelineChange
from pipec.comparison.summary import summary
from pipec.diagnostics.style import Painter

_STYLES = {"+": "good", "-": "error", "~": "warning", " ": "plain"}


def comparison_text(comparison: Comparison, color: bool) -> str:
    """All that changed, pipeline by pipeline, and a last line that sums it up. Ends in a newline."""
    paint = Painter(color)
    blocks = ["\n".join(_pipeline(one, paint)) for one in comparison.pipelines]
    tests = test_lines(comparison)
    if tests:
        title = paint("tests (no part of what runs)", "strong")
        blocks.append("\n".join([title, *(_line(line, paint) for line in tests)]))
    return "\n\n".join([*blocks, paint(summary(comparison), "strong")]) + "\n"


def _pipeline(pipeline: PipelineChange, paint: Painter) -> Iterator[str]:
    yield paint(heading(pipeline), "strong")
    for line in pipeline_lines(pipeline):
        yield _line(line, paint)
    if pipeline.times is not None and (table := rows(pipeline.times)):
        yield ""
        yield from _table(table, paint)
        yield from (f"  {line}" for line in findings(pipeline))


def _line(line: Line, paint: Painter) -> str:
    sign = paint(line.sign, _STYLES[line.sign])
    text = line.text if line.depth else paint(line.text, "strong" if line.sign != " " else "plain")
    return f"{'  ' * (line.depth + 1)}{sign} {text}".rstrip()


def _table(table: list[Row], paint: Painter) -> Iterator[str]:
    cells = [["", "old", "new", ""], *([row.name, row.old, row.new, row.difference] for row in table)]
    widths = [max(len(row[column]) for row in cells) for column in range(4)]
    for name, old, new, difference in cells:
        line = f"  {name:<{widths[0]}}  {old:>{widths[1]}}  {new:>{widths[2]}}  {difference:>{widths[3]}}".rstrip()
        yield paint(line, "faint") if name == "" else line
