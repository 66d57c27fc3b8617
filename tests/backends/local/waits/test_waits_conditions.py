"""What each condition looks at."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pipec.backends.local.waits.conditions import PredicateCall
from pipec.backends.local.waits.contract import Met, WaitError

from pipec.engine.events import AttemptFailed, AttemptSucceeded, Failure
from pipec.ir.model import Options, PythonFunction
from pipec.runtime.values import from_json
from tests.backends.local.waits.support import History, made

# --- files -------------------------------------------------------------------------------------------

FILES = ("a.csv", "deep/down/b.stdf", "deep/[c].txt", ".hidden", "deep/UPPER.CSV")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder whose own name looks like a pattern."""
    folder = tmp_path / "[odd] *"
    for name in FILES:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    (folder / "nowhere.csv").symlink_to("missing")
    return folder


@pytest.mark.parametrize(
    ("pattern", "is_met"),
    [
        ("a.csv", True),
        ("./a.csv", True),
        ("*.csv", True),
        ("b*.csv", False),
        ("**/*.stdf", True),
        ("deep/**", True),
        ("deep/*/b.stdf", True),
        ("deep/?.stdf", False),
        ("deep/[[]c].txt", True),
        ("deep", True),
        ("deep/down/../*.txt", True),
        ("*.hidden", False),
        (".hid*", True),
        ("nowhere.csv", False),
        ("nowhere.*", False),
        ("missing/folder/*.csv", False),
        ("a.csv/*", False),
    ],
)
def test_files(folder: Path, pattern: str, is_met: bool) -> None:
    condition = made(f"file('{pattern}')", folder)
    assert condition.check() == (Met() if is_met else None)
    assert condition.describe() == f"waits for {pattern}"


def test_files_elsewhere(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    (tmp_path / "plain" / "x.csv").touch()
    assert made(f"file('{tmp_path}/plain/*.csv')", folder).check() == Met()
    assert made(f"file('{tmp_path}/plain/*.txt')", folder).check() is None


def test_a_folder_that_cannot_be_read_is_said(folder: Path) -> None:
    locked = folder / "locked"
    locked.mkdir(mode=0)
    condition = made("file('locked/*.csv')", folder)
    if os.access(locked, os.R_OK):  # to the superuser nothing is locked
        locked.rmdir()
        locked.symlink_to("locked")
        with pytest.raises(OSError, match="symbolic links"):
            condition.check()
    else:
        with pytest.raises(PermissionError):
            condition.check()


# --- times -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ahead", "is_met"), [(timedelta(hours=-1), True), (timedelta(0), True), (timedelta(hours=1), False)]
)
@pytest.mark.parametrize("zone", [UTC, datetime.now().astimezone().tzinfo])
def test_a_time(ahead: timedelta, is_met: bool, zone: Any) -> None:
    moment = datetime.now(zone) + ahead
    condition = made("until(run.timestamp)", inputs={"time": moment.isoformat()})
    assert condition.check() == (Met() if is_met else None)
    assert condition.seconds_left() == pytest.approx(max(0, ahead.total_seconds()), abs=60)
    assert condition.describe() == f"waits until {moment.isoformat()}"


def test_nobody_knows_when_a_file_comes() -> None:
    assert made("file('x')").seconds_left() is None


# --- the store ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "is_met"),
    [
        ('task("etl.load")', True),
        ('task("etl.extract")', False),
        ("task('etl.train[\"rf\"]')", True),
        ("task('etl.train[\"gbm\"]')", False),
        ("task('etl.grid[\"a.b[]\", 2]')", True),
        ('task("other.load")', False),
    ],
)
def test_tasks_of_other_pipelines(written: str, is_met: bool) -> None:
    succeeded = {(name, date) for name in ("load", 'train["rf"]', 'grid["a.b[]", 2]') for date in ("2026-01-01",)}
    history = History(succeeded={("etl", name, date) for name, date in succeeded} | {("etl", "extract", "2025-12-31")})
    assert made(written, history=history).check() == (Met() if is_met else None)


def test_a_task_says_for_which_date_it_is_waited() -> None:
    assert made('task("etl.load")').describe() == "waits for etl.load of 2026-01-01"


@pytest.mark.parametrize(
    ("updated", "is_met"),
    [("2025-12-31T23:59:59+00:00", False), ("2026-01-01T00:00:00+00:00", True), ("2026-01-05T00:00:00+00:00", True)],
)
def test_assets(updated: str, is_met: bool) -> None:
    history = History(updated={"s3://lake/lots": datetime.fromisoformat(updated).timestamp()})
    assert made('asset("s3://lake/lots")', history=history).check() == (Met() if is_met else None)
    assert made('asset("s3://lake/other")', history=history).check() is None


# --- objects -----------------------------------------------------------------------------------------


@pytest.fixture
def memory() -> Iterator[Any]:
    """fsspec's store in memory, empty."""
    import fsspec  # type: ignore[import-untyped]

    store = fsspec.filesystem("memory")
    store.rm("/", recursive=True) if store.ls("/") else None
    yield store
    store.rm("/", recursive=True) if store.ls("/") else None


@pytest.mark.parametrize(
    "uri", ["memory://bucket/key.csv", "memory://bucket/*.csv", "memory://bucket/**/*.csv", "memory://bucket/k?y.csv"]
)
def test_objects(memory: Any, uri: str) -> None:
    condition = made(f'object("{uri}")')
    assert condition.check() is None
    memory.pipe("/bucket/key.csv", b"1")
    assert condition.check() == Met()
    assert condition.describe() == f"waits for {uri}"


def test_an_object_on_this_machine(tmp_path: Path) -> None:
    (tmp_path / "a.csv").touch()
    assert made(f'object("file://{tmp_path}/a.csv")').check() == Met()
    assert made(f'object("file://{tmp_path}/b.csv")').check() is None


def test_a_pattern_that_is_none() -> None:
    with pytest.raises(WaitError, match=r"memory://b/.+ is no pattern: ") as caught:
        made('object("memory://b/x**y")').check()
    assert caught.value.failure.kind == "input"


@pytest.mark.parametrize(
    ("uri", "hidden", "kind", "said"),
    [
        ("s3://bucket/key", "s3fs", "error", "s3fs"),
        ("gs://bucket/key", "gcsfs", "error", "gcsfs"),
        ("s3://bucket/key", "fsspec.core", "error", 'install "pipec[objects]"'),
        ("nonsense://bucket/key", "s3fs", "input", "Protocol not known: nonsense"),
    ],
)
def test_what_is_to_be_installed(uri: str, hidden: str, kind: str, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, hidden, None)
    with pytest.raises(WaitError) as caught:
        made(f'object("{uri}")').check()
    assert said in str(caught.value)
    assert caught.value.failure == Failure(kind, str(caught.value))  # type: ignore[arg-type]


def test_what_is_to_be_installed_for_messages(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "confluent_kafka", None)
    with pytest.raises(WaitError, match=r'install "pipec\[kafka\]"'):
        made('message("orders", servers = "127.0.0.1:1")').check()


# --- predicates --------------------------------------------------------------------------------------


def test_a_predicate_is_a_task_for_the_runner() -> None:
    inputs = {"function": "checks.days:is_there", "day": "2026-01-01", "limit": 3, "any": {"a": 1}}
    call = made(
        'python("checks.days:is_there", day = run.date, limit = 3, any = { a: 1 })',
        inputs=inputs,
    )
    assert isinstance(call, PredicateCall)
    assert call.describe() == "waits for checks.days:is_there to return true"
    assert call.inputs == {"day": "2026-01-01", "limit": 3, "any": {"a": 1}}
    assert call.task.id == "w"
    assert call.task.implementation == PythonFunction(module="checks.days", function="is_there")
    assert [(output.name, str(output.type)) for output in call.task.outputs] == [("output", "bool")]
    assert call.task.single_output
    assert call.task.options == Options()
    types = {declared.name: str(declared.type) for declared in call.task.inputs}
    native = from_json(call.inputs["day"], types["day"])
    assert (types["day"], types["limit"], native.isoformat()) == ("date", "int", "2026-01-01")


def test_what_came_of_a_predicate() -> None:
    call = made('python("m:f")')
    assert isinstance(call, PredicateCall)
    assert call.result(AttemptSucceeded("w", {"output": True})) == Met()
    assert call.result(AttemptSucceeded("w", {"output": False})) is None
    failed = call.result(AttemptFailed("w", Failure("error", "no such table", ("m.Busy",), 1)))
    assert isinstance(failed, WaitError)
    assert failed.failure == Failure("error", "no such table", ("m.Busy",))


# --- values that make no sense -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "inputs", "said"),
    [
        ("file('x')", {"glob": ""}, "glob is '': it needs a text that is not empty"),
        ("file('x')", {"glob": "a\0b"}, "it needs a text"),
        ("file('x')", {"glob": None}, "glob is None"),
        ("object('s3://x')", {"uri": "/data/x"}, "/data/x is no URI of an object: write s3://bucket/key"),
        ("until(run.timestamp)", {"time": "soon"}, "time is 'soon', which is no time"),
        ("until(run.timestamp)", {"time": "2026-01-01T00:00:00"}, "which has no time zone"),
        ("task('a.b')", {"task": "b"}, "b is no task: write pipeline.task"),
        ("message('orders')", {"topic": "orders"}, "no Kafka server is known: set PIPEC_KAFKA_SERVERS"),
    ],
)
def test_values_that_make_no_sense(written: str, inputs: dict[str, Any], said: str) -> None:
    with pytest.raises(WaitError) as caught:
        made(written, inputs=inputs)
    assert said in str(caught.value)
    assert caught.value.failure.kind == "input"


def test_looking_takes_no_longer_with_a_folder_of_many_files(tmp_path: Path) -> None:
    for number in range(2000):
        (tmp_path / f"{number}.csv").touch()
    begun = time.monotonic()
    assert made("file('*.csv')", tmp_path).check() == Met()
    assert time.monotonic() - begun < 5
