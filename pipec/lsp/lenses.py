"""What editors show between the lines: the critical path of a pipeline, and what is worked out and not written."""

from __future__ import annotations

from collections.abc import Iterator

from lsprotocol import types as lsp

from pipec.analysis.critical_path import durations, has_estimates, timing
from pipec.analysis.graph import run_upstream
from pipec.analysis.plan_text import duration_text
from pipec.ir.model import Pipeline
from pipec.lsp.documents import Document
from pipec.lsp.members import type_of
from pipec.syntax import tree

_SHOWN = 8
"""How many tasks of a critical path are named."""


def code_lenses(document: Document) -> list[lsp.CodeLens]:
    """At each pipeline of a file without errors, what bounds the time of a run."""
    program = document.loaded.program
    if program is None:
        return []
    pipelines = [program.pipelines[key] for key in program.own]
    return [
        lsp.CodeLens(
            document.positions.range_of(document.loaded.span_of(pipeline.location)),
            command=lsp.Command(_title(pipeline), ""),
        )
        for pipeline in pipelines
        if pipeline.location is not None and pipeline.tasks
    ]


def _title(pipeline: Pipeline) -> str:
    """The critical path, as `pipec plan` works it out; the whole plan would take too long at every keystroke."""
    duration = durations(pipeline)
    times = timing(run_upstream(pipeline), duration)
    path = list(times.critical_path)
    if len(path) > _SHOWN:
        path = [*path[: _SHOWN // 2], "…", *path[-_SHOWN // 2 :]]
    if not has_estimates(pipeline):
        return f"longest chain {_count(round(times.length), 'task')} of {len(pipeline.tasks)}: {' → '.join(path)}"
    facts = [_count(len(pipeline.tasks), "task"), f"{duration_text(sum(duration.values()))} of work"]
    if pipeline.deadline is not None:
        margin = pipeline.deadline - times.length
        facts.append(f"{duration_text(abs(margin))} {'beyond' if margin < 0 else 'before'} the deadline")
    return f"critical path {duration_text(times.length)}: {' → '.join(path)} ({', '.join(facts)})"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def inlay_hints(document: Document, start: int, end: int) -> list[lsp.InlayHint]:
    """The types of consts and of the items of maps, and the trigger rules of joins, where they are not written."""
    hints = [*_types(document), *_rules(document)]
    return [
        lsp.InlayHint(document.positions.position(place), label, kind, padding_left=kind is None)
        for place, label, kind in sorted(hints, key=lambda hint: hint[0])
        if start <= place <= end
    ]


_Hint = tuple[int, str, lsp.InlayHintKind | None]


def _types(document: Document) -> Iterator[_Hint]:
    for one in document.index.occurrences:
        node, symbol = one.definition.node, one.definition.symbol
        is_open = (isinstance(node, tree.Const) and node.type is None) or one.definition.kind == "item"
        type = type_of(symbol) if one.declares and is_open and symbol is not None else None
        if type is not None:
            yield one.span.end, f": {type}", lsp.InlayHintKind.Type


def _rules(document: Document) -> Iterator[_Hint]:
    """The rule that a join gets, at the name of the task; once for all instances of a loop."""
    program = document.loaded.program
    seen: set[int] = set()
    for key in program.own if program is not None else ():
        for task in program.pipelines[key].tasks if program is not None else ():
            is_implied = task.trigger_rule == "none_failed_min_one_success" and "trigger_rule" not in task.locations
            if is_implied and task.location is not None and task.location.end not in seen:
                seen.add(task.location.end)
                yield task.location.end, f"joins: {task.trigger_rule}", None
