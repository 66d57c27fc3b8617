"""Answers to the approvals of a run that goes on in another process."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..people import os_user
from ..run_folder import DEFAULT_STORE
from ..store.records import OpenApproval
from ..store.store import RunStore
from ..words import printable
from .looking import NotFoundError
from .wording import local_time


class Answering:
    """The open questions of the runs kept below a folder. Raises StoreError where the store cannot be used."""

    def __init__(self, folder: Path) -> None:
        self._store = RunStore.open_existing(folder / DEFAULT_STORE)

    def close(self) -> None:
        self._store.close()

    def open(self) -> str:
        """All open questions as text; "" where there are none."""
        return questions_text(self._store.open_approvals())

    def answer(self, run: str, task: str | None, approved: bool, comment: str) -> str:
        """Answer the one question named, or the only one of the run; says what was done.

        Raises NotFoundError where there is no such question, and StoreError where this user may not answer it.
        """
        run_id = self._store.resolve(run)
        open_ones = self._store.open_approvals(run_id)
        chosen = _chosen(run_id, open_ones, task)
        by = os_user()
        self._store.answer(run_id, chosen.task, approved, by, comment)
        return f"{'approved' if approved else 'rejected'} `{chosen.task}` of run {run_id} as {by}\n"


def questions_text(questions: Sequence[OpenApproval]) -> str:
    """A question with its run and since when it waits."""
    blocks = []
    for question in questions:
        who = f", by {' or '.join(question.approvers)}" if question.approvers else ""
        message = printable(question.message).replace("\n", "\n  ")
        blocks.append(f"{question.run_id} {question.task}\n  {message}\n  asked {local_time(question.asked_at)}{who}\n")
    return "".join(blocks)


def _chosen(run_id: str, questions: Sequence[OpenApproval], task: str | None) -> OpenApproval:
    if not questions:
        raise NotFoundError(f"run {run_id} waits for no approval")
    if task is None and len(questions) == 1:
        return questions[0]
    for question in questions:
        if question.task == task:
            return question
    what = "waits for several approvals, name one" if task is None else f"waits for no approval `{task}`; open are"
    raise NotFoundError(f"run {run_id} {what}:\n{questions_text(questions).rstrip()}")
