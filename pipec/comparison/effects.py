"""What changes mean for the plan, as rows and lines for people."""

from __future__ import annotations

from collections.abc import Iterator

from pipec.comparison.model import Measures, PipelineChange, Simulated, SlackChange, Times
from pipec.comparison.summary import Timed, amount, count, delta
from pipec.diagnostics.snippet import display_text
from pipec.frozen import Frozen

_SHOWN = 5


class Row(Frozen):
    """A figure before and after; `difference` is empty where there is none to tell."""

    name: str
    old: str
    new: str
    difference: str


def rows(times: Times) -> list[Row]:
    """The figures of the plan, the most important ones and those that are another; none where none is another."""
    if times.old is None or times.new is None:
        return []
    found = [*_rows(times.old, times.new), *(_simulated_rows(*times.simulated) if times.simulated else ())]
    return found if any(row.old != row.new for row in found) else []


def _rows(old: Measures, new: Measures) -> Iterator[Row]:
    yield _time("critical path", old, new, old.critical_path_length, new.critical_path_length)
    if old.critical_path_max is not None or new.critical_path_max is not None:
        yield _time("critical path at most", old, new, old.critical_path_max, new.critical_path_max)
    yield _time("total work", old, new, old.total_work, new.total_work)
    if old.deadline != new.deadline:
        yield _time("deadline", old, new, old.deadline, new.deadline)
    if old.deadline_margin is not None or new.deadline_margin is not None:
        yield _time("deadline margin", old, new, old.deadline_margin, new.deadline_margin)
    for name, before, after in (
        ("tasks", old.tasks, new.tasks),
        ("levels", old.levels, new.levels),
        ("at most at once", old.width, new.width),
    ):
        if before != after:
            yield Row(name, f"{before:,}", f"{after:,}", f"{after - before:+,}")


def _simulated_rows(old: Simulated, new: Simulated) -> Iterator[Row]:
    yield _time("makespan, median", old, new, old.makespan_p50, new.makespan_p50)
    if (old.makespan_p95, new.makespan_p95) != (old.makespan_p50, new.makespan_p50):
        yield _time("makespan, 95 %", old, new, old.makespan_p95, new.makespan_p95)
    if (old.success, new.success) != (1, 1):
        yield _share("runs that succeed", old.success, new.success)
    if old.late or new.late:
        yield _share("deadline missed", old.late, new.late)


def _share(name: str, before: float | None, after: float | None) -> Row:
    difference = "" if before is None or after is None or before == after else f"{after - before:+.1%}"
    old, new = ("-" if share is None else f"{share:.1%}" for share in (before, after))
    return Row(name, old, new, difference)


def _time(name: str, old: Timed, new: Timed, before: float | None, after: float | None) -> Row:
    difference = "" if before is None or after is None else delta(old, new, before, after)
    return Row(
        name,
        "-" if before is None else amount(old, before),
        "-" if after is None else amount(new, after),
        difference,
    )


def findings(pipeline: PipelineChange) -> list[str]:
    """What else is to say of the times: the path, slack, and a deadline that can no longer be met."""
    times = pipeline.times
    if times is None or times.new is None or times.old is None:
        return []
    return list(_findings(times, times.old, times.new))


def _findings(times: Times, old: Measures, new: Measures) -> Iterator[str]:
    if new.deadline_margin is not None and new.deadline_margin < 0:
        yield f"the deadline is missed by {amount(new, -new.deadline_margin)}, even if all goes well"
    for title, found in (
        ("now critical", [one for one in times.slack if one.new_slack == 0]),
        ("no longer critical", [one for one in times.slack if one.old_slack == 0]),
    ):
        if found:
            yield f"{title}: {_names([one.new for one in found])}"
    others = [one for one in times.slack if one.old_slack and one.new_slack]
    largest = sorted(others, key=lambda one: -abs(one.new_slack - one.old_slack))[:_SHOWN]
    yield from (_slack(one, old, new) for one in largest)
    if len(others) > len(largest):
        yield f"slack of {count(len(others) - len(largest), 'further task')} is another"


def _slack(one: SlackChange, old: Measures, new: Measures) -> str:
    return (
        f"slack of {display_text(one.new)}: {amount(old, one.old_slack)} → {amount(new, one.new_slack)}"
        f" ({delta(old, new, one.old_slack, one.new_slack)})"
    )


def _names(ids: list[str]) -> str:
    shown = ", ".join(display_text(id) for id in ids[:_SHOWN])
    return shown + (f" and {len(ids) - _SHOWN} more" if len(ids) > _SHOWN else "")
