"""What other runs and other people ask of the store: tasks, assets, intervals, approvals."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pipec.backends.local.store.database import StoreError
from pipec.backends.local.store.records import Entry, OpenApproval
from pipec.backends.local.store.states import summed_state
from pipec.backends.local.store.store import RunStore

from pipec.engine.states import State
from tests.backends.local.store.samples import AT, ended, run_of, start, state


@pytest.fixture
def store(tmp_path: Path) -> Iterator[RunStore]:
    opened = RunStore.open(tmp_path)
    yield opened
    opened.close()


def mapped(task: str, count: int) -> Entry:
    return Entry("mapped", AT, task, data={"count": count})


# --- tasks ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entries", "task", "expected"),
    [
        ([], "a", False),
        ([state("a", "running")], "a", False),
        ([state("a", "success")], "a", True),
        ([state("ab", "success")], "a", False),
        ([state("a", "failed")], "a", False),
        ([state("a", "skipped"), ended()], "a", False),
        ([state("a", "success"), Entry("resumed", AT), state("a", "failed")], "a", True),
        ([state("c/a", "success")], "a", False),
        ([state("c/a", "success")], "c/a", True),
        ([mapped("a", 2), state("a[0]", "success")], "a", False),
        ([mapped("a", 2), state("a[0]", "success")], "a[0]", True),
        ([mapped("a", 2), state("a[0]", "success"), state("a[1]", "running")], "a", False),
        ([mapped("a", 2), state("a[0]", "success"), state("a[1]", "success")], "a", True),
        ([mapped("a", 2), state("a[0]", "success"), state("a[1]", "skipped")], "a", True),
        ([mapped("a", 2), state("a[0]", "success"), state("a[1]", "failed"), ended("failed")], "a", False),
        ([mapped("a", 1), mapped("a[0]", 2), state("a[0][0]", "success")], "a", False),
        ([mapped("a", 1), mapped("a[0]", 1), state("a[0][0]", "success")], "a", True),
        ([state('a["x"]', "success")], "a", False),
        ([state('a["x"]', "success"), state('a["y/z"]', "success"), ended()], "a", True),
        ([state('a["x"]', "success")], 'a["x"]', True),
    ],
)
def test_task_succeeded(entries: list[Entry], task: str, expected: bool, store: RunStore) -> None:
    run_of(store, *entries)
    assert store.task_succeeded("p", task, "2026-01-02") is expected


def test_task_succeeded_asks_for_the_pipeline_and_the_date(store: RunStore) -> None:
    run_of(store, state("a", "success"))
    run_of(store, state("a", "failed"))
    assert store.task_succeeded("p", "a", "2026-01-02")
    assert not store.task_succeeded("p", "a", "2026-01-03")
    assert not store.task_succeeded("other", "a", "2026-01-02")


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ([], "pending"),
        (["pending", "pending"], "pending"),
        (["pending", "success"], "running"),
        (["up_for_retry", "failed"], "running"),
        (["success", "skipped"], "success"),
        (["skipped", "skipped"], "skipped"),
        (["success", "upstream_failed"], "upstream_failed"),
        (["upstream_failed", "failed", "success"], "failed"),
    ],
)
def test_summed_state(states: list[State], expected: State) -> None:
    assert summed_state(states) == expected


def test_assets(store: RunStore) -> None:
    run_of(store, Entry("asset", AT + 5, "a", data={"uri": "s3://b/x"}))
    assert store.asset_updated("s3://b/x", AT)
    assert store.asset_updated("s3://b/x", AT + 5)
    assert not store.asset_updated("s3://b/x", AT + 6)
    assert not store.asset_updated("s3://b/y", AT)


def test_succeeded_intervals(store: RunStore) -> None:
    run_of(store, ended(), date="2026-01-01")
    run_of(store, ended("failed"), date="2026-01-02")
    run_of(store, date="2026-01-03")
    run_of(store, ended(), date="2026-01-04", pipeline="other")
    assert store.succeeded_intervals("p") == {"2026-01-01T00:00:00+00:00"}


# --- approvals -----------------------------------------------------------------------------------


def asked(task: str = "ship", *approvers: str) -> Entry:
    return Entry("approval_asked", AT, task, 1, {"message": f"{task}?", "approvers": list(approvers)})


def test_a_question_is_answered_from_elsewhere(store: RunStore) -> None:
    journal = store.new_run(start())
    run_id = journal.run_id
    journal.append([state("ship", "running"), asked("ship", "anna", "carl"), asked("other")])
    ship = OpenApproval(run_id, "ship", "ship?", ("anna", "carl"), AT)
    other = OpenApproval(run_id, "other", "other?", (), AT)
    elsewhere = RunStore.open_existing(store.folder)
    assert elsewhere.open_approvals() == elsewhere.open_approvals(run_id) == [ship, other]
    assert elsewhere.open_approvals("nothing") == []

    with pytest.raises(StoreError, match="bob may not answer `ship`: its approvers are anna, carl"):
        elsewhere.answer(run_id, "ship", True, "bob", "")
    elsewhere.answer(run_id, "ship", True, "anna", "go")
    assert store.answers(run_id) == {"ship": (True, "anna", "go")}
    assert store.open_approvals() == [other]
    with pytest.raises(StoreError, match=f"`ship` of run {run_id} was answered already: approved by anna: go"):
        elsewhere.answer(run_id, "ship", False, "carl", "")
    with pytest.raises(StoreError, match=f"run {run_id} asks no question `shop`; it asks `other`"):
        elsewhere.answer(run_id, "shop", True, "anna", "")
    with pytest.raises(StoreError, match="there is no run nothing"):
        elsewhere.answer("nothing", "ship", True, "anna", "")
    elsewhere.close()
    journal.close()


@pytest.mark.parametrize(
    ("later", "message"),
    [
        (
            Entry("approval_answered", AT, "ship", 1, {"approved": False, "by": "dora"}),
            "answered already: rejected by dora",
        ),
        (state("ship", "failed"), "waits for no answer any more"),
        (Entry("attempt_ended", AT, "ship", 1, {"state": "failed"}), "waits for no answer any more"),
    ],
)
def test_a_question_that_is_over_cannot_be_answered(later: Entry, message: str, store: RunStore) -> None:
    journal = store.new_run(start())
    journal.append([asked(), later])
    assert store.open_approvals() == []
    with pytest.raises(StoreError, match=message):
        store.answer(journal.run_id, "ship", True, "anna", "")
    journal.close()


def test_a_question_asked_again_is_open_again(store: RunStore) -> None:
    journal = store.new_run(start())
    journal.append([asked()])
    store.answer(journal.run_id, "ship", False, "anna", "")
    journal.append([asked()])
    assert store.answers(journal.run_id) == {}
    store.answer(journal.run_id, "ship", True, "carl", "")
    assert store.answers(journal.run_id) == {"ship": (True, "carl", "")}
    journal.close()


def test_nobody_waits_in_a_run_that_is_over(store: RunStore) -> None:
    run_id = run_of(store, asked())
    assert store.open_approvals() == []
    with pytest.raises(StoreError, match="is over: nobody waits for an answer"):
        store.answer(run_id, "ship", True, "anna", "")
    journal = store.resume(run_id)
    journal.resume(AT, [], (), parameters={}, source_digest="", pipeline_json="{}")
    assert store.open_approvals() == []
    journal.append([asked()])
    assert [question.task for question in store.open_approvals()] == ["ship"]
    journal.close()
