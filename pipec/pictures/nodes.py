"""The boxes of a picture: what is written on them and how large they are."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any

from pipec.analysis.plan import Plan, PlannedTask
from pipec.analysis.plan_words import amount, duration_text
from pipec.ir.model import Decision, Task
from pipec.ir.printout import expression_text
from pipec.pictures import sizes
from pipec.pictures.scene import Chip, Node, Tone
from pipec.pictures.text_width import shortened, text_width

BADGES = {
    "python": "py",
    "shell": "sh",
    "command": "cmd",
    "image": "image",
    "notebook": "nb",
    "sql": "sql",
    "pipeline": "pipeline",
    "decision": "if",
    "gate": "gate",
    "approval": "approval",
    "wait": "wait",
}
TONES: tuple[Tone, ...] = ("critical", "tight", "some", "ample", "idle")
_TIGHT, _SOME = 0.1, 1 / 3
"""Shares of the critical path up to which slack counts as little, and as some."""


def tone_of(plan: Plan, task: PlannedTask) -> Tone:
    """How much slack a task has, against the length of the critical path."""
    if not task.runs:
        return "idle"
    if task.critical:
        return "critical"
    share = task.slack / plan.critical_path_length if plan.critical_path_length else 1.0
    return "tight" if share <= _TIGHT else "some" if share <= _SOME else "ample"


def slack_text(plan: Plan, task: PlannedTask) -> str:
    """`critical`, or how much slack there is."""
    if not task.runs:
        return "does not run"
    return "critical" if task.critical else f"slack {amount(plan, task.slack)}"


def times_text(plan: Plan, task: PlannedTask) -> str:
    """The estimate where there is one, and the slack."""
    slack = slack_text(plan, task)
    return slack if task.estimate is None or not task.runs else f"{duration_text(task.estimate)} · {slack}"


def keys_text(task: Task) -> str:
    """The keys of an instance as its id has them, without brackets; empty for other tasks."""
    return task.id[len(task.name) + 1 : -1] if task.keys else ""


def task_node(key: str, plan: Plan, planned: PlannedTask, task: Task) -> Node:
    """The box of one task, or the hexagon of a decision."""
    is_decision = isinstance(task.implementation, Decision)
    if isinstance(task.implementation, Decision):
        detail = shortened(expression_text(task.implementation.condition), sizes.DETAIL_SIZE, sizes.TEXT_MAX)
        badge = ""
    else:
        detail, badge = times_text(plan, planned), BADGES[task.implementation.kind]
    title = shortened(task.name, sizes.TITLE_SIZE, sizes.TEXT_MAX, is_bold=True)
    keys = shortened(keys_text(task), sizes.DETAIL_SIZE, sizes.TEXT_MAX / 2)
    first = text_width(title, sizes.TITLE_SIZE, is_bold=True)
    first += 6 + text_width(keys, sizes.DETAIL_SIZE) if keys else 0
    second = text_width(detail, sizes.DETAIL_SIZE)
    second += sizes.BADGE_GAP + text_width(badge, sizes.DETAIL_SIZE - 1) if badge else 0
    width = max(first, second) + 2 * (sizes.NODE_PAD + (sizes.SLANT if is_decision else 0))
    return Node(
        key=key,
        shape="decision" if is_decision else "task",
        tasks=(task.id,),
        title=title,
        keys=keys,
        detail=detail,
        badge=badge,
        tone=tone_of(plan, planned),
        width=_stepped(width),
        height=sizes.NODE_HEIGHT,
    )


def bundle_node(key: str, plan: Plan, planned: Sequence[PlannedTask], tasks: Sequence[Task]) -> Node:
    """Instances of a task as chips in rows and columns, about half as high as wide."""
    tones = [tone_of(plan, each) for each in planned]
    labels = [shortened(keys_text(task), sizes.DETAIL_SIZE, sizes.TEXT_MAX / 2) for task in tasks]
    chip = math.ceil(max(text_width(label, sizes.DETAIL_SIZE, is_bold=True) for label in labels)) + 2 * sizes.CHIP_PAD
    columns = columns_for([task.keys for task in tasks], chip)
    rows = math.ceil(len(tasks) / columns)
    title = shortened(tasks[0].name, sizes.TITLE_SIZE, sizes.TEXT_MAX, is_bold=True)
    count = f"\N{MULTIPLICATION SIGN} {len(tasks)}"
    detail = _together(plan, planned)
    first = text_width(title, sizes.TITLE_SIZE, is_bold=True) + 6 + text_width(count, sizes.TITLE_SIZE)
    badge = BADGES[tasks[0].implementation.kind]
    second = text_width(detail, sizes.DETAIL_SIZE) + sizes.BADGE_GAP + text_width(badge, sizes.DETAIL_SIZE - 1)
    inner = max(columns * (chip + sizes.CHIP_GAP) - sizes.CHIP_GAP, first, second)
    return Node(
        key=key,
        shape="bundle",
        tasks=tuple(task.id for task in tasks),
        title=title,
        keys=count,
        detail=detail,
        badge=badge,
        tone=next(tone for tone in TONES if tone in tones),
        width=math.ceil(inner + 2 * sizes.NODE_PAD),
        height=sizes.BUNDLE_HEAD + rows * (sizes.CHIP_HEIGHT + sizes.CHIP_GAP) - sizes.CHIP_GAP + sizes.NODE_PAD,
        chips=tuple(
            Chip(task=task.id, label=label, tone=tone) for task, label, tone in zip(tasks, labels, tones, strict=True)
        ),
        columns=columns,
    )


def columns_for(keys: Sequence[tuple[Any, ...]], chip: float) -> int:
    """How many chips of this width stand in a row, so that the whole is a little wider than high.

    Of two loop variables and more the last one runs along the rows, as it does in the source.
    """
    count = len(keys)
    row = sizes.CHIP_HEIGHT + sizes.CHIP_GAP
    wanted = math.sqrt(1.6 * count * row / (chip + sizes.CHIP_GAP))
    period = len(dict.fromkeys(json.dumps(each[-1]) for each in keys)) if len(keys[0]) > 1 else 1
    exact = [number for number in range(1, count + 1) if count % number == 0 and number % period == 0]
    nearest = min(exact, key=lambda number: abs(math.log(number / wanted)), default=count)
    return nearest if wanted / 2 <= nearest <= wanted * 2 else max(1, min(round(wanted), count))


def _together(plan: Plan, planned: Sequence[PlannedTask]) -> str:
    """The times of instances: one text where all have the same."""
    texts = {times_text(plan, each) for each in planned}
    if len(texts) == 1:
        return f"{texts.pop()}, each" if planned[0].estimate is not None else texts.pop()
    critical = sum(each.critical for each in planned)
    return f"{critical} critical" if critical else f"slack from {amount(plan, min(each.slack for each in planned))}"


def _stepped(width: float) -> float:
    return float(max(sizes.NODE_MIN, math.ceil(width / sizes.NODE_STEP) * sizes.NODE_STEP))
