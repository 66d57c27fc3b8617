"""Queries: over a real connection to SQLite, and as other drivers take them."""

from __future__ import annotations

import datetime
import decimal
import json
import sqlite3
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.backends.airflow.compiling import compile_text
from tests.support.airflow import AirflowHome

pytestmark = pytest.mark.engine

HOSTILE = "'; drop table lots; -- {{ ds }} {% raw %} %s %(a)s ? :day \u00e9\u2028\n.sql"


@pytest.fixture
def warehouse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> sqlite3.Connection:
    """A database that Airflow knows as the connection `warehouse`."""
    file = tmp_path / "warehouse.db"
    monkeypatch.setenv("AIRFLOW_CONN_WAREHOUSE", json.dumps({"conn_type": "sqlite", "host": str(file)}))
    connection = sqlite3.connect(file)
    connection.execute("create table lots (name text, wafers int, day text)")
    connection.executemany("insert into lots values (?, ?, ?)", [("a", 25, "2026-01-31"), ("b", 24, "2026-02-01")])
    connection.commit()
    return connection


def test_a_query_without_values_is_an_operator(airflow: AirflowHome, warehouse: sqlite3.Connection) -> None:
    text = compile_text(f"""
        pipeline p {{
          task one = sql({json.dumps("insert into lots values ('{{ ds }} %s :day', 1, '.sql')")}, conn = "warehouse")
          task two after one = sql('''
            -- two statements; one transaction
            insert into lots values ('c; d', 2, null);
            insert into lots values ('e', 3, 'x.sql');''', conn = "warehouse")
          task three after two = sql('''update lots set day = 'y' where name = 'e' -- not a.sql''', conn = "warehouse")
        }}""")
    assert text.count("SQLExecuteQueryOperator(") == 3
    assert "run_query" not in text
    run = airflow.run(text)
    assert (set(run.states.values()), run.values) == ({"success"}, {}), run.log
    assert warehouse.execute("select * from lots where wafers < 10").fetchall() == [
        ("{{ ds }} %s :day", 1, ".sql"),
        ("c; d", 2, None),
        ("e", 3, "y"),
    ]


def test_inputs_are_bound(airflow: AirflowHome, warehouse: sqlite3.Connection) -> None:
    text = compile_text(f"""
        pipeline p(name: str = {json.dumps(HOSTILE)}, day: date = 2026-01-31) {{
          task add(name, wafers = 7, day, ratio = 0.5) = sql('''
            create table notes (text text, wafers int, ratio real);
            insert into lots values (:name, :wafers, :day);
            insert into notes values (':name', :wafers * 2, :ratio), ('12:30', 0, 0) -- :name
          ''', conn = "warehouse")
        }}""")
    run = airflow.run(text)
    assert run.states == {"add": "success"}, run.log
    assert warehouse.execute("select * from lots where wafers = 7").fetchall() == [(HOSTILE, 7, "2026-01-31")]
    assert warehouse.execute("select * from notes").fetchall() == [(":name", 14, 0.5), ("12:30", 0, 0.0)]


def test_outputs_are_columns(airflow: AirflowHome, warehouse: sqlite3.Connection) -> None:
    text = compile_text("""
        pipeline p(least: int = 1) {
          task count(least) -> int = sql("select count(*) from lots where wafers >= :least", conn = "warehouse")
          task both -> { most: int, FIRST: date, none: str? }
            = sql("select max(wafers) as MOST, min(day) as first, null as none from lots", conn = "warehouse")
          task names -> list[str] = sql(file("names.sql"), conn = "warehouse")
          task columns -> { name: list[str], wafers: list[int] }
            = sql("select wafers, name from lots order by name", conn = "warehouse")
          task enough(total = count) -> int = sql("select :total", conn = "warehouse") {
            require output > 1 else "only ${output}"
          }
        }""")
    run = airflow.run(text, {"names.sql": "select name from lots where name <> '{{ ds }}' order by name desc;\n"})
    assert set(run.states.values()) == {"success"}, run.log
    assert run.values == {
        "count": 2,
        "both": {"most": 25, "FIRST": "2026-01-31", "none": None},
        "names": ["b", "a"],
        "columns": {"name": ["a", "b"], "wafers": [25, 24]},
        "enough": 2,
    }


BAD = [
    ("int", "select wafers from lots", "expected one row, got 2"),
    ("int", "select wafers from lots where 1 = 0", "expected one row, got 0"),
    ("int", "select name, wafers from lots limit 1", "expected one column, got 2: name, wafers"),
    ("int", "select name from lots limit 1", "output output: expected int, got str 'a'"),
    ("int", "insert into lots values ('z', 1, null)", "the last statement selects nothing"),
    ("{ a: int, b: int }", "select 1 as a, 2 as c", "missing outputs: b"),
    ("{ a: int }", "select 1 as a, 2 as c", "outputs that are not declared: c"),
    ("list[int]", "select name from lots", "output output[0]: expected int, got str 'a'"),
]


@pytest.mark.parametrize(("outputs", "query", "message"), BAD)
def test_bad_outputs_fail_for_good_and_change_nothing(
    airflow: AirflowHome, warehouse: sqlite3.Connection, outputs: str, query: str, message: str
) -> None:
    text = compile_text(
        f"""pipeline p {{ task work -> {outputs} = sql({json.dumps(query)}, conn = "warehouse") {{ retries = 2 }} }}"""
    )
    run = airflow.run(text)
    assert (run.states, run.attempts) == ({"work": "failed"}, {"work": 1})
    assert message in run.log
    assert warehouse.execute("select count(*) from lots").fetchone() == (2,)


def test_a_query_that_fails_is_tried_again(airflow: AirflowHome, warehouse: sqlite3.Connection) -> None:
    text = compile_text("""
        pipeline p {
          task matches -> int = sql("select nothing", conn = "warehouse") {
            retry = { max: 1, on: ["OperationalError"] }
          }
          task other -> int = sql("select nothing", conn = "warehouse") { retry = { max: 1, on: ["ValueError"] } }
        }""")
    run = airflow.run(text)
    assert run.attempts == {"matches": 2, "other": 1}


BINDINGS = [
    ("qmark", "select ? , '%:a', x::a, ?", [1, 2]),
    ("format", "select %s , '%%:a', x::a, %s", [1, 2]),
    ("numeric", "select :1 , '%:a', x::a, :2", [1, 2]),
    ("named", "select :a , '%:a', x::a, :b", {"a": 1, "b": 2}),
    ("pyformat", "select %(a)s , '%%:a', x::a, %(b)s", {"a": 1, "b": 2}),
]


@pytest.mark.parametrize(("style", "text", "parameters"), BINDINGS)
def test_every_style_of_parameters(style: str, text: str, parameters: Any) -> None:
    from pipec.backends.airflow.embedded_queries import bound

    assert bound("select :a , '%:a', x::a, :b", {"a": 1, "b": 2, "c": 3}, style) == (text, parameters)


def test_without_inputs_nothing_is_changed() -> None:
    from pipec.backends.airflow.embedded_queries import bound

    for statement in (
        "select '100 %', :unknown",
        """select ':a', ":a", `:a`, $$:a$$, $x$ :a $$ $x$, a::int -- :a
           /* :a */""",
    ):
        assert bound(statement, {"a": 1}, "format") == (statement,)


def test_values_as_drivers_take_and_give_them() -> None:
    from pipec.backends.airflow.embedded_queries import parameter_value, plain_value

    day = datetime.date(2026, 1, 31)
    taken = [None, True, 3, 0.5, "x", day, datetime.timedelta(hours=1), [1, "é"], {"a": day}]
    assert [parameter_value(value) for value in taken] == [
        None,
        True,
        3,
        0.5,
        "x",
        day,
        3600,
        '[1, "é"]',
        '{"a": "2026-01-31"}',
    ]
    given = [decimal.Decimal("12"), decimal.Decimal("12.50"), decimal.Decimal("5.0")]
    assert [plain_value(value) for value in given] == [12, 12.5, 5.0]
    assert [type(plain_value(value)) for value in given] == [int, float, float]


def test_the_style_is_that_of_the_driver(tmp_path: Path) -> None:
    from pipec.backends.airflow.embedded_queries import parameter_style

    assert parameter_style(sqlite3.connect(":memory:"), "%s") == "qmark"
    assert parameter_style(SimpleNamespace(), "?") == "qmark"
    assert parameter_style(SimpleNamespace(), "%s") == "format"
