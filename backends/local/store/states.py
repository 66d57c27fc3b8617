"""The state of a task with several instances."""

from __future__ import annotations

from collections.abc import Collection

from pipec.engine.states import FINAL, State


def summed_state(states: Collection[State]) -> State:
    """What the states of all instances add up to: a failure weighs most, then a success; pending where there are none.

    While some are not final it is running as soon as one has begun.
    """
    if not all(state in FINAL for state in states) or not states:
        return "pending" if all(state == "pending" for state in states) else "running"
    weights: tuple[State, ...] = ("failed", "upstream_failed", "success")
    return next((state for state in weights if state in states), "skipped")
