"""What a trigger rule means, as a table worked out by the engine's own rules."""

from __future__ import annotations

from typing import cast

from pipec.engine.states import State
from pipec.engine.trigger_rules import decide
from pipec.ir.model import TriggerRule

_MIXTURES: dict[str, tuple[State, ...]] = {
    "all succeeded": ("success",),
    "all skipped": ("skipped",),
    "all failed": ("failed",),
    "some skipped": ("success", "skipped"),
    "some failed": ("success", "failed"),
    "skipped and failed": ("skipped", "failed"),
}


def meaning(rule: str) -> str:
    """What becomes of a task for mixtures of final states of its upstream tasks, as a table in markdown."""
    rows = [f"| {words} | {_shown(rule, states)} |" for words, states in _MIXTURES.items()]
    return "\n".join(["| upstream tasks | the task |", "| --- | --- |", *rows])


def _shown(rule: str, states: tuple[State, ...]) -> str:
    decided = decide(cast(TriggerRule, rule), states)
    return "runs" if decided == "run" else decided
