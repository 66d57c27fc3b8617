"""What the local runner is meant to reach, held against the figures of one measurement."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Figures:
    """One runner, by case: seconds of a further task, of the whole run and of its process, and makespan to bound.

    `reasons` says of a case without figures why there are none.
    """

    name: str
    task: dict[str, float] = field(default_factory=dict)
    inside: dict[str, float] = field(default_factory=dict)
    wall: dict[str, float] = field(default_factory=dict)
    stretch: dict[str, float] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)


def target_rows(rows: list[Figures], *, own: str, threads: str, processes: str) -> str:
    """The targets in markdown; only those for which there are figures."""
    by_name = {row.name: row for row in rows}
    lines = ["### Targets", "", "| target | measured | met |", "| --- | --- | --- |"]
    if own in by_name:
        ours = by_name.pop(own)
        bare = {name: by_name.pop(name, Figures(name)) for name in (threads, processes)}
        checks = [
            *_ratio("a shell task, at most 2 x the bare loop", ours, bare[threads], "shell", 2),
            *_ratio("a python task, at most 5 x a bare process pool", ours, bare[processes], "parallel", 5),
            *_below("the whole process of many python tasks, s", ours, "parallel", 0.7),
            *_below("makespan / bound", ours, "sleeps", 1.05),
            *_least(ours, list(by_name.values())),
        ]
        lines += [f"| {what} | {found} | {'yes' if met else 'no'} |" for what, found, met in checks]
    return "\n".join(lines) + "\n"


Check = tuple[str, str, bool]


def _ratio(what: str, ours: Figures, bare: Figures, case: str, limit: float) -> Iterator[Check]:
    if ours.task.get(case) is not None and bare.task.get(case):
        ratio = ours.task[case] / bare.task[case]
        yield what, f"{ratio:.1f}", ratio <= limit


def _below(what: str, ours: Figures, case: str, limit: float) -> Iterator[Check]:
    found = (ours.stretch if case == "sleeps" else ours.wall).get(case)
    if found is not None:
        yield f"{what}, at most {limit}", f"{found:.2f}", found <= limit


def _least(ours: Figures, others: list[Figures]) -> Iterator[Check]:
    """Each other runner costs more a task in every case that both have."""
    for other in others:
        shared = [case for case in ours.task if case in other.task]
        if shared:
            more = min(other.task[case] / max(ours.task[case], 1e-6) for case in shared)
            yield f"below {other.name}, a task", f"{more:.1f} x at least", more > 1
