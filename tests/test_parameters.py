"""Parameters of a run: what a person writes, and the value it means or the fault it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pipec.engine.events import RunContext
from pipec.ir.model import CronSchedule, Parameter, Pipeline
from pipec.ir.types import LiteralUnion, Type, optional
from pipec.parameters import complete_parameters, read_parameter_file, resolve_parameters
from tests.support.ir_builder import (
    CONTEXT,
    binary,
    parameter,
    parameter_value,
    pipeline,
    record,
    run_value,
    type_named,
)

STAGE = LiteralUnion(values=("dev", "prod"))


def of_type(type_: str | Type) -> Pipeline:
    """A pipeline with one parameter, x."""
    declared = parameter("x").model_copy(update={"type": type_named(type_) if isinstance(type_, str) else type_})
    return pipeline(parameters=(declared,), schedule=CronSchedule(expression="0 2 * * *", timezone="Europe/Berlin"))


GOOD: list[tuple[str | Type, str, Any]] = [
    ("int", "5", 5),
    ("int", "-5", -5),
    ("int", "10_000", 10_000),
    ("float", "0.88", 0.88),
    ("float", "1e-3", 0.001),
    ("float", "-2", -2.0),
    ("bool", "true", True),
    ("bool", "false", False),
    ("str", "5", "5"),
    ("str", "", ""),
    ("str", "a=b ${x} 'q'", "a=b ${x} 'q'"),
    ("dataset", "s3://bucket/x", "s3://bucket/x"),
    ("date", "2026-01-31", "2026-01-31"),
    ("datetime", "2026-01-31T02:00:00+00:00", "2026-01-31T02:00:00+00:00"),
    ("datetime", "2026-01-31T02:00:00", "2026-01-31T02:00:00+01:00"),
    ("duration", "1h30m", 5400),
    ("duration", "250ms", 0.25),
    ("duration", "90", 90),
    ("size", "512Mi", 512 * 2**20),
    ("size", "2GB", 2_000_000_000),
    ("size", "1024", 1024),
    ("list[int]", "[1, 2]", [1, 2]),
    ("list[str]", '["a"]', ["a"]),
    ("dict[str, float]", '{"a": 1}', {"a": 1.0}),
    ("json", '{"a": [null]}', {"a": [None]}),
    ("json", "null", None),
    (record(a="int", b="str"), '{"a": 1, "b": "x"}', {"a": 1, "b": "x"}),
    ("int?", "null", None),
    ("int?", "3", 3),
    ("str?", "null", None),
    (STAGE, "prod", "prod"),
    (optional(STAGE), "null", None),
]


@pytest.mark.parametrize(("type_", "text", "value"), GOOD, ids=str)
def test_a_text_means_a_value(type_: str | Type, text: str, value: Any) -> None:
    values, problems = resolve_parameters(of_type(type_), file_values={}, environment={}, given={"x": text})
    assert problems == []
    assert values == {"x": value}
    assert type(values["x"]) is type(value)


BAD: list[tuple[str | Type, str, str]] = [
    ("int", "1.5", "--param x: expected int, got str '1.5'"),
    ("int", "", "--param x: expected int, got str ''"),
    ("int", "1 2", "--param x: expected int, got str '1 2'"),
    ("int", "true", "--param x: expected int, got str 'true'"),
    ("int", "1h", "--param x: expected int, got str '1h'"),
    ("int", "9" * 50, f"--param x: expected int, got str '{'9' * 50}'"),
    ("float", "nan", "--param x: expected float, got str 'nan'"),
    ("bool", "yes", "--param x: expected bool, got str 'yes'\n  help: a bool is `true` or `false`"),
    ("date", "31.1.2026", "help: a date is written as `2026-01-31`"),
    ("date", "2026-02-30", "--param x: expected date, got str '2026-02-30'"),
    ("datetime", "now", "help: a datetime is written as `2026-01-31T02:00:00+01:00`"),
    ("duration", "1 hour", "help: a duration is written as `90s` or `1h30m`"),
    ("duration", "30m1h", "--param x: expected duration, got str '30m1h'"),
    ("size", "16G", "help: a size is written as `512Mi` or `2GB`"),
    ("list[int]", "1, 2", "--param x: expected list[int] as JSON, got '1, 2'"),
    ("list[int]", '["a"]', "--param x[0]: expected int, got str 'a'"),
    ("list[float]", "[NaN]", "--param x[0]: expected float, got float nan"),
    ("json", "abc", "--param x: expected json as JSON, got 'abc'"),
    (STAGE, "prd", '--param x: expected "dev" | "prod", got str \'prd\'\n  help: there is `prod`'),
]


@pytest.mark.parametrize(("type_", "text", "message"), BAD, ids=str)
def test_a_text_that_means_nothing_is_refused(type_: str | Type, text: str, message: str) -> None:
    values, problems = resolve_parameters(of_type(type_), file_values={}, environment={}, given={"x": text})
    assert values == {}
    (problem,) = problems
    assert problem.code == "P0603"
    assert message in str(problem)


def test_the_nearer_source_wins() -> None:
    program = pipeline(parameters=tuple(parameter(name, "str") for name in ("a", "b", "c")))
    values, problems = resolve_parameters(
        program,
        file_values={"a": "file", "b": "file", "c": "file"},
        environment={"PIPEC_PARAM_B": "environment", "PIPEC_PARAM_C": "environment", "PIPEC_PARAM_OTHER": "x"},
        given={"c": "given"},
    )
    assert problems == []
    assert values == {"a": "file", "b": "environment", "c": "given"}


def test_every_fault_is_told_at_once() -> None:
    program = pipeline(parameters=(parameter("min_auc", "float", 0.5), parameter("day", "date"), parameter("n")))
    _, problems = resolve_parameters(
        program, file_values={"min_auk": 1.0}, environment={"PIPEC_PARAM_N": "x"}, given={"zzz": "1"}
    )
    assert [str(problem) for problem in problems] == [
        "error[P0601]: `min_auk` is no parameter of p\n  help: there is `min_auc`",
        "error[P0601]: `zzz` is no parameter of p\n  help: its parameters are min_auc, day, n",
        "error[P0602]: the parameter `day` has no default and was not given\n  help: add `--param day=…`, of type date",
        "error[P0603]: PIPEC_PARAM_N: expected int, got str 'x'",
    ]


@pytest.mark.parametrize(
    ("name", "content", "values"),
    [
        ("a.json", '{"n": 1, "wait": "1h30m", "tags": ["a"]}', {"n": 1, "wait": 5400, "tags": ["a"]}),
        (
            "a.toml",
            'n = 1\nwait = 90\ntags = ["a"]\nday = 2026-01-31\n',
            {"n": 1, "wait": 90, "tags": ["a"], "day": "2026-01-31"},
        ),
    ],
)
def test_values_of_a_file(tmp_path: Path, name: str, content: str, values: Any) -> None:
    (tmp_path / name).write_text(content)
    read, problems = read_parameter_file(tmp_path / name)
    assert problems == []
    declared: tuple[Parameter, ...] = (
        parameter("n", "int"),
        parameter("wait", "duration"),
        parameter("tags", "list[str]"),
        parameter("day", "date?", "2026-01-01"),
    )
    assert resolve_parameters(pipeline(parameters=declared), file_values=read, environment={}, given={}) == (values, [])


def test_a_text_in_a_file_is_no_number() -> None:
    _, problems = resolve_parameters(of_type("int"), file_values={"x": "5"}, environment={}, given={})
    assert [problem.message for problem in problems] == ["x: expected int, got str '5'"]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.json", "{", "a.json is not JSON: Expecting property name"),
        ("a.json", "[1]", "a.json holds no values by name"),
        ("a.toml", "n = ", "a.toml is not TOML: Invalid value"),
        ("a.yaml", "n: 1", "a file of parameters is `.json` or `.toml`, not `.yaml`"),
        ("missing.json", None, "missing.json: No such file or directory"),
        ("a.toml", "n = 'é'", "a.toml: not UTF-8 text (byte 5)"),
        ("a.json", '{"n": "é"}', "a.json: not UTF-8 text (byte 7)"),
    ],
)
def test_a_file_that_cannot_be_read(tmp_path: Path, name: str, content: str | None, message: str) -> None:
    if content is not None:
        (tmp_path / name).write_text(content, "latin-1")
    values, (problem,) = read_parameter_file(tmp_path / name)
    assert values == {}
    assert problem.code == "P0604"
    assert message in problem.message


@pytest.mark.parametrize(("name", "content"), [("a.json", '{"n": "é"}'), ("a.toml", 'n = "é"')])
def test_a_file_may_begin_with_a_byte_order_mark(tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / name).write_text(content, "utf-8-sig")
    assert read_parameter_file(tmp_path / name) == ({"n": "é"}, [])


def test_defaults_are_computed_for_the_run() -> None:
    context: RunContext = CONTEXT
    program = pipeline(
        parameters=(
            parameter("day", "date", run_value("date")),
            parameter("n", "int", 2),
            parameter("double", "int", binary(parameter_value("n"), "*", 2)),
            parameter("bad", "float", binary(parameter_value("n"), "/", 0, source="n / 0")),
            parameter("required", "int"),
        )
    )
    values, problems = complete_parameters(program, {"n": 5}, context)
    assert values == {"day": "2026-01-02", "n": 5, "double": 10}
    assert [(problem.code, problem.message) for problem in problems] == [
        ("P0605", "the default of `bad` has no value: division by zero in n / 0"),
        ("P0602", "the parameter `required` has no default and was not given"),
    ]
