"""What is read of runs: lists, records, and whether something has happened."""

from __future__ import annotations

from typing import Any

from .codec import from_text
from .database import EVENTS_OF_A_RUN
from .records import Entry, RunRecord, RunSummary
from .session import Session
from .states import summed_state

_SUMMARY = "SELECT run_id, pipeline, head, status, date, interval_start, interval_end, started_at, ended_at FROM runs"
_HEAD = "SELECT number, run_id, pipeline, head, started_at, program FROM runs"


def summaries(session: Session, pipeline: str | None, limit: int | None, since: float | None) -> list[RunSummary]:
    """Newest first. Runs that were killed are still `running` here."""
    conditions = {"pipeline = ?": pipeline, "started_at >= ?": since}
    used = {condition: value for condition, value in conditions.items() if value is not None}
    where = f" WHERE {' AND '.join(used)}" if used else ""
    rows = session.read(
        f"{_SUMMARY}{where} ORDER BY number DESC LIMIT ?", (*used.values(), -1 if limit is None else limit)
    )
    return [RunSummary(run_id, name, from_text(head)["file"], *rest) for run_id, name, head, *rest in rows]


def run_ids(session: Session, pipeline: str | None, limit: int | None) -> list[str]:
    """Newest first."""
    where, values = (" WHERE pipeline = ?", (pipeline,)) if pipeline is not None else ("", ())
    query = f"SELECT run_id FROM runs{where} ORDER BY number DESC LIMIT ?"
    return [row[0] for row in session.read(query, (*values, -1 if limit is None else limit))]


def ids_with_prefix(session: Session, prefix: str) -> list[str]:
    """Newest first."""
    query = "SELECT run_id FROM runs WHERE substr(run_id, 1, ?) = ? ORDER BY number DESC"
    return [row[0] for row in session.read(query, (len(prefix), prefix))]


def exists(session: Session, run_id: str) -> bool:
    """Whether there is a run of this id."""
    return bool(session.read("SELECT 1 FROM runs WHERE run_id = ?", (run_id,)))


def record(session: Session, run_id: str, with_program: bool) -> tuple[int, RunRecord] | None:
    """The number of a run and all that is known of it; one that was killed is still `running` here."""
    rows = session.read(f"{_HEAD} WHERE run_id = ?", (run_id,))
    if not rows:
        return None
    number, run_id, pipeline, head, started_at, program = rows[0]
    facts = from_text(head)
    ir = session.read("SELECT ir FROM programs WHERE id = ?", (program,))[0][0] if with_program else ""
    found = RunRecord(run_id=run_id, pipeline=pipeline, started_at=started_at, pipeline_json=ir, **facts)
    for entry in entries(session, number):
        found.apply(entry)
    return number, found


def last_position(session: Session, number: int) -> int:
    """The `seq` of the last event of a run; where it has none, that before its first."""
    query = "SELECT max(seq) FROM events WHERE seq BETWEEN ? AND ?"
    last: int | None = session.read(query, _events_of(number))[0][0]
    return number * EVENTS_OF_A_RUN if last is None else last


def _events_of(number: int) -> tuple[int, int]:
    """The first and last `seq` that events of a run may have."""
    return number * EVENTS_OF_A_RUN, (number + 1) * EVENTS_OF_A_RUN - 1


def entries(session: Session, number: int, tasks: str = "", values: tuple[Any, ...] = ()) -> list[Entry]:
    """The facts of a run as they were appended; `tasks` is a further condition."""
    query = f"SELECT kind, at, task, attempt, data FROM events WHERE seq BETWEEN ? AND ? {tasks} ORDER BY seq"
    rows = session.read(query, (*_events_of(number), *values))
    return [Entry(kind, at, task, attempt, from_text(data)) for kind, at, task, attempt, data in rows]


def succeeded(session: Session, pipeline: str, task: str, date: str) -> bool:
    """Whether a run of this date has a success of the task; of one with several instances, of all of them."""
    query = "SELECT number, status FROM runs WHERE pipeline = ? AND date = ?"
    return any(
        _succeeded_in(session, number, status != "running", task)
        for number, status in session.read(query, (pipeline, date))
    )


def _succeeded_in(session: Session, number: int, has_ended: bool, task: str) -> bool:
    # `[` and `\` are neighbours: between them lie the instances of the task and of a `for`.
    facts = entries(session, number, "AND (task = ? OR task >= ? AND task < ?)", (task, f"{task}[", f"{task}\\"))
    if any(fact.kind == "state" and fact.task == task and fact.data["state"] == "success" for fact in facts):
        return True
    states = {fact.task: fact.data["state"] for fact in facts if fact.kind == "state" and "/" not in fact.task}
    counts = {fact.task: fact.data["count"] for fact in facts if fact.kind == "mapped"}
    instances = {name: state for name, state in states.items() if name not in counts and name != task}
    expected = _instances(task, counts)
    is_complete = has_ended or expected == set(instances)
    return bool(instances) and is_complete and summed_state(list(instances.values())) == "success"


def _instances(task: str, counts: dict[str, int]) -> set[str]:
    """The instances a mapped task has come to be."""
    if task not in counts:
        return {task}
    return {one for index in range(counts[task]) for one in _instances(f"{task}[{index}]", counts)}


def asset_updated(session: Session, uri: str, since: float) -> bool:
    """Whether a task has updated an asset at or after a Unix time."""
    query = "SELECT 1 FROM events WHERE kind = 'asset' AND json_extract(data, '$.uri') = ? AND at >= ? LIMIT 1"
    return bool(session.read(query, (uri, since)))


def succeeded_intervals(session: Session, pipeline: str) -> set[str]:
    """The starts of the intervals for which a run succeeded."""
    query = "SELECT interval_start FROM runs WHERE pipeline = ? AND status = 'success'"
    return {row[0] for row in session.read(query, (pipeline,))}
