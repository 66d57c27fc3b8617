"""Approvals of a run: who is asked, and how the answers come in."""

from __future__ import annotations

import os
import termios
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TextIO

from pipec.engine.events import ApprovalAnswered, AttemptFailed, Failure, StartAttempt
from pipec.ir.model import ApprovalRequest, Task

from .execution.loop import Loop, Timer
from .observer import Observer
from .options import RunOptions
from .people import os_user
from .store.records import Entry
from .store.store import RunStore

TYPED_ANSWER = "[y/n]"
"""How to answer where a person may type it."""

_POLL_SECONDS = 1.0
"""How often answers given by `pipec approve` are looked for."""

Report = Callable[[ApprovalAnswered | AttemptFailed, Entry | None], None]
"""Takes an answer, with the entry for the store where it was not given by way of the store."""


@dataclass(slots=True)
class _Question:
    task: str
    attempt: int
    text: str
    approvers: tuple[str, ...]
    timer: Timer | None


class Questions:
    """All approvals of one run. A terminal is asked one question at a time."""

    def __init__(
        self, loop: Loop, store: RunStore, run_id: str, options: RunOptions, observer: Observer, report: Report
    ) -> None:
        self._loop = loop
        self._store = store
        self._run_id = run_id
        self._options = options
        self._observer = observer
        self._report = report
        self._open: dict[str, _Question] = {}
        self._shown: str | None = None
        self._poll: Timer | None = None
        self._terminal = options.questions
        self._typed = b""
        self._reads_terminal = False

    def ask(self, start: StartAttempt, task: Task) -> None:
        """Put a question, or answer it where the answer was given with the run."""
        assert isinstance(task.implementation, ApprovalRequest)
        text = start.inputs.get("message") or f"approve {start.task}?"
        question = _Question(start.task, start.attempt, text, task.implementation.approvers, None)
        self._open[start.task] = question
        if self._options.approve_all or self._options.approve & {start.task, task.id, task.name}:
            self._answer(question, True, os_user(), "given when the run was started")
            return
        timeout = task.options.timeout
        if timeout is not None:
            approves = task.implementation.on_timeout == "approve"
            question.timer = self._loop.call_later(timeout, lambda: self._timed_out(question, timeout, approves))
        if self._may_type(question):
            self._show_next()
        else:
            self._observer.asked(question.task, question.text, self._elsewhere(question))
        if self._poll is None:
            self._poll = self._loop.call_later(_POLL_SECONDS, self._look)

    def cancel(self, task: str) -> bool:
        """Ask no longer; false where that was not asked."""
        question = self._close(task)
        if question is not None:
            self._report(AttemptFailed(task, Failure("cancelled", "cancelled")), None)
        return question is not None

    def cancel_all(self) -> None:
        for task in list(self._open):
            self.cancel(task)

    def close(self) -> None:
        """Nobody is asked any more."""
        self._leave_terminal()
        if self._poll is not None:
            self._poll.cancel()

    # --- answers -------------------------------------------------------------------------------------

    def _look(self) -> None:
        """Look for answers given elsewhere."""
        self._poll = None
        if not self._open:
            return
        for task, (approved, by, _) in self._answers().items():
            if task in self._open:
                self._close(task)
                self._observer.answered(task, approved, by)
                self._report(ApprovalAnswered(task, approved), None)
        self._poll = self._loop.call_later(_POLL_SECONDS, self._look)

    def _answers(self) -> dict[str, tuple[bool, str, str]]:
        from .store.database import StoreError

        try:
            return self._store.answers(self._run_id)
        except StoreError:  # looked for again; a store in trouble is reported by the journal
            return {}

    def _answer(self, question: _Question, approved: bool, by: str, comment: str = "") -> None:
        self._close(question.task)
        self._observer.answered(question.task, approved, by)
        data: dict[str, Any] = {"approved": approved, "by": by, "comment": comment}
        entry = Entry("approval_answered", 0.0, question.task, question.attempt, data)
        self._report(ApprovalAnswered(question.task, approved), entry)

    def _timed_out(self, question: _Question, seconds: float, approves: bool) -> None:
        if self._close(question.task) is None:
            return
        message = f"nobody answered within {seconds:g}s"
        if approves:  # a success has no message of its own
            self._observer.noticed([f"{question.task}: {message}, which counts as approved"])
        self._report(AttemptFailed(question.task, Failure("timeout", message)), None)

    def _close(self, task: str) -> _Question | None:
        question = self._open.pop(task, None)
        if question is not None and question.timer is not None:
            question.timer.cancel()
        if self._shown == task:
            self._shown = None
            self._show_next()
        return question

    # --- the terminal --------------------------------------------------------------------------------

    def _show_next(self) -> None:
        """Ask the next question that may be answered here."""
        if self._shown is not None:
            return
        question = next((one for one in self._open.values() if self._may_type(one)), None)
        if question is None:
            self._leave_terminal()
            return
        self._shown = question.task
        self._read_terminal()
        self._observer.asked(question.task, question.text, TYPED_ANSWER)

    def _may_type(self, question: _Question) -> bool:
        if self._terminal is None or not _is_in_front(self._terminal):
            return False
        return not question.approvers or os_user() in question.approvers

    def _elsewhere(self, question: _Question) -> str:
        who = f", which only {', '.join(question.approvers)} may" if question.approvers else ""
        return f"answer by `pipec approve {self._run_id} {_quoted(question.task)}` or `pipec reject …`{who}"

    def _read_terminal(self) -> None:
        """Listen to the terminal. What was typed before the question was there to be read is no answer to it."""
        if self._terminal is None:
            return
        self._typed = b""
        with suppress(termios.error):
            termios.tcflush(self._terminal, termios.TCIFLUSH)
        if not self._reads_terminal:
            self._loop.add_reader(self._terminal.fileno(), self._type)
            self._reads_terminal = True

    def _leave_terminal(self) -> None:
        if self._terminal is not None and self._reads_terminal:
            self._loop.remove(self._terminal.fileno())
            self._reads_terminal = False

    def _lose_terminal(self) -> None:
        """Nobody can type any more: who was asked has to answer from elsewhere."""
        self._leave_terminal()
        self._terminal, self._shown = None, None
        for question in self._open.values():
            self._observer.asked(question.task, question.text, self._elsewhere(question))

    def _type(self) -> None:
        """A line was typed: yes, no, or the question is asked once more."""
        assert self._terminal is not None
        typed = _read(self._terminal)
        if not typed:
            self._lose_terminal()
            return
        self._typed += typed
        while b"\n" in self._typed:
            line, _, self._typed = self._typed.partition(b"\n")
            question = self._open.get(self._shown or "")
            if question is None:
                return
            match line.decode("utf-8", "replace").strip().lower():
                case "y" | "yes":
                    self._answer(question, True, os_user())
                case "n" | "no":
                    self._answer(question, False, os_user())
                case _:
                    self._observer.asked(question.task, question.text, TYPED_ANSWER)


def _is_in_front(terminal: TextIO) -> bool:
    """Whether this process may use a terminal: the system stops those in the background that try."""
    try:
        return os.tcgetpgrp(terminal.fileno()) == os.getpgrp()
    except OSError:  # it is not the one that controls this process
        return True


def _read(terminal: TextIO) -> bytes:
    """What was typed; nothing where the terminal is gone or another program has it."""
    try:
        return os.read(terminal.fileno(), 4096) if _is_in_front(terminal) else b""
    except OSError:
        return b""


def _quoted(task: str) -> str:
    import shlex

    return shlex.quote(task)
