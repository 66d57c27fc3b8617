"""The three forms of a value, and what a task may give for its outputs."""

from __future__ import annotations

import dataclasses
import datetime
import json
from collections import OrderedDict
from pathlib import Path, PurePosixPath
from typing import Any

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipec.ir.types import LiteralUnion, OptionalType, RecordField, RecordType, Type
from pipec.runtime.values import (
    MAX_OUTPUT_BYTES,
    OutputError,
    check_output,
    collect_outputs,
    environment,
    from_json,
    read_outputs,
    read_type,
    to_json,
    to_text,
)
from tests.support.ir_builder import type_named

DAY = datetime.date(2026, 1, 2)
MOMENT = datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.UTC)
MOMENT_TEXT = "2026-01-02T03:04:05+00:00"


@pytest.mark.parametrize(
    ("type_text", "layer"),
    [
        ("int", ("scalar", "int")),
        ("int?", ("optional", "int")),
        ("list[int?]", ("list", "int?")),
        ("list[int]?", ("optional", "list[int]")),
        ("dict[str, list[date]]", ("dict", "list[date]")),
        ('"a" | "b"', ("literal", ["a", "b"])),
        ('("a" | "b")?', ("optional", '"a" | "b"')),
        ('"a?"', ("literal", ["a?"])),
        ('"a"?', ("optional", '"a"')),
        ("{ a: int, b: dict[str, int] }", ("record", {"a": "int", "b": "dict[str, int]"})),
        ('{ a: "x, y: }" | "z", b: { c: int } }', ("record", {"a": '"x, y: }" | "z"', "b": "{ c: int }"})),
        ("{  }", ("record", {})),
    ],
)
def test_layers_of_a_type(type_text: str, layer: tuple[str, Any]) -> None:
    assert read_type(type_text) == layer


@given(st.lists(st.text(), min_size=1))
def test_literal_unions_are_read_as_they_are_spelt(values: list[str]) -> None:
    union = LiteralUnion(values=tuple(values))
    assert read_type(str(union)) == ("literal", values)
    assert read_type(str(OptionalType(inner=union))) == ("optional", str(union))


def _types() -> st.SearchStrategy[Type]:
    scalars = st.sampled_from(["int", "str", "date", "json"]).map(type_named)
    unions = st.lists(st.text(), min_size=1, max_size=3).map(lambda values: LiteralUnion(values=tuple(values)))
    leaves: st.SearchStrategy[Type] = scalars | unions
    return leaves.map(
        lambda leaf: RecordType(fields=(RecordField(name="x", type=leaf), RecordField(name="y", type=leaf)))
    )


@given(_types())
def test_record_types_are_read_as_they_are_spelt(record_type: RecordType) -> None:
    fields = {field.name: str(field.type) for field in record_type.fields}
    assert read_type(str(record_type)) == ("record", fields)


@pytest.mark.parametrize(
    ("type_text", "stored", "native", "text"),
    [
        ("int", 3, 3, "3"),
        ("float", 0.5, 0.5, "0.5"),
        ("float", 3, 3.0, "3.0"),
        ("bool", True, True, "true"),
        ("str", "a b", "a b", "a b"),
        ("str", '"', '"', '"'),
        ("dataset", "s3://b/x", "s3://b/x", "s3://b/x"),
        ('"dev" | "prod"', "dev", "dev", "dev"),
        ("int?", None, None, ""),
        ("date", "2026-01-02", DAY, "2026-01-02"),
        ("datetime", MOMENT_TEXT, MOMENT, MOMENT_TEXT),
        ("duration", 90, datetime.timedelta(seconds=90), "90"),
        ("duration", 0.25, datetime.timedelta(milliseconds=250), "0.25"),
        ("size", 1024, 1024, "1024"),
        ("list[date]", ["2026-01-02"], [DAY], '["2026-01-02"]'),
        ("dict[str, duration]", {"a": 1}, {"a": datetime.timedelta(seconds=1)}, '{"a": 1}'),
        ("{ day: date?, n: int }", {"day": None, "n": 1}, {"day": None, "n": 1}, '{"day": null, "n": 1}'),
        ("json", {"ä": [1, "x", None, False]}, {"ä": [1, "x", None, False]}, '{"ä": [1, "x", null, false]}'),
    ],
)
def test_forms(type_text: str, stored: Any, native: Any, text: str) -> None:
    assert from_json(stored, type_text) == native
    assert type(from_json(stored, type_text)) is type(native)
    assert to_json(native) == stored
    assert to_text(native) == text
    assert check_output(native, type_text) == stored
    assert check_output(stored, type_text) == stored


_json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(_json_values)
def test_json_values_stay_as_they_are(value: Any) -> None:
    assert to_json(value) == check_output(value, "json") == from_json(value, "json") == value
    json.dumps(to_json(value), allow_nan=False)


CENTURY = datetime.timedelta(days=36525)


@given(st.datetimes(timezones=st.timezones()) | st.dates() | st.timedeltas(-CENTURY, CENTURY))
def test_times_come_back(value: Any) -> None:
    type_text = {datetime.datetime: "datetime", datetime.date: "date", datetime.timedelta: "duration"}[type(value)]
    if type_text == "duration":
        assert abs(from_json(to_json(value), "duration") - value) <= datetime.timedelta(milliseconds=1)
    else:
        back = from_json(to_json(value), type_text)
        assert back.isoformat() == value.isoformat()


@pytest.mark.parametrize(
    ("value", "type_text", "stored"),
    [
        (1, "float", 1.0),
        (numpy.int64(3), "int", 3),
        (numpy.int64(3), "float", 3.0),
        (numpy.float32(0.5), "float", 0.5),
        (numpy.float64(0.5), "json", 0.5),
        (numpy.bool_(True), "bool", True),
        (numpy.str_("x"), "str", "x"),
        (PurePosixPath("/data/x"), "dataset", "/data/x"),
        (PurePosixPath("/data/x"), "str", "/data/x"),
        ((1, 2), "list[int]", [1, 2]),
        (OrderedDict(a=1), "dict[str, int]", {"a": 1}),
        ("2026-01-02T03:04:05Z", "datetime", MOMENT_TEXT),
        (None, '("a" | "b")?', None),
        (10**30, "int", 10**30),
    ],
)
def test_outputs_accepted(value: Any, type_text: str, stored: Any) -> None:
    checked = check_output(value, type_text)
    assert checked == stored
    assert type(checked) is type(stored)


@pytest.mark.parametrize(
    ("value", "type_text", "message"),
    [
        (True, "int", "expected int, got bool True"),
        (numpy.bool_(True), "float", "expected float, got bool"),
        (1, "bool", "expected bool, got int 1"),
        (1.0, "int", "expected int, got float 1.0"),
        ("1", "int", "expected int, got str '1'"),
        (None, "int", "expected int, got null"),
        (float("nan"), "float", "expected float, got float nan"),
        (float("inf"), "float", "expected float, got float inf"),
        (10**400, "float", "expected float, got int 1000"),
        ({"a": [float("nan")]}, "json", "nan is not a JSON value"),
        ({1: 2}, "json", "dict {1: 2} is not a JSON value"),
        ({1, 2}, "json", "set {1, 2} is not a JSON value"),
        (b"x", "str", "expected str, got bytes b'x'"),
        (1, "str", "expected str, got int 1"),
        ("c", '"a" | "b"', 'expected "a" | "b", got str \'c\''),
        (["c"], '"a" | "b"', 'expected "a" | "b", got list [\'c\']'),
        ("soon", "date", "expected date, got str 'soon' (Invalid isoformat string: 'soon')"),
        (MOMENT, "date", "expected date, got datetime"),
        (DAY, "datetime", "expected datetime, got date"),
        ("2026-01-02", "datetime", "expected datetime, got str '2026-01-02' (it has no time zone)"),
        ("1h", "duration", "expected duration, got str '1h'"),
        ([1, "x"], "list[int]", "[1]: expected int, got str 'x'"),
        ("ab", "list[str]", "expected list[str], got str 'ab'"),
        ({"a": {"b": None}}, "dict[str, dict[str, int]]", "['a']['b']: expected int, got null"),
        ({"a": 1}, "{ a: int, b: int }", "expected { a: int, b: int }, got dict {'a': 1}"),
        ({"a": "x"}, "{ a: int }", ".a: expected int, got str 'x'"),
        ("x" * 100, "int", "expected int, got str '" + "x" * 56 + "..."),
    ],
)
def test_outputs_refused(value: Any, type_text: str, message: str) -> None:
    with pytest.raises(OutputError) as caught:
        check_output(value, type_text)
    assert message in str(caught.value)


@dataclasses.dataclass
class Trained:
    model: str
    auc: float


TRAINED = {"model": "model", "auc": "float"}


@pytest.mark.parametrize(
    ("result", "outputs", "single", "collected"),
    [
        ({"model": "m", "auc": 1}, TRAINED, False, {"model": "m", "auc": 1.0}),
        (Trained("m", 0.5), TRAINED, False, {"model": "m", "auc": 0.5}),
        (DAY, {"output": "date"}, True, {"output": "2026-01-02"}),
        ({"a": 1}, {"output": "dict[str, int]"}, True, {"output": {"a": 1}}),
        (None, {"output": "int?"}, True, {"output": None}),
        ({"x": 1}, {"x": "int"}, False, {"x": 1}),
        (object(), {}, False, {}),
    ],
)
def test_collected_outputs(result: Any, outputs: dict[str, str], single: bool, collected: dict[str, Any]) -> None:
    assert collect_outputs(result, outputs, single) == collected


@pytest.mark.parametrize(
    ("result", "outputs", "single", "message"),
    [
        ({}, TRAINED, False, "missing outputs: model, auc"),
        ({"model": "m"}, TRAINED, False, "missing outputs: auc"),
        ({"model": "m", "auc": 1, "f1": 2, "p": 3}, TRAINED, False, "outputs that are not declared: f1, p"),
        (None, TRAINED, False, "expected a dict or a dataclass with the outputs model, auc, got null"),
        (("m", 1), TRAINED, False, "expected a dict or a dataclass with the outputs model, auc, got tuple ('m', 1)"),
        (Trained, TRAINED, False, "expected a dict or a dataclass with the outputs model, auc, got type"),
        ({"model": "m", "auc": "good"}, TRAINED, False, "output auc: expected float, got str 'good'"),
        (None, {"output": "int"}, True, "the task returned null, but its output is int"),
        ("x" * MAX_OUTPUT_BYTES, {"output": "str"}, True, "write big data to storage and give its URI as the output"),
    ],
)
def test_refused_results(result: Any, outputs: dict[str, str], single: bool, message: str) -> None:
    with pytest.raises(OutputError) as caught:
        collect_outputs(result, outputs, single)
    assert message in str(caught.value)


def test_limit_counts_bytes_of_json() -> None:
    room = MAX_OUTPUT_BYTES - len('{"output": ""}')
    assert collect_outputs("x" * room, {"output": "str"}, True)
    assert collect_outputs("ä" * (room // 2), {"output": "str"}, True)
    for text in ("x" * (room + 1), "ä" * (room // 2 + 1), '"' * (room // 2 + 1)):
        with pytest.raises(OutputError, match="the outputs take"):
            collect_outputs(text, {"output": "str"}, True)


@pytest.mark.parametrize(
    ("content", "type_text", "stored"),
    [
        (b"s3://b/x\n", "dataset", "s3://b/x"),
        (b"two\n\n", "str", "two\n"),
        (b" 3 \r\n", "str", " 3 \r"),
        (b"", "str", ""),
        (b"", "str?", None),
        (b"null", "str?", "null"),
        ("ä".encode(), "str", "ä"),
        (b"2026-01-02\n", "date", "2026-01-02"),
        (b"dev\n", '"dev" | "prod"', "dev"),
        (b"dev\n", '("dev" | "prod")?', "dev"),
        (b"3\n", "int", 3),
        (b"3", "float", 3.0),
        (b"null\n", "int?", None),
        (b"", "int?", None),
        (b"4", "int?", 4),
        (b"true", "bool", True),
        (b"90", "duration", 90),
        (b'["a", "b"]\n', "list[str]", ["a", "b"]),
        (b'{"a": null}', "json", {"a": None}),
        (b"null", "json", None),
    ],
)
def test_output_files(tmp_path: Path, content: bytes, type_text: str, stored: Any) -> None:
    (tmp_path / "x").write_bytes(content)
    assert read_outputs(tmp_path, {"x": type_text}) == {"x": stored}


@pytest.mark.parametrize(
    ("content", "type_text", "message"),
    [
        (b"", "int", "output x: expected int as JSON, got str ''"),
        (b"three", "int", "output x: expected int as JSON, got str 'three'"),
        (b"NaN", "float", "output x: expected float, got float nan"),
        (b"null", "int", "output x: expected int, got null"),
        (b'"x"', "int?", "output x: expected int, got str 'x'"),
        (b"stage", '"dev" | "prod"', 'output x: expected "dev" | "prod", got str \'stage\''),
        (b"\xff", "str", "output x: the file is not UTF-8 text"),
        (b"x" * (MAX_OUTPUT_BYTES + 1), "str", f"the outputs take {MAX_OUTPUT_BYTES + 1} bytes"),
    ],
)
def test_refused_output_files(tmp_path: Path, content: bytes, type_text: str, message: str) -> None:
    (tmp_path / "x").write_bytes(content)
    with pytest.raises(OutputError) as caught:
        read_outputs(tmp_path, {"x": type_text})
    assert message in str(caught.value)


def test_missing_output_files_are_all_named(tmp_path: Path) -> None:
    (tmp_path / "b").write_text("1")
    with pytest.raises(OutputError) as caught:
        read_outputs(tmp_path, {"a": "str", "b": "int", "c": "int?"})
    assert str(caught.value) == "missing outputs: $PIPEC_OUTPUTS/a, $PIPEC_OUTPUTS/c not written"


def test_environment() -> None:
    inputs = {"day": DAY, "n": 3, "none": None, "items": ["a", 1.5], "ok": False, "text": "$(rm -rf /)"}
    assert environment(inputs) == {
        "day": "2026-01-02",
        "n": "3",
        "none": "",
        "items": '["a", 1.5]',
        "ok": "false",
        "text": "$(rm -rf /)",
    }
