"""A comparison as Markdown for a comment on a pull request: nothing that a file says can act as Markdown or HTML."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from pipec.comparison.effects import findings, rows
from pipec.comparison.lines import Line, heading, pipeline_lines, test_lines
from pipec.comparison.model import Comparison, PipelineChange
from pipec.comparison.summary import summary

LONGEST = 60_000
"""So many characters are written at most: GitHub takes 65,536 in a comment."""

_DIFF_SIGNS = {"+": "+", "-": "-", "~": "!", " ": " "}
"""What GitHub colours in a block of `diff`; `!` is what it has for something that is another."""


def comparison_markdown(comparison: Comparison) -> str:
    """Collapsible details and a table of times for each pipeline, and the summary in the last line."""
    blocks: list[str] = []
    left = LONGEST
    for pipeline in comparison.pipelines:
        block = "\n".join(_pipeline(pipeline, left))
        blocks.append(block)
        left = max(0, left - len(block))
    tests = test_lines(comparison)
    if tests:
        blocks.append("\n".join(_details("tests (no part of what runs)", tests, left)))
    return "\n\n".join([*blocks, f"**{code(summary(comparison))}**"]) + "\n"


def _pipeline(pipeline: PipelineChange, left: int) -> Iterator[str]:
    lines = pipeline_lines(pipeline)
    yield f"### {code(heading(pipeline))}"
    if pipeline.times is not None and (table := rows(pipeline.times)):
        yield ""
        yield "| | old | new | |"
        yield "|---|---:|---:|---:|"
        for row in table:
            yield f"| {row.name} | {row.old} | {row.new} | {row.difference} |"
        for finding in findings(pipeline):
            yield ""
            yield code(finding)
    if lines:
        told = summary(Comparison(pipelines=(pipeline,)))
        yield ""
        yield from _details(told, lines, left)


def _details(title: str, lines: list[Line], left: int) -> Iterator[str]:
    """Lines that unfold, as a block of `diff`; not more of them than there is place for."""
    kept: list[str] = []
    for line in lines:
        written = f"{_DIFF_SIGNS[line.sign]} {'  ' * line.depth}{line.text}".rstrip()
        left -= len(written) + 1
        if left < 0:
            kept.append(f"… {len(lines) - len(kept):,} more lines: see `pipec diff`")
            break
        kept.append(written)
    fence = "`" * max(3, 1 + _longest_run("\n".join(kept)))
    yield "<details>"
    yield f"<summary><code>{html.escape(title)}</code></summary>"
    yield ""
    yield f"{fence}diff"
    yield from kept
    yield fence
    yield ""
    yield "</details>"


def code(text: str) -> str:
    """A text on one line in a span of code: nothing in it means anything, whatever it holds."""
    ticks = "`" * (1 + _longest_run(text))
    space = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{ticks}{space}{text}{space}{ticks}"


def _longest_run(text: str) -> int:
    """How many backticks stand side by side at most."""
    return max(map(len, re.findall("`+", text)), default=0)
