"""Draws what happens in a simulated run: durations, failures, and the decisions that hang on what nobody knows.

Each attempt has a random source of its own, seeded by its name and the number of the run. So runs that differ in one
thing alone, such as the slots, draw the same for all else, and what differs between them is not luck.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from pipec.engine.events import Failure
from pipec.engine.unknown import UNKNOWN
from pipec.ir.model import ApprovalRequest, Estimate, Pipeline, Retry, Task, WaitCondition
from pipec.simulation.assumptions import Assumed, Assumptions
from pipec.simulation.outcomes import Outcome

_AT_ONCE = Estimate(min=0.0, likely=0.0, max=0.0)
_ONE_STEP = Estimate(min=1.0, likely=1.0, max=1.0)


def duration(estimate: Estimate, random: Random) -> float:
    """Seconds drawn from the PERT distribution of an estimate, the beta distribution that project planning uses.

    It lies between `min` and `max`, `likely` is its peak, and its mean is `(min + 4 * likely + max) / 6`.
    """
    spread = estimate.max - estimate.min
    if spread <= 0:
        return estimate.likely
    alpha = 1 + 4 * (estimate.likely - estimate.min) / spread
    beta = 1 + 4 * (estimate.max - estimate.likely) / spread
    return estimate.min + spread * random.betavariate(alpha, beta)


@dataclass(frozen=True, slots=True)
class _Manner:
    """How the attempts of a task go: `result` is that of one that does not fail."""

    estimate: Estimate
    failure_rate: float
    result: Mapping[str, Any] | bool
    failure: Failure

    @property
    def is_random(self) -> bool:
        return self.estimate.max > self.estimate.min or self.failure_rate > 0


class Manners:
    """What is known of the tasks of a pipeline and of those it runs, for all runs of a simulation."""

    def __init__(self, pipelines: Iterable[Pipeline], assumptions: Assumptions) -> None:
        tasks = [task for pipeline in pipelines for task in pipeline.tasks]
        self.assumptions = assumptions
        self.assumed = Assumed()
        self.has_estimates = any(task.options.estimate is not None for task in tasks)
        self._manners = {id(task): self._manner(task) for task in tasks}
        self._tasks = tasks  # their ids stay theirs as long as they live
        self._noted: set[int] = set()
        self._has_instances = any(re.search(r"\[\d+\]$|/", name) for name in self._names_given())

    def of(self, task: Task, instance: str) -> _Manner:
        """That of one instance."""
        return self._manner(task, instance) if self._has_instances else self._manners[id(task)]

    def answer(self, task: str, instance: str) -> bool | None:
        """What is given for a decision or approval."""
        answers = self.assumptions.answers
        return next((answers[name] for name in (instance, task) if name in answers), None)

    def _names_given(self) -> Iterable[str]:
        given = self.assumptions
        return [*given.delays, *given.answers, *(task for task, _ in given.outputs)]

    def _manner(self, task: Task, instance: str = "") -> _Manner:
        options = task.options
        outputs: dict[str, Any] = {output.name: UNKNOWN for output in task.outputs}
        for name in (task.name, task.id, instance):
            outputs |= {output: value for (of, output), value in self.assumptions.outputs.items() if of == name}
        answer = self.answer(task.id, instance)
        return _Manner(
            estimate=self._estimate(task, instance),
            failure_rate=options.failure_rate or 0.0,
            result=(answer is not False) if isinstance(task.implementation, ApprovalRequest) else outputs,
            failure=_failure(options.retry),
        )

    def _estimate(self, task: Task, instance: str) -> Estimate:
        delays = self.assumptions.delays
        given = next((delays[name] for name in (instance, task.id, task.name) if name in delays), task.options.estimate)
        if given is not None:
            return given
        is_code = not isinstance(task.implementation, ApprovalRequest | WaitCondition)
        return _ONE_STEP if is_code and not self.has_estimates else _AT_ONCE

    def note(self, task: Task, instance: str) -> None:
        """An attempt was started: what is assumed of it?"""
        if id(task) in self._noted:
            return
        self._noted.add(id(task))
        if task.options.estimate is not None or self.assumptions.delays.keys() & {instance, task.id, task.name}:
            return
        match task.implementation:
            case ApprovalRequest():
                if self.answer(task.id, instance) is None:
                    self.assumed.approvals[task.id] = None
            case WaitCondition():
                self.assumed.waits[task.id] = None
            case _:
                self.assumed.without_estimate[task.id] = None


class Chance:
    """The outcomes and guesses of the run of this number."""

    def __init__(self, manners: Manners, seed: int, run: int) -> None:
        self._manners = manners
        self._source = f"{seed} {run}"

    def __call__(self, task: Task, instance: str, attempt: int, inputs: Mapping[str, Any]) -> Outcome:
        manner = self._manners.of(task, instance)
        self._manners.note(task, instance)
        if not manner.is_random:
            return Outcome(manner.estimate.likely, manner.result)
        random = self._random(f"{instance} {attempt}")
        seconds = duration(manner.estimate, random)
        return Outcome(seconds, manner.failure if random.random() < manner.failure_rate else manner.result)

    def decision(self, instance: str) -> bool:
        """As given, or either side half the time."""
        name = own_name(instance)
        answer = self._manners.answer(name, instance)
        if answer is None:
            self._manners.assumed.decisions[name] = None
            return self._random(instance).random() < 0.5
        return answer

    def items(self, region: str) -> int:
        """As given, or as many as are assumed of all."""
        name = own_name(region)
        given = self._manners.assumptions.items
        if name in given:
            self._manners.assumed.items_used.add(name)
            return given[name]
        self._manners.assumed.maps[name] = None
        return self._manners.assumptions.unknown_items

    def requirement(self, instance: str, source: str) -> bool:
        """What nobody can look at holds."""
        self._manners.assumed.requirements[own_name(instance)] = None
        return True

    def _random(self, what: str) -> Random:
        self._manners.assumed.is_random = True
        return Random(f"{self._source} {what}")


def own_name(instance: str) -> str:
    """The id of the task of an instance: without the pipelines around it and the items of maps."""
    return re.sub(r"(\[\d+\])+$", "", instance.rpartition("/")[2])


def _failure(retry: Retry | None) -> Failure:
    """A failure that is tried again, where any of them is."""
    on = retry.on if retry is not None and retry.on is not None else ()
    for condition in on:
        if isinstance(condition, int):
            return Failure("error", f"exit code {condition}", exit_code=condition)
        if condition != "timeout":
            return Failure("error", "a simulated failure", (condition if "." in condition else f"any.{condition}",))
    return Failure("error", "a simulated failure")
