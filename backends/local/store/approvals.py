"""Questions to people: asked by a run, answered from any process, read by the run."""

from __future__ import annotations

import time
from typing import Any

from .codec import from_text, to_text
from .database import EVENTS_OF_A_RUN, StoreError, reporting
from .records import OpenApproval
from .session import Session

_ASKED = f"""events AS asked
  JOIN runs ON asked.kind = 'approval_asked' AND runs.number = asked.seq / {EVENTS_OF_A_RUN}"""

_LATER = f"""events AS later
  WHERE later.seq > asked.seq AND later.seq < (runs.number + 1) * {EVENTS_OF_A_RUN}"""

_QUESTIONS = f"""
SELECT asked.seq, runs.run_id, asked.task, asked.at, asked.data, runs.number
FROM {_ASKED}
WHERE runs.status = 'running'
  AND NOT EXISTS (SELECT 1 FROM answers WHERE question = asked.seq)
  AND NOT EXISTS (
    SELECT 1 FROM {_LATER}
      AND (later.kind = 'resumed'
           OR later.task = asked.task
              AND (later.kind IN ('approval_asked', 'approval_answered', 'attempt_ended')
                   OR later.kind = 'state' AND json_extract(later.data, '$.state') <> 'running')))
"""
"""Open ones: a later attempt, an end of the attempt, or the resumption of the run does away with a question."""


def open_questions(session: Session, run_id: str | None) -> list[OpenApproval]:
    """In the order in which they were asked, also those of runs that were killed."""
    condition, values = ("AND runs.run_id = ?", (run_id,)) if run_id is not None else ("", ())
    return [_question(row) for row in session.read(f"{_QUESTIONS} {condition} ORDER BY asked.seq", values)]


def give_answer(session: Session, run_id: str, task: str, approved: bool, by: str, comment: str) -> None:
    """Answer the open question of a task; of several answers at once the first counts. Raises StoreError."""
    with reporting(session.file), session.transaction() as connection:
        query = f"{_QUESTIONS} AND runs.run_id = ? AND asked.task = ?"
        rows = connection.execute(query, (run_id, task)).fetchall()
        if not rows:
            raise StoreError(_no_question(session, run_id, task))
        approvers = _question(rows[0]).approvers
        if approvers and by not in approvers:
            raise StoreError(f"{by} may not answer `{task}`: its approvers are {', '.join(approvers)}")
        data = {"task": task, "approved": approved, "by": by, "comment": comment, "at": time.time()}
        values = (rows[0][0], rows[0][5], to_text(data))
        connection.execute("INSERT INTO answers (question, run, data) VALUES (?, ?, ?)", values)


def given_answers(session: Session, run_id: str) -> dict[str, tuple[bool, str, str]]:
    """By task: whether it was approved, by whom, and what they said; of questions asked again the last alone."""
    rows = session.read(
        f"""SELECT asked.task, asked.seq, answers.data
            FROM {_ASKED} LEFT JOIN answers ON answers.question = asked.seq
            WHERE runs.run_id = ? ORDER BY asked.seq""",
        (run_id,),
    )
    last = {task: data for task, _, data in rows}
    answers = {task: from_text(data) for task, data in last.items() if data is not None}
    return {task: (data["approved"], data["by"], data["comment"]) for task, data in answers.items()}


def _question(row: tuple[Any, ...]) -> OpenApproval:
    _, run_id, task, at, text, _ = row
    data = from_text(text)
    return OpenApproval(run_id, task, data.get("message", ""), tuple(data.get("approvers", ())), at)


def _no_question(session: Session, run_id: str, task: str) -> str:
    """Why there is nothing to answer."""
    given = given_answers(session, run_id)
    if task in given:
        return _answered_already(run_id, task, *given[task])
    asked = session.read(
        f"""SELECT (SELECT later.data FROM {_LATER} AND later.task = asked.task AND later.kind = 'approval_answered')
            FROM {_ASKED} WHERE runs.run_id = ? AND asked.task = ? ORDER BY asked.seq""",
        (run_id, task),
    )
    if asked and asked[-1][0] is not None:
        data = from_text(asked[-1][0])
        return _answered_already(run_id, task, data["approved"], data.get("by") or "somebody", data.get("comment", ""))
    if asked:
        return f"`{task}` of run {run_id} waits for no answer any more"
    names = ", ".join(f"`{one.task}`" for one in open_questions(session, run_id))
    return f"run {run_id} asks no question `{task}`; " + (f"it asks {names}" if names else "it asks none")


def _answered_already(run_id: str, task: str, approved: bool, by: str, comment: str) -> str:
    said = f": {comment}" if comment else ""
    return f"`{task}` of run {run_id} was answered already: {'approved' if approved else 'rejected'} by {by}{said}"
