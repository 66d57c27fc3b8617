"""When a task runs, by its trigger rule and the states of its direct upstream tasks.

The results are those of Airflow 3 (its `trigger_rule_dep`), with one thing mended: where Airflow lets a failure and
a skip race for `all_success`, here failure wins whatever came first. So no result depends on the order of events.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from pipec.engine.states import FINAL, State
from pipec.ir.model import TriggerRule

Decided = Literal["run", "wait", "skipped", "upstream_failed"]

FAILURE_BEATS_SKIP: frozenset[TriggerRule] = frozenset({"all_success", "none_failed", "none_failed_min_one_success"})
"""Rules by which a task is upstream_failed as soon as one upstream task is failed or upstream_failed."""

STARTS_EARLY: frozenset[TriggerRule] = frozenset({"one_success", "one_failed", "one_done", "always"})
"""Rules by which a task may start while some of its upstream tasks are not final."""


@dataclass(slots=True)
class StateCounts:
    """How many upstream tasks there are, and how many of them are in each final state."""

    total: int
    success: int = 0
    failed: int = 0
    skipped: int = 0
    upstream_failed: int = 0

    def add(self, state: State) -> None:
        """Count one more upstream task that became final."""
        match state:
            case "success":
                self.success += 1
            case "failed":
                self.failed += 1
            case "skipped":
                self.skipped += 1
            case "upstream_failed":
                self.upstream_failed += 1
            case _:
                raise ValueError(f"{state} is not a final state")

    def join(self, others: StateCounts) -> None:
        """Count further upstream tasks, which were counted apart."""
        self.total += others.total
        self.success += others.success
        self.failed += others.failed
        self.skipped += others.skipped
        self.upstream_failed += others.upstream_failed

    @property
    def failures(self) -> int:
        """Tasks that failed or are upstream_failed."""
        return self.failed + self.upstream_failed

    @property
    def all_final(self) -> bool:
        return self.success + self.skipped + self.failures == self.total


def decide(rule: TriggerRule, upstream_states: Iterable[State]) -> Decided:
    """What becomes of a task with these upstream states; "wait" when those not final yet may matter."""
    states = list(upstream_states)
    counts = StateCounts(total=len(states))
    for state in states:
        if state in FINAL:
            counts.add(state)
    return decide_by_counts(rule, counts)


def decide_by_counts(rule: TriggerRule, counts: StateCounts) -> Decided:
    """`decide` in constant time. A task without upstream tasks runs, whatever its rule."""
    if rule == "always" or counts.total == 0:
        return "run"
    done = counts.all_final
    success, skipped, failures = counts.success, counts.skipped, counts.failures
    match rule:
        case "all_success":
            if failures:
                return "upstream_failed"
            return _when(done, "skipped" if skipped else "run")
        case "none_failed":
            return "upstream_failed" if failures else _when(done, "run")
        case "none_failed_min_one_success":
            if failures:
                return "upstream_failed"
            return _when(done, "run" if success else "skipped")
        case "none_skipped":
            return "skipped" if skipped else _when(done, "run")
        case "all_done":
            return _when(done, "run")
        case "all_done_min_one_success":
            if skipped:
                return "skipped"
            return _when(done, "run" if success else "upstream_failed")
        case "all_failed":
            return "skipped" if success or skipped else _when(done, "run")
        case "all_skipped":
            return "skipped" if success or failures else _when(done, "run")
        case "one_success":
            if success:
                return "run"
            return _when(done, "upstream_failed" if failures else "skipped")
        case "one_failed":
            return "run" if failures else _when(done, "skipped")
        case "one_done":
            return "run" if success or counts.failed else _when(done, "skipped")


def _when(done: bool, decided: Decided) -> Decided:
    return decided if done else "wait"
