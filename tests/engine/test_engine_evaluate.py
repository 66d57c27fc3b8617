"""What expressions mean, and what is said where they have no value."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from pipec.engine.evaluate import EvaluationError, Scope, evaluate, json_value, text_value
from pipec.ir.expressions import (
    ConditionalExpression,
    DictEntry,
    DictExpression,
    Expression,
    FunctionCall,
    IndexOperation,
    Interpolation,
    ItemReference,
    ListExpression,
    UnaryOperation,
)
from pipec.ir.types import INT
from tests.support.ir_builder import binary, expression, literal, output, parameter_value, run_value

DAY = literal("2026-01-02", "date")
MOMENT = literal("2026-01-02T03:04:05+00:00", "datetime")
HOUR = literal(3600, "duration")

SCOPE = Scope(
    parameters={"n": 3, "day": "2026-01-02", "rate": 1},
    run={"date": "2026-01-02", "attempt": 2, "id": "run1", "timestamp": "2026-01-02T03:04:05+00:00"},
    outputs={("extract", "rows"): 10, ("extract", "day"): "2026-01-01", ("score", "x"): [1, None, 3]},
    items={"lots": 7},
)


def call(function: str, *arguments: Any, source: str = "") -> FunctionCall:
    return FunctionCall(function=function, arguments=tuple(map(expression, arguments)), source=source)


def index(base: Any, key: Any, source: str = "") -> IndexOperation:
    return IndexOperation(base=expression(base), index=expression(key), source=source)


def interpolation(*parts: Any) -> Interpolation:
    return Interpolation(parts=tuple(map(expression, parts)))


FAILING = index([], 0, "[][0]")


@pytest.mark.parametrize(
    ("written", "tree", "value"),
    [
        ("7 / 2", binary(7, "/", 2), 3.5),
        ("6 / 2", binary(6, "/", 2), 3.0),
        ("-7 % 3", binary(-7, "%", 3), 2),
        ("7 % -3", binary(7, "%", -3), -2),
        ("0.1 + 0.2", binary(0.1, "+", 0.2), 0.30000000000000004),
        ('"a" + "b"', binary("a", "+", "b"), "ab"),
        ("[1] + [2]", binary([1], "+", [2]), [1, 2]),
        ("2 * 3", binary(2, "*", 3), 6),
        ("1 - 2", binary(1, "-", 2), -1),
        ("1 == 1.0", binary(1, "==", 1.0), True),
        ('"a" != "A"', binary("a", "!=", "A"), True),
        ("null == null", binary(None, "==", None), True),
        ("1 == null", binary(1, "==", None), False),
        ('"Z" < "a"', binary("Z", "<", "a"), True),
        ("2 <= 2", binary(2, "<=", 2), True),
        ("2 > 2", binary(2, ">", 2), False),
        ("2 >= 2", binary(2, ">=", 2), True),
        ("2 in [1, 2]", binary(2, "in", [1, 2]), True),
        ('"b" not in "abc"', binary("b", "not in", "abc"), False),
        ('"k" in { k: 1 }', binary("k", "in", {"k": 1}), True),
        ("day + 1h", binary(MOMENT, "+", HOUR), datetime.datetime(2026, 1, 2, 4, 4, 5, tzinfo=datetime.UTC)),
        ("2 * 1h", binary(2, "*", HOUR), datetime.timedelta(hours=2)),
        ("2026-01-02 == day", binary(DAY, "==", parameter_value("day", "date")), True),
        ("null ?? 1", binary(None, "??", 1), 1),
        ("0 ?? 1", binary(0, "??", 1), 0),
        ("2 ?? [][0]", binary(2, "??", FAILING), 2),
        ("false and [][0]", binary(False, "and", FAILING), False),
        ("true or [][0]", binary(True, "or", FAILING), True),
        ("true and false", binary(True, "and", False), False),
        ("false or true", binary(False, "or", True), True),
        ("not true", UnaryOperation(operator="not", operand=literal(True)), False),
        ("-n", UnaryOperation(operator="-", operand=parameter_value("n")), -3),
        (
            "true ? 1 : [][0]",
            ConditionalExpression(condition=literal(True), then=literal(1), otherwise=FAILING),
            1,
        ),
        (
            "false ? [][0] : 2",
            ConditionalExpression(condition=literal(False), then=FAILING, otherwise=literal(2)),
            2,
        ),
        ("round(2.5)", call("round", 2.5), 2),
        ('format(day, "%d.%m.")', call("format", DAY, "%d.%m."), "02.01."),
        ("[5, 6][-1]", index([5, 6], -1), 6),
        ("{ a: 1 }.a", index({"a": 1}, "a"), 1),
        ("[n, 1]", ListExpression(items=(parameter_value("n"), literal(1))), [3, 1]),
        ("{ n: n }", DictExpression(entries=(DictEntry(key="n", value=parameter_value("n")),)), {"n": 3}),
        ("an int for a float", parameter_value("rate", "float"), 1.0),
        ("run.date", run_value("date"), datetime.date(2026, 1, 2)),
        ("run.timestamp", run_value("timestamp"), datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.UTC)),
        ("run.attempt", run_value("attempt"), 2),
        ("extract.rows", output("extract.rows"), 10),
        ("extract.day", output("extract.day", "date"), datetime.date(2026, 1, 1)),
        ("output of a task that did not succeed", output("other.rows"), None),
        ("score[*].x", output("score.x", "list[int?]"), [1, None, 3]),
        ("item of a map", ItemReference(map="lots", type=INT), 7),
        (
            '"${day} ${0.5} ${true} ${null}|${[1]}"',
            interpolation(DAY, " ", 0.5, " ", True, " ", None, "|", [1]),
            "2026-01-02 0.5 true |[1]",
        ),
    ],
)
def test_value(written: str, tree: Expression, value: Any) -> None:
    found = evaluate(tree, SCOPE)
    assert found == value, written
    assert type(found) is type(value), written


@pytest.mark.parametrize(
    ("tree", "message"),
    [
        (binary(1, "/", 0, "rows / n"), "division by zero in rows / n"),
        (binary(1, "%", 0, "rows % n"), "division by zero in rows % n"),
        (binary(1.0, "/", 0.0), "division by zero"),
        (binary(binary(1, "/", 0, "1 / n"), "+", 1, "1 / n + 1"), "division by zero in 1 / n"),
        (binary(None, "+", 1, "x.a + 1"), "not possible with null, int 1 in x.a + 1"),
        (binary("a", "<", 1, "x.a < 1"), "not possible with str 'a', int 1 in x.a < 1"),
        (binary("%d", "%", 1, "x.a % 1"), "str '%d' has no remainder in x.a % 1"),
        (UnaryOperation(operator="-", operand=literal("a")), "not possible with str 'a'"),
        (index([1, 2], 2, "xs[2]"), "index 2 is outside a list of 2 in xs[2]"),
        (index({"a": 1}, "b", "x.b"), "there is no key 'b' in x.b"),
        (index(None, "b", "x.b"), "null has no element 'b' in x.b"),
        (index([1], "b", "xs.b"), "list [1] has no element 'b' in xs.b"),
        (
            call("round", binary(1e308, "*", 10), source="round(x)"),
            "cannot convert float infinity to integer in round(x)",
        ),
        (call("split", "a", "", source='split(a, "")'), 'empty separator in split(a, "")'),
        (call("len", None, source="len(x.a)"), "not possible with null in len(x.a)"),
        (
            call("env", "PIPEC_TEST_UNSET", source='env("PIPEC_TEST_UNSET")'),
            'the environment variable PIPEC_TEST_UNSET is not set in env("PIPEC_TEST_UNSET")',
        ),
        (interpolation("a", binary(1e308, "*", 10)), "inf is not a JSON value"),
        (parameter_value("unknown"), "the parameter unknown has no value here"),
        (run_value("url"), "run.url has no value here"),
        (ItemReference(map="other", type=INT), "the item of other has no value here"),
    ],
)
def test_fault(tree: Expression, message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PIPEC_TEST_UNSET", raising=False)
    with pytest.raises(EvaluationError) as caught:
        evaluate(tree, SCOPE)
    assert str(caught.value) == message


def test_constants_need_no_scope() -> None:
    assert evaluate(binary(call("len", "abc"), "*", 2), Scope()) == 6


def test_json_and_text_of_a_value() -> None:
    assert json_value(DAY, Scope()) == "2026-01-02"
    assert text_value(HOUR, Scope()) == "3600"
    for form in (json_value, text_value):
        with pytest.raises(EvaluationError, match="inf is not a JSON value"):
            form(binary(1e308, "*", 10), Scope())
