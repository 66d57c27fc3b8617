"""What a simulation takes for granted, since no code runs and nobody is asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from pipec.frozen import Frozen
from pipec.ir.model import Estimate

NEVER = float("inf")
"""The delay of what is never answered and never comes."""


class Assumptions(Frozen):
    """Names are those of tasks, decisions and approvals: an id, a name that several instances share, or one instance.

    `task_overhead` is what each attempt of code takes besides, in seconds. `delays` are those of approvals and waits,
    `outputs` by task and output in JSON form, `answers` those of decisions and approvals, `items` how many items each
    map has, by its name. `unknown_items` is the number for maps whose list is not known.
    """

    task_overhead: float = 0.0
    delays: Mapping[str, Estimate] = field(default_factory=dict)
    outputs: Mapping[tuple[str, str], Any] = field(default_factory=dict)
    answers: Mapping[str, bool] = field(default_factory=dict)
    items: Mapping[str, int] = field(default_factory=dict)
    unknown_items: int = 1


class Assumed:
    """What was taken for granted because nobody said otherwise: names by kind, in the order they came up.

    `items_used` are the maps whose number of items was given and needed.
    """

    def __init__(self) -> None:
        self.decisions: dict[str, None] = {}
        self.maps: dict[str, None] = {}
        self.requirements: dict[str, None] = {}
        self.approvals: dict[str, None] = {}
        self.waits: dict[str, None] = {}
        self.without_estimate: dict[str, None] = {}
        self.items_used: set[str] = set()
        self.is_random = False
