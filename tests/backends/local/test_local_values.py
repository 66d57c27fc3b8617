"""Values reach tasks and come back as the language says, whatever they hold."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pipec.ir.model import Output, Task
from pipec.ir.types import LiteralUnion, Type
from tests.backends.local.harness import command, log_text, python, run, shell, with_inputs
from tests.support.ir_builder import output, pipeline, type_named

HOSTILE = [
    "",
    'it\'s "quoted" and `ticked`',
    "back\\slash \\n \\",
    "two\nlines",
    "\ttab and space ",
    "{{ jinja }} {% raw %}",
    "${HOME} $HOME $$ %s %(x)s",
    "$(touch pwned); touch pwned & `touch pwned` | touch pwned",
    "ünïcödé 漢字 \N{GRINNING FACE}",
    "script.sh",
    "-n",
    "*",
    "null",
    "[1, 2]",
]

CASES: list[tuple[str | Type, Any, str, str]] = [
    # type, JSON form, what Python sees, what a shell sees
    ("int", 5, "5", "5"),
    ("int", -(2**53) - 1, "-9007199254740993", "-9007199254740993"),
    ("float", 3, "3.0", "3.0"),
    ("float", 0.1, "0.1", "0.1"),
    ("bool", True, "True", "true"),
    ("date", "2026-01-02", "datetime.date(2026, 1, 2)", "2026-01-02"),
    (
        "datetime",
        "2026-01-02T03:04:05+00:00",
        "datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.timezone.utc)",
        "2026-01-02T03:04:05+00:00",
    ),
    ("duration", 90, "datetime.timedelta(seconds=90)", "90"),
    ("duration", 0.5, "datetime.timedelta(microseconds=500000)", "0.5"),
    ("size", 1024, "1024", "1024"),
    ("dataset", "s3://bucket/a b", "'s3://bucket/a b'", "s3://bucket/a b"),
    ("int?", None, "None", ""),
    ("str?", "x", "'x'", "x"),
    ("list[int]", [1, 2], "[1, 2]", "[1, 2]"),
    ("list[date]", ["2026-01-02"], "[datetime.date(2026, 1, 2)]", '["2026-01-02"]'),
    ("dict[str, float]", {"a": 1.5}, "{'a': 1.5}", '{"a": 1.5}'),
    ("json", {"a": [None, True]}, "{'a': [None, True]}", '{"a": [null, true]}'),
    (LiteralUnion(values=("dev", "prod")), "prod", "'prod'", "prod"),
    *[("str", text, repr(text), text) for text in HOSTILE],
    ("list[str]", HOSTILE, repr(HOSTILE), ""),
]


def typed(built: Task, type_or_text: str | Type, **value: Any) -> Task:
    """The task with the input `value` and a single output of the same type."""
    type_ = type_named(type_or_text) if isinstance(type_or_text, str) else type_or_text
    return with_inputs(built, value=(type_, value["value"])).model_copy(
        update={"outputs": (Output(name="output", type=type_),), "single_output": True}
    )


CODE = """
def same(value):
    print(repr(value), end="")
    return value

def use(given):
    return given + 1
"""


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Any:
    tasks = []
    for number, (type_, value, _, _) in enumerate(CASES):
        copy = 'printf %s "$value" | tee "$PIPEC_OUTPUTS/output"'
        tasks.append(typed(python(f"python_{number}", "same"), type_, value=value))
        tasks.append(typed(shell(f"shell_{number}", copy), type_, value=value))
        tasks.append(typed(command(f"command_{number}", "bash", "-c", copy), type_, value=value))
    return run(tmp_path_factory.mktemp("values"), pipeline(*tasks), code=CODE)


@pytest.mark.parametrize("number", range(len(CASES)), ids=lambda number: f"{CASES[number][0]}-{number}")
def test_values_go_in_and_come_out_unchanged(result: Any, number: int) -> None:
    _, value, seen_by_python, seen_by_shell = CASES[number]
    for kind in ("python", "shell", "command"):
        task = result.tasks[f"{kind}_{number}"]
        assert (task.state, task.error, task.outputs) == ("success", None, {"output": value})
    assert log_text(result, f"python_{number}").rstrip("\n") == seen_by_python.rstrip("\n")
    if seen_by_shell:
        assert log_text(result, f"shell_{number}") == seen_by_shell
        assert log_text(result, f"command_{number}") == seen_by_shell


def test_no_value_ran_as_a_command(result: Any) -> None:
    folder = Path(result.tasks["python_0"].log).parents[4]
    assert not (folder / "pwned").exists()
    assert (folder / "steps.py").exists()


def test_arguments_of_a_command_stay_one_each(tmp_path: Path) -> None:
    result = run(tmp_path, pipeline(command("c", "printf", "<%s>", *HOSTILE)))
    assert log_text(result, "c") == "".join(f"<{text}>" for text in HOSTILE)


def test_named_outputs_reach_the_next_task(tmp_path: Path) -> None:
    code = """
from dataclasses import dataclass
@dataclass
class Both:
    path: str
    rows: int
def as_dataclass(): return Both("/a", 2)
def as_dict(): return {"rows": 3, "path": "/b"}
def add(a, b): return a + b
"""
    both = {"path": "dataset", "rows": "int"}
    files = 'echo /c > "$PIPEC_OUTPUTS/path"; echo 4 > "$PIPEC_OUTPUTS/rows"'
    result = run(
        tmp_path,
        pipeline(
            python("a", "as_dataclass", outputs=both),
            python("b", "as_dict", outputs=both),
            shell("c", files, outputs=both),
            python("ab", "add", inputs={"a": output("a.rows"), "b": output("b.rows")}, outputs="int"),
            python("abc", "add", inputs={"a": output("ab"), "b": output("c.rows")}, outputs="int"),
            returns=output("abc"),
        ),
        code=code,
    )
    assert result.tasks["a"].outputs == {"path": "/a", "rows": 2}
    assert result.tasks["b"].outputs == {"path": "/b", "rows": 3}
    assert result.tasks["c"].outputs == {"path": "/c", "rows": 4}
    assert result.returns == 9


BAD_OUTPUTS: list[tuple[str, str, str | dict[str, str], str]] = [
    # kind, what the task does, declared outputs, message
    ("python", "'x'", "int", "output output: expected int, got str 'x'"),
    ("python", "True", "int", "output output: expected int, got bool True"),
    ("python", "None", "int", "the task returned null, but its output is int"),
    ("python", "float('nan')", "float", "output output: expected float, got float nan"),
    ("python", "[float('inf')]", "json", "inf is not a JSON value"),
    ("python", "object()", "json", "is not a JSON value"),
    ("python", "{'a': 1}", {"a": "int", "b": "int"}, "missing outputs: b"),
    ("python", "{'a': 1, 'c': 1}", {"a": "int"}, "outputs that are not declared: c"),
    ("python", "7", {"a": "int"}, "expected a dict or a dataclass with the outputs a, got int 7"),
    ("python", "'x' * 50_000", "str", "the limit is 49152 in all: write big data to storage"),
    ("shell", "true", "str", "missing outputs: $PIPEC_OUTPUTS/output not written"),
    ("shell", "echo x > $PIPEC_OUTPUTS/output", "int", "output output: expected int as JSON, got str 'x'"),
    ("shell", "echo NaN > $PIPEC_OUTPUTS/output", "float", "output output: expected float, got float nan"),
    ("shell", r"printf '\xff' > $PIPEC_OUTPUTS/output", "str", "the file is not UTF-8 text"),
    ("shell", "head -c 50000 /dev/zero > $PIPEC_OUTPUTS/output", "str", "the limit is 49152 in all"),
    ("async", "1", "int", "it returned a coroutine, which nothing ran"),
]


@pytest.fixture(scope="module")
def bad_outputs(tmp_path_factory: pytest.TempPathFactory) -> Any:
    from pipec.ir.model import Retry

    code, tasks = "", []
    for number, (kind, text, outputs, _) in enumerate(BAD_OUTPUTS):
        name = f"t{number}"
        if kind == "shell":
            tasks.append(shell(name, text, outputs=outputs, retry=Retry(max=3)))
        else:
            code += f"{'async ' if kind == 'async' else ''}def {name}(): return {text}\n"
            tasks.append(python(name, name, outputs=outputs, retry=Retry(max=3)))
    return run(tmp_path_factory.mktemp("bad"), pipeline(*tasks), code=code)


@pytest.mark.parametrize("number", range(len(BAD_OUTPUTS)), ids=lambda number: BAD_OUTPUTS[number][1][:30])
def test_bad_outputs_fail_the_task_and_are_not_retried(bad_outputs: Any, number: int) -> None:
    task = bad_outputs.tasks[f"t{number}"]
    assert (task.state, task.attempts, task.outputs) == ("failed", 1, {})
    assert BAD_OUTPUTS[number][3] in task.error
    assert BAD_OUTPUTS[number][3] in log_text(bad_outputs, f"t{number}")
