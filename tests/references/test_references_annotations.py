"""Annotations of Python against the types of the language, against what the runtime makes of values of these types."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from pipec.runtime.values import OutputError, check_output, from_json
from tests.references.support import diagnostics_of, said, task

_HEAD = """
import datetime
import datetime as dt
import typing as t
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Any, Dict, List, Literal, Optional, TypedDict, Union
import pandas as pd

class int_list(list): ...
Table = dict[str, int]

@dataclass
class Scores:
    auc: float
    best: str

class Names(TypedDict):
    auc: float
    best: int
"""

_VALUES = {
    "int": "3",
    "float": "1.5",
    "bool": "true",
    "str": '"x"',
    "date": "2026-01-31",
    "datetime": "run.timestamp",
    "duration": "2h",
    "size": "1Gi",
    "list[int]": "[1, 2]",
    "list[str]": '["a"]',
    "{ a: int }": "{ a: 1 }",
}


@pytest.mark.parametrize(
    ("type", "agreeing", "contradicting"),
    [
        ("int", ["int", "float", "Any", "'int'", "Optional[int]", "int | None", "Union[str, int]", "Annotated[int, 1]"],
         ["str", "bool", "list", "'str'", "Optional[str]", "date"]),
        ("float", ["float", "t.Optional[float]", "pd.Series"], ["int", "str"]),
        ("bool", ["bool", "int"], ["str", "None"]),
        ("str", ["str", "Sequence[str]", "object", "Literal['x']", "Enumerated"],
         ["int", "Path", "list[str]", "bytes"]),
        ("date", ["date", "datetime.date", "dt.date"], ["str", "dt.datetime", "datetime.datetime"]),
        ("datetime", ["dt.datetime", "date"], ["str", "timedelta"]),
        ("duration", ["timedelta"], ["int", "float", "str"]),
        ("size", ["int", "float"], ["str"]),
        ("list[int]", ["list", "list[int]", "List[int]", "Sequence[float]", "int_list", "list[Any]"],
         ["list[str]", "dict", "tuple[int, ...]", "set[int]", "str", "Dict[str, int]"]),
        ("list[str]", ["list[str]", "Sequence"], ["list[int]", "List[Path]"]),
        ("{ a: int }", ["dict", "dict[str, int]", "Mapping[str, Any]", "Table", "Scores", "dict[str, object]"],
         ["list", "dict[str, str]", "str"]),
    ],
)  # fmt: skip
def test_what_is_given(tmp_path: Path, type: str, agreeing: list[str], contradicting: list[str]) -> None:
    for annotation in [*agreeing, *contradicting]:
        steps = f"{_HEAD}def f(x: {annotation}): ...\n"
        found = diagnostics_of(tmp_path, task('python("steps:f")', f"x = {_VALUES[type]}"), {"steps.py": steps})
        assert [one.code for one in found] == (["L201"] if annotation in contradicting else []), annotation


@pytest.mark.parametrize(
    ("type", "agreeing", "contradicting"),
    [
        ("int", ["int", "Any", "'int'", "np.int64"], ["float", "bool", "str", "None", "int | None", "dict[str, int]"]),
        ("int?", ["int", "int | None", "Optional[int]", "None"], ["str", "str | None"]),
        ("float", ["float", "int"], ["str", "bool"]),
        ("bool", ["bool"], ["int", "str"]),
        ("str", ["str", "Path"], ["int", "bytes", "list[str]"]),
        ("dataset", ["str", "Path"], ["int"]),
        ("date", ["date", "str"], ["int"]),
        ("duration", ["timedelta", "int", "float"], ["str"]),
        ("list[int]", ["list[int]", "tuple[int, ...]", "list"], ["list[str]", "dict", "set[int]", "list[bool]"]),
        ("dict[str, float]", ["dict[str, float]", "dict[str, int]", "Mapping[str, float]"], ["dict[str, str]", "list"]),
        ("json", ["dict", "list", "str", "None", "Any"], ["set", "bytes"]),
        ("{ auc: float, best: str }", ["dict", "dict[str, Any]", "Scores", "'Scores'"],
         ["dict[str, float]", "float", "tuple[float, str]", "Names", "None"]),
        ("{ auc: float }", ["dict[str, float]"], ["Scores"]),
        ("{ auc: float, best: str, f1: float }", ["dict"], ["Scores"]),
        ("", ["None", "int", "dict[str, str]"], []),
    ],
)  # fmt: skip
def test_what_is_returned(tmp_path: Path, type: str, agreeing: list[str], contradicting: list[str]) -> None:
    for annotation in [*agreeing, *contradicting]:
        steps = f"{_HEAD}def f() -> {annotation}: ...\n"
        found = diagnostics_of(tmp_path, task('python("steps:f")', outputs=type), {"steps.py": steps})
        assert [one.code for one in found] == (["L201"] if annotation in contradicting else []), annotation


def test_what_is_said(tmp_path: Path) -> None:
    steps = f"{_HEAD}def f(day: str, rows: int) -> Scores: ...\n"
    text = task('python("steps:f")', "day, rows", "{ auc: float, f1: float }")
    found = diagnostics_of(tmp_path, text, {"steps.py": steps})
    assert said(found) == [
        "L201 [day] `day` is date, `steps:f` takes str",
        "L201 [steps:f] `steps:f` returns Scores, but it has no `f1`, which is an output",
    ]
    assert [label.span.text for one in found for label in one.labels] == ["day: str", "Scores"]


@pytest.mark.parametrize(
    ("type", "json", "native"),
    [
        ("int", 3, int),
        ("float", 3, float),
        ("bool", True, bool),
        ("str", "x", str),
        ("dataset", "s3://a/b", str),
        ("date", "2026-01-31", datetime.date),
        ("datetime", "2026-01-31T00:00:00+00:00", datetime.datetime),
        ("duration", 1.5, datetime.timedelta),
        ("size", 1024, int),
        ("list[int]", [1], list),
        ("dict[str, int]", {"a": 1}, dict),
    ],
)
def test_the_annotation_of_what_the_runtime_gives_agrees(
    tmp_path: Path, type: str, json: object, native: type[object]
) -> None:
    assert isinstance(from_json(json, type), native)
    name = native.__name__ if native.__module__ == "builtins" else f"datetime.{native.__name__}"
    text = f'component c(x: {type}) = python("steps:f")\npipeline p(x: {type}) {{ task t(x) = c }}\n'
    assert said(diagnostics_of(tmp_path, text, {"steps.py": f"{_HEAD}def f(x: {name}): ...\n"})) == []


_RETURNED: list[tuple[str, object]] = [
    ("int", 3),
    ("float", 1.5),
    ("bool", True),
    ("str", "x"),
    ("bytes", b"x"),
    ("datetime.timedelta", datetime.timedelta(hours=1)),
    ("Path", Path("x")),
    ("None", None),
    ("set", {1}),
    ("tuple", (1, 2)),
    ("list", [1, 2]),
]


@pytest.mark.parametrize(
    "type", ["int", "float", "bool", "str", "file", "duration", "size", "list[int]", "json", "int?"]
)
def test_only_what_the_runtime_refuses_is_reported(tmp_path: Path, type: str) -> None:
    for annotation, value in _RETURNED:
        steps = f"{_HEAD}def f() -> {annotation}: ...\n"
        found = said(diagnostics_of(tmp_path, task('python("steps:f")', outputs=type), {"steps.py": steps}))
        try:
            check_output(value, type)
        except OutputError:
            assert found, (annotation, type)
        else:
            assert found == [], (annotation, type)
