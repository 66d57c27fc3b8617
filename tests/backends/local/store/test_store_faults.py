"""The store when its disk, its file or its process fails."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pipec.backends.local.store import journal as journal_module
from pipec.backends.local.store import locks
from pipec.backends.local.store.database import StoreError
from pipec.backends.local.store.records import CacheEntry
from pipec.backends.local.store.store import RunStore

from tests.backends.local.store.samples import AT, attempt, ended, public_folder, read_only, run_of, start

ROOT = Path(__file__).resolve().parents[4]


def writer(folder: Path, count: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.backends.local.store.writer", str(folder), str(count)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def is_sound(store: RunStore) -> bool:
    return bool(store._session.read("PRAGMA integrity_check") == [("ok",)])


# --- processes -----------------------------------------------------------------------------------


@pytest.mark.engine
def test_what_was_written_outlives_a_kill(tmp_path: Path) -> None:
    """Twenty writers are killed at random moments; the store keeps all that they said they had written."""
    chance = random.Random(3)
    for _ in range(20):
        process = writer(tmp_path, 100_000)
        assert process.stdout is not None
        run_id = process.stdout.readline().strip()
        time.sleep(chance.uniform(0.0, 0.2))
        process.kill()
        written = [int(line) for line in process.stdout.read().splitlines()]
        process.wait()

        store = RunStore.open(tmp_path)
        record = store.run(run_id)
        assert record.status == "killed"
        assert set(range(len(written))) == set(written)
        for number in written:
            assert record.tasks[f"t{number}"].outputs["n"] == number
        assert len(record.tasks) in (len(written), len(written) + 1)
        assert is_sound(store)
        store.resume(run_id).close()
        store.close()


@pytest.mark.engine
def test_runs_in_one_folder_at_once_do_not_hurt_each_other(tmp_path: Path) -> None:
    """They make the store all at once, too."""
    processes = [writer(tmp_path, 300) for _ in range(3)]
    outputs = [process.communicate()[0].splitlines() for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0]
    store = RunStore.open(tmp_path)
    for run_id, *numbers in outputs:
        assert [int(number) for number in numbers] == list(range(300))
        record = store.run(run_id)
        assert [task.outputs["n"] for task in record.tasks.values()] == list(range(300))
    assert is_sound(store)
    store.close()


def test_a_process_that_is_forked_does_not_hold_the_run(tmp_path: Path) -> None:
    """It may live longer than the run."""
    lock = locks.take_lock(tmp_path)
    assert lock is not None
    child = os.fork()
    if child == 0:
        time.sleep(60)
        os._exit(0)
    try:
        assert locks.is_held(tmp_path)
        lock.release()
        deadline = time.monotonic() + 30
        while locks.is_held(tmp_path):
            assert time.monotonic() < deadline
            time.sleep(0.01)
    finally:
        os.kill(child, 9)
        os.waitpid(child, 0)


def test_who_looks_at_a_lock_takes_it_from_nobody(tmp_path: Path) -> None:
    def look(_: int) -> None:
        for _ in range(200):
            locks.is_held(tmp_path)

    with ThreadPoolExecutor(4) as threads:
        looking = threads.map(look, range(4))
        for _ in range(20):
            lock = locks.take_lock(tmp_path)
            assert lock is not None
            lock.release()
        list(looking)


# --- a store that cannot be written --------------------------------------------------------------


def test_a_full_disk_keeps_no_run_from_going_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal_module, "_RETRY_AFTER", 0.0)
    store = RunStore.open(tmp_path)
    journal = store.new_run(start())
    journal.append(attempt("before"))
    (pages,) = store._session.read("PRAGMA page_count")[0]
    store._session.read(f"PRAGMA max_page_count = {pages + 1}")

    big = {"text": "x" * 20_000}
    cached = CacheEntry("key", {}, "p", "t", journal.run_id, AT, {"n": 1})
    for number in range(5):
        journal.append(attempt(f"t{number}", outputs=big), [cached])
    assert journal.trouble == f"the disk of the run store is full: {tmp_path / 'runs.db'}"
    assert journal.record.tasks["t4"].state == "success"
    assert "t4" not in store.run(journal.run_id).tasks
    assert is_sound(store)

    store._session.read("PRAGMA max_page_count = 100000")
    journal.append([ended()])
    assert journal.trouble is None
    assert store.run(journal.run_id) == journal.record
    assert store.cache_lookup("key") == cached
    journal.close()
    assert store.runs()[0].status == "success"
    store.close()


def test_what_could_not_be_written_is_written_at_the_end(tmp_path: Path) -> None:
    """While there is trouble a try is made once a second, and one when the journal is closed."""
    store = RunStore.open(tmp_path)
    journal = store.new_run(start())
    other = sqlite3.connect(tmp_path / "runs.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    store._session.set_patience(0.05)
    journal.append(attempt("a"))
    assert journal.trouble is not None
    assert "locked by another process" in journal.trouble
    other.execute("ROLLBACK")
    other.close()
    journal.append([ended()])
    journal.close()
    assert journal.trouble is None
    assert store.run(journal.run_id) == journal.record
    store.close()


def test_a_disk_that_stays_full_is_reported_and_the_run_is_let_go(tmp_path: Path) -> None:
    store = RunStore.open(tmp_path)
    journal = store.new_run(start())
    store._session.read("PRAGMA max_page_count = 1")
    journal.append(attempt("a", outputs={"text": "x" * 200_000}))
    journal.close()
    assert journal.trouble is not None
    assert store.run(journal.run_id).status == "killed"
    store.close()


def test_a_full_disk_is_said_before_the_run_starts(tmp_path: Path) -> None:
    store = RunStore.open(tmp_path)
    store._session.read("PRAGMA max_page_count = 1")
    with pytest.raises(StoreError, match="the disk of the run store is full"):
        store.new_run(start(pipeline_json="x" * 1_000_000))
    store.close()


def test_a_read_only_store_can_be_looked_at() -> None:
    with public_folder() as folder:
        store = RunStore.open(folder)
        run_id = run_of(store, *attempt("a"), ended())
        store.close()
        with read_only(folder):
            with pytest.raises(StoreError, match=r"the run store (is read-only|cannot be used \(.*\)): .*runs\.db"):
                RunStore.open(folder)
            store = RunStore.open_existing(folder)
            assert store.run(run_id).status == "success"
            assert [one.run_id for one in store.runs()] == [run_id]
            with pytest.raises(StoreError, match="the run store is read-only"):
                store.cache_store(CacheEntry("key", {}, "p", "t", run_id, AT, {}))
            store.close()


def test_a_store_that_becomes_read_only_keeps_no_run_from_going_on(tmp_path: Path) -> None:
    store = RunStore.open(tmp_path)
    journal = store.new_run(start())
    store._session.read("PRAGMA query_only = on")
    journal.append(attempt("a"))
    assert journal.trouble == f"the run store is read-only: {tmp_path / 'runs.db'}"
    store._session.read("PRAGMA query_only = off")
    journal.close()
    assert journal.trouble is None
    store.close()


# --- files that are no store ---------------------------------------------------------------------


def _text(file: Path) -> None:
    file.write_text("not a database, " * 100)


def _other_database(file: Path) -> None:
    connection = sqlite3.connect(file)
    connection.execute("CREATE TABLE runs (x)")
    connection.commit()
    connection.close()


def _newer(file: Path) -> None:
    RunStore.open(file.parent).close()
    connection = sqlite3.connect(file)
    connection.execute("PRAGMA user_version = 7")
    connection.close()


def _folder(file: Path) -> None:
    file.mkdir()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (_text, "this is no run store but some other file, move it away: "),
        (_other_database, "this is no run store but some other database, move it away: "),
        (_newer, r"written by a newer pipec \(its schema is 7, the newest known here is 1\): "),
        (_folder, "the run store cannot be used .*: "),
    ],
)
def test_what_is_no_store_is_named(make: object, message: str, tmp_path: Path) -> None:
    file = tmp_path / "runs.db"
    make(file)  # type: ignore[operator]
    for opened in (RunStore.open, RunStore.open_existing):
        with pytest.raises(StoreError, match=message) as raised:
            opened(tmp_path)
        assert str(raised.value).endswith(str(file))
        assert "\n" not in str(raised.value)


def test_a_store_in_a_file_is_none(tmp_path: Path) -> None:
    (tmp_path / ".pipec").write_text("")
    with pytest.raises(StoreError, match="the run store cannot be used"):
        RunStore.open(tmp_path / ".pipec")


def test_to_look_at_a_store_makes_none(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=f"there are no runs in {tmp_path}"):
        RunStore.open_existing(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_run_whose_folder_is_gone_was_killed(tmp_path: Path) -> None:
    store = RunStore.open(tmp_path)
    run_id = run_of(store, *attempt("a"))
    shutil.rmtree(store.run_folder(run_id))
    assert store.run(run_id).status == "killed"
    store.resume(run_id).close()
    store.close()
