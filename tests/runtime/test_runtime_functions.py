"""The built-in functions of expressions."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from pipec.runtime.functions import FUNCTIONS


@pytest.mark.parametrize(
    ("name", "arguments", "result"),
    [
        ("len", (["a", "b"],), 2),
        ("len", ("abc",), 3),
        ("min", ([3, 1, 2],), 1),
        ("max", (1, 2.5), 2.5),
        ("sum", ([1, 2, 3],), 6),
        ("any", ([False, True],), True),
        ("all", ([],), True),
        ("round", (2.5,), 2),
        ("round", (3.5,), 4),
        ("round", (0.125, 2), 0.12),
        ("lower", ("ÄB",), "äb"),
        ("upper", ("äb",), "ÄB"),
        ("replace", ("a-b-c", "-", "_"), "a_b_c"),
        ("split", ("a,b,,c", ","), ["a", "b", "", "c"]),
        ("join", (["a", "b"], "/"), "a/b"),
        ("format", (0.12345, ".2f"), "0.12"),
        ("format", (datetime.date(2026, 1, 2), "%Y%m%d"), "20260102"),
        ("basename", ("s3://bucket/a/b.csv",), "b.csv"),
        ("basename", ("/data/lots/",), "lots"),
        ("basename", ("x",), "x"),
        ("env", ("PIPEC_TEST_SET",), "here"),
        ("env", ("PIPEC_TEST_UNSET", "else"), "else"),
    ],
)
def test_function(name: str, arguments: tuple[Any, ...], result: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIPEC_TEST_SET", "here")
    monkeypatch.delenv("PIPEC_TEST_UNSET", raising=False)
    value = FUNCTIONS[name](*arguments)
    assert value == result
    assert type(value) is type(result)


def test_environment_variable_without_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PIPEC_TEST_UNSET", raising=False)
    with pytest.raises(LookupError, match="the environment variable PIPEC_TEST_UNSET is not set"):
        FUNCTIONS["env"]("PIPEC_TEST_UNSET")
