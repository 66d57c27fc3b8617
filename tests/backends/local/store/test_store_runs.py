"""What is written of a run is what is read back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pipec.backends.local.store.database import StoreError
from pipec.backends.local.store.records import Entry, RunRecord
from pipec.backends.local.store.store import RunStore

from tests.backends.local.store.random_runs import ENTRIES
from tests.backends.local.store.samples import AT, attempt, ended, run_of, start, state


@pytest.fixture
def store(tmp_path: Path) -> Iterator[RunStore]:
    opened = RunStore.open(tmp_path / ".pipec")
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def shared_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunStore]:
    opened = RunStore.open(tmp_path_factory.mktemp("store"))
    yield opened
    opened.close()


@given(st.lists(ENTRIES, max_size=5))
def test_what_is_read_back_is_what_the_entries_add_up_to(shared_store: RunStore, batches: list[list[Entry]]) -> None:
    journal = shared_store.new_run(start(parameters={"day": "2026-01-01", "n": [1, None, "\ud800"]}))
    expected = replace(shared_store.run(journal.run_id))
    for batch in batches:
        journal.append(batch)
        for entry in batch:
            expected.apply(entry)
    assert journal.record == expected
    assert shared_store.run(journal.run_id) == expected
    journal.close()
    if expected.status == "running":
        expected.mark_killed()
    assert shared_store.run(journal.run_id) == expected


def test_every_fact_of_a_run_is_kept(store: RunStore) -> None:
    facts: dict[str, Any] = {
        "parameters": {"day": "2026-01-01"},
        "source_digest": "abc",
        "file": "/data/p.pipe",
        "pipeline_json": "{1}",
    }
    journal = store.new_run(start(**facts))
    journal.append(attempt("a", state="failed", inputs={"x": 1}))
    journal.append([*attempt("a", 2, arguments=["ls", "-l"], outputs={"path": "/x"}), ended(returns={"n": 3})])
    record = store.run(journal.run_id)
    assert (record.parameters, record.source_digest, record.file) == ({"day": "2026-01-01"}, "abc", "/data/p.pipe")
    assert (record.pipeline_json, record.context["date"], record.context["id"]) == ("{1}", "2026-01-02", journal.run_id)
    assert (record.started_at, record.ended_at, record.status, record.returns) == (AT, AT + 9, "success", {"n": 3})
    task = record.tasks["a"]
    assert (task.state, task.outputs, task.attempts_made, task.succeeded) == ("success", {"path": "/x"}, 2, True)
    first, second = task.attempts
    assert (first.started_at, first.ended_at, first.inputs, first.log) == (AT + 1, AT + 3, {"x": 1}, "a/1.log")
    assert (first.state, first.failure) == ("failed", {"kind": "error", "message": "it broke"})
    assert (second.state, second.arguments) == ("success", ("ls", "-l"))
    journal.close()


def test_a_store_is_made_where_there_is_none_and_git_ignores_it(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / ".pipec"
    RunStore.open(folder).close()
    assert (folder / ".gitignore").read_text() == "*\n"
    assert (folder / "runs.db").exists()
    RunStore.open(folder).close()


def test_run_ids_and_paths(store: RunStore) -> None:
    journal = store.new_run(start())
    assert journal.run_id.startswith("2026-01-02T00-00-00-")
    assert journal.folder == store.folder / "runs" / journal.run_id
    assert journal.folder.is_dir()
    assert journal.log_path('t["a/b"]', 2) == journal.folder / "t%5B%22a%2Fb%22%5D" / "2.log"
    assert journal.attempt_folder("t", 2) == journal.folder / "t" / "2"
    assert len({store.reserve(AT) for _ in range(50)}) == 50
    journal.close()


def test_an_id_may_be_reserved_before_the_run_can_be_described(store: RunStore) -> None:
    kept, given_back = store.reserve(AT), store.reserve(AT)
    store.release(given_back)
    journal = store.new_run(start(run_id=kept))
    assert journal.run_id == kept
    assert [path.name for path in (store.folder / "runs").iterdir()] == [kept]
    journal.close()


def test_equal_programs_are_kept_once(store: RunStore) -> None:
    for text in ("one", "one", "two"):
        run_of(store, ended(), pipeline_json=text)
    assert [store.run(one.run_id).pipeline_json for one in store.runs()] == ["two", "one", "one"]
    assert store._session.read("SELECT count(*) FROM programs") == [(2,)]


# --- lists ---------------------------------------------------------------------------------------


def test_runs_are_listed_newest_first(store: RunStore) -> None:
    first = run_of(store, ended(), pipeline="etl", date="2026-01-01")
    second = run_of(store, ended("failed"), pipeline="train", started_at=AT + 100)
    third = run_of(store, state("a", "running"), pipeline="etl", started_at=AT + 200)
    living = store.new_run(start("etl", started_at=AT + 300))

    listed = store.runs()
    assert [one.run_id for one in listed] == [living.run_id, third, second, first]
    assert [one.status for one in listed] == ["running", "killed", "failed", "success"]
    oldest = listed[-1]
    assert (oldest.pipeline, oldest.file, oldest.date) == ("etl", "p.pipe", "2026-01-01")
    assert (oldest.interval_start, oldest.interval_end) == ("2026-01-01T00:00:00+00:00", "2026-01-01")
    assert (oldest.started_at, oldest.ended_at) == (AT, AT + 9)

    assert [one.run_id for one in store.runs("etl", limit=2)] == [living.run_id, third]
    assert [one.run_id for one in store.runs(since=AT + 100, limit=9)] == [living.run_id, third, second]
    assert store.runs("nothing") == []
    assert [one.run_id for one in store.records("etl", 2)] == [living.run_id, third]
    assert [one.status for one in store.records("etl")] == ["running", "killed", "success"]
    living.close()


def test_a_run_is_named_by_its_id_the_start_of_it_or_as_the_last(store: RunStore) -> None:
    old = run_of(store, pipeline="etl", started_at=0.0)
    new = run_of(store, pipeline="train")
    other = run_of(store, pipeline="train")
    assert store.resolve("last") == other
    assert store.resolve("last", "etl") == old
    assert store.resolve("1970") == store.resolve(old) == old
    for text, pipeline, message in [
        ("2026", None, f"2 runs start with '2026': {other}, {new}"),
        ("2%", None, "there is no run 2% in"),
        ("last", "nothing", "there is no run of nothing in"),
    ]:
        with pytest.raises(StoreError, match=message):
            store.resolve(text, pipeline)
    with pytest.raises(StoreError, match="there is no run 2030 in"):
        store.run("2030")


# --- runs that broke off -------------------------------------------------------------------------


def test_a_run_has_one_holder(store: RunStore) -> None:
    journal = store.new_run(start())
    assert store.run(journal.run_id).status == "running"
    with pytest.raises(StoreError, match="is still going on: another process runs it"):
        store.resume(journal.run_id)
    journal.close()
    assert store.run(journal.run_id).status == "killed"
    with pytest.raises(StoreError, match="there is no run nothing"):
        store.resume("nothing")


def test_a_run_goes_on_where_it_broke_off(store: RunStore) -> None:
    run_id = run_of(store, *attempt("a", outputs={"n": 1}), *attempt("b", outputs={"n": 2}), *attempt("c")[:2])
    journal = store.resume(run_id)
    killed: RunRecord = journal.record
    assert (killed.status, killed.tasks["c"].attempts[0].state) == ("killed", "killed")

    facts = {"parameters": {"x": 1}, "source_digest": "new", "pipeline_json": "new program"}
    journal.resume(AT + 20, ["task `b` changed"], {"a"}, **facts)
    record = store.run(run_id)
    assert record == journal.record
    assert (record.status, record.resumed_at, record.pipeline_json) == ("running", [AT + 20], "new program")
    assert (record.parameters, record.source_digest) == ({"x": 1}, "new")
    assert {name: (task.state, task.succeeded) for name, task in record.tasks.items()} == {
        "a": ("pending", True),
        "b": ("pending", False),
        "c": ("pending", False),
    }

    journal.append([state("a", "success", outputs={"n": 1}, restored=True), ended()])
    journal.close()
    record = store.run(run_id)
    assert (record.status, record.tasks["a"].restored) == ("success", True)
    assert store.runs()[0].status == "success"


def test_a_success_outlives_a_resume_that_is_killed_before_it_is_said_again(store: RunStore) -> None:
    run_id = run_of(store, *attempt("a"))
    journal = store.resume(run_id)
    journal.resume(AT + 20, [], {"a"}, parameters={}, source_digest="", pipeline_json="{}")
    journal.close()
    task = store.run(run_id).tasks["a"]
    assert (task.state, task.succeeded) == ("pending", True)
