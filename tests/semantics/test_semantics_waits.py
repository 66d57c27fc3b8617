"""What a wait may be given, and what becomes of it."""

from __future__ import annotations

import pytest

from pipec.ir.model import WaitCondition
from pipec.ir.printout import expression_text
from tests.semantics.support import all_text, check, good


def condition(written: str) -> WaitCondition:
    [task] = [task for task in good(f"pipeline p {{ wait w = {written} }}").tasks if task.id == "w"]
    assert isinstance(task.implementation, WaitCondition)
    return task.implementation


@pytest.mark.parametrize(
    ("written", "name", "arguments"),
    [
        ('file("/data/**/*.csv")', "file", {"glob": '"/data/**/*.csv"'}),
        ('object("s3://bucket/key")', "object", {"uri": '"s3://bucket/key"'}),
        ('task("etl.load")', "task", {"task": '"etl.load"'}),
        ("task('etl.train[\"rf\", 2]')", "task", {"task": '"etl.train[\\"rf\\", 2]"'}),
        ('task("etl.${run.pipeline}")', "task", {"task": '"etl.${run.pipeline}"'}),
        ('asset("s3://lake/lots")', "asset", {"uri": '"s3://lake/lots"'}),
        ("until(run.timestamp + 2h)", "until", {"time": "run.timestamp + 7200"}),
        (
            'message("orders", servers = "h:9092", group = "g", key = "k")',
            "message",
            {"topic": '"orders"', "servers": '"h:9092"', "group": '"g"', "key": '"k"'},
        ),
        ('python("m.n:f")', "python", {"function": '"m.n:f"'}),
    ],
)
def test_what_is_waited_for(written: str, name: str, arguments: dict[str, str]) -> None:
    read = condition(written)
    assert read.condition == name
    assert {key: expression_text(value) for key, value in read.arguments.items()} == arguments
    assert read.argument_types == {}


def test_a_predicate_is_called_with_values_of_any_type() -> None:
    read = condition('python("m:f", day = run.date, within = 2h, limits = [1, 2], names = { a: "x" })')
    assert list(read.arguments) == ["function", "day", "within", "limits", "names"]
    assert {key: str(type) for key, type in read.argument_types.items()} == {
        "day": "date",
        "within": "duration",
        "limits": "list[int]",
        "names": '{ a: "x" }',
    }


@pytest.mark.parametrize(
    ("written", "code", "said"),
    [
        ('file("x", recursive = true)', "P0308", "`file` takes no `recursive`"),
        ('message("x", sever = "h:1")', "P0308", "there is `servers`"),
        ('message("x", partition = 1)', "P0308", "it takes `servers`, `group`, `key`"),
        ('message("x", key = "a", key = "b")', "P0308", "`key` is given twice"),
        ('message("x", key = 1)', "P0201", "`key` needs str"),
        ('message("")', "P0308", "`message` needs a text that is not empty"),
        ('file("")', "P0308", 'write file("/data/*.csv")'),
        ("file(1)", "P0201", "`file` needs str"),
        ('file("a", "b")', "P0308", "`file` is not called like this"),
        ("file()", "P0308", "`file` is not called like this"),
        ('task("load")', "P0308", "`load` does not name a task of a pipeline"),
        ('task("etl.load.rows")', "P0308", 'task("pipeline.task")'),
        ('task("etl.train[rf")', "P0308", "does not name a task"),
        ('task("Etl.load")', "P0308", "does not name a task"),
        ('object("/data/x")', "P0308", 'file("/data/*.csv")'),
        ('until("tomorrow")', "P0201", "`until` needs datetime"),
        ('python("m.f")', "P0308", "`m.f` does not name a Python function"),
        ('python("m:${run.id}")', "P0304", "a predicate must be known when compiling"),
        ('python("m:f", function = 1)', "P0308", "`function` names the predicate itself"),
        ('python("m:f", a = 1, a = 2)', "P0308", "`a` is given twice"),
        ('python("m:f", key = secret("k"))', "P0210", "`key` cannot be a secret"),
    ],
)
def test_what_a_wait_cannot_be_given(written: str, code: str, said: str) -> None:
    [diagnostic] = check(f"pipeline p {{ wait w = {written} }}").diagnostics.sorted()
    assert diagnostic.code == code
    assert said in all_text(diagnostic)


def test_all_faults_of_a_wait_are_reported() -> None:
    loaded = check('pipeline p { wait w = message(1, sever = "h", key = 2) }')
    assert [one.code for one in loaded.diagnostics.sorted()] == ["P0201", "P0308", "P0201"]
