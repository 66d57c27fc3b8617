"""`pipec approve` and `pipec reject`: answers to a run that waits elsewhere."""

from __future__ import annotations

import os
import pwd
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pipec.backends.local.store.records import Entry, RunStart
from pipec.backends.local.store.store import RunStore

from tests.backends.local.history.samples import START, state
from tests.cli.conftest import Call
from tests.support.ir_builder import pipeline

USER = pwd.getpwuid(os.getuid()).pw_name


class Waiting:
    """A run that this process holds, with questions to ask."""

    def __init__(self, folder: Path) -> None:
        self.store = RunStore.open(folder / ".pipec")
        context = {"date": "2026-01-02", "interval_start": "", "interval_end": ""}
        shape = pipeline(name="etl")
        start = RunStart("etl", "p.pipe", "0" * 64, {}, context, START, shape.model_dump_json())
        self.journal = self.store.new_run(start)
        self.run_id = self.journal.run_id

    def ask(self, task: str, message: str, *approvers: str) -> None:
        asked = Entry("approval_asked", START + 1, task, 1, {"message": message, "approvers": list(approvers)})
        self.journal.append([state(task, START, "running", 1), asked])

    @property
    def answers(self) -> Any:
        return self.store.answers(self.run_id)


@pytest.fixture
def waiting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Waiting]:
    monkeypatch.chdir(tmp_path)
    run = Waiting(tmp_path)
    yield run
    run.journal.close()
    run.store.close()


@pytest.mark.parametrize(
    ("command", "word", "approved"), [("approve", "approved", True), ("reject", "rejected", False)]
)
def test_the_only_question_needs_no_name(command: str, word: str, approved: bool, call: Call, waiting: Waiting) -> None:
    waiting.ask("ship", "Deploy rf (auc 0.91)?")
    called = call(command, "last")
    assert (called.exit_code, called.err) == (0, "")
    assert called.out == f"{word} `ship` of run {waiting.run_id} as {USER}\n"
    assert waiting.answers == {"ship": (approved, USER, "")}


def test_one_of_several_is_answered_by_name_with_a_comment(call: Call, waiting: Waiting) -> None:
    waiting.ask("ship", "Deploy?")
    waiting.ask("ship_to[1]", "Deploy to B?")
    called = call("approve", waiting.run_id[:12], "ship_to[1]", "--comment", "auc is fine")
    assert called.exit_code == 0
    assert waiting.answers == {"ship_to[1]": (True, USER, "auc is fine")}


def test_without_a_run_all_questions_are_listed(call: Call, waiting: Waiting) -> None:
    waiting.ask("ship", "Deploy?\n\x1b[31mNow?", "ada", "bob")
    waiting.ask("pay", "Pay?")
    called = call("approve")
    assert called.exit_code == 0
    first, second = called.out.split(f"{waiting.run_id} ")[1:]
    assert first.startswith("ship\n  Deploy?\n  \N{REPLACEMENT CHARACTER}[31mNow?\n  asked 2026-01-0")
    assert first.endswith(", by ada or bob\n")
    assert second.startswith("pay\n  Pay?\n")
    assert waiting.answers == {}


def test_nothing_waits(call: Call, waiting: Waiting) -> None:
    called = call("reject")
    assert (called.exit_code, called.out, called.err) == (0, "", "nothing waits for an answer\n")
    called = call("reject", "last")
    assert (called.exit_code, called.err) == (2, f"error: run {waiting.run_id} waits for no approval\n")


@pytest.mark.parametrize(
    ("words", "message"),
    [([], "waits for several approvals, name one:"), (["shop"], "waits for no approval `shop`; open are:")],
)
def test_what_is_open_is_listed_where_the_name_does_not_tell(
    words: list[str], message: str, call: Call, waiting: Waiting
) -> None:
    waiting.ask("ship", "Deploy?")
    waiting.ask("pay", "Pay?")
    called = call("approve", "last", *words)
    assert (called.exit_code, called.out) == (2, "")
    assert message in called.err
    assert f"{waiting.run_id} ship\n  Deploy?\n" in called.err
    assert f"{waiting.run_id} pay\n  Pay?\n" in called.err
    assert waiting.answers == {}


def test_only_approvers_may_answer(call: Call, waiting: Waiting) -> None:
    waiting.ask("ship", "Deploy?", "somebody-else")
    called = call("approve", "last")
    assert called.exit_code == 2
    assert called.err == f"error: {USER} may not answer `ship`: its approvers are somebody-else\n"


def test_variables_of_the_environment_do_not_make_one_somebody_else(
    call: Call, waiting: Waiting, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.setenv(name, "somebody-else")
    waiting.ask("ship", "Deploy?", "somebody-else")
    assert call("approve", "last", "ship").exit_code == 2
    assert waiting.answers == {}


def test_a_run_that_is_over_waits_for_nobody(call: Call, waiting: Waiting) -> None:
    waiting.ask("ship", "Deploy?")
    waiting.journal.append([Entry("ended", START + 2, data={"state": "failed"})])
    called = call("approve", "last", "ship")
    assert called.exit_code == 2
    assert waiting.answers == {}


def test_no_such_run(call: Call, waiting: Waiting) -> None:
    called = call("approve", "nope")
    assert called.exit_code == 2
    assert called.err.startswith("error: there is no run nope in ")
