"""Broken files: each fault is reported once, at its place, and the rest of the file is still understood."""

from __future__ import annotations

import pytest

from pipec.diagnostics.catalogue import codes
from pipec.diagnostics.model import Diagnostic, Diagnostics
from pipec.syntax import tree
from pipec.syntax.lexical_faults import NESTING_LIMIT
from pipec.syntax.parser import parse
from pipec.syntax.source import Source
from tests.syntax.dump import dump, faults, walk

# The broken statement stands on line 2 of a pipeline, after two blanks.
IN_A_PIPELINE = [
    ('task a = python("x"\n  task b', [("P0003", 2, 22)]),
    ('task a = python("x)\n  task b', [("P0002", 2, 19)]),
    ("task a = shell('echo hi) {\n    retries = 2\n  }\n  task b", [("P0002", 2, 18)]),
    ("task a(x = 1 y = 2)", [("P0003", 2, 15)]),
    ("task a(raw extract) = f()", [("P0003", 2, 13)]),
    ("task a(x: 1)", [("P0003", 2, 11)]),
    ('task a python("m:f")', [("P0003", 2, 9)]),
    ("task a = 3", [("P0003", 2, 12)]),
    ("task a -> = f()", [("P0003", 2, 12)]),
    ('tsk a = python("m:f")', [("P0005", 2, 3)]),
    ("finaly { task z }", [("P0005", 2, 3)]),
    ("if a { task b } elif c { task d }", [("P0005", 2, 19)]),
    ("if a { task b } els { task d }", [("P0005", 2, 19)]),
    ("if a > 1\n    task b\n  }", [("P0003", 2, 11)]),
    ("if a = 3 { task b }", [("P0003", 2, 8)]),
    ("group { task b }", [("P0003", 2, 8)]),
    ("order a b", [("P0003", 2, 10)]),
    ("order a, b", [("P0003", 2, 10)]),
    ("order a -> ", [("P0003", 2, 13)]),
    ("approval a b", [("P0004", 2, 14)]),
    ("gate g { require x.auc >= else 'no' }", [("P0003", 2, 28)]),
    ('on failure slack("x")', [("P0003", 2, 13)]),
    ("for x of [1] { task a }", [("P0003", 2, 9)]),
    ("retries = = 3", [("P0004", 2, 13)]),
    ("retries: 3", [("P0003", 2, 10)]),
    ("x = { a = 1 }", [("P0003", 2, 11)]),
    ("x = [1,,2]", [("P0004", 2, 10)]),
    ("x = [1, 2\n  y = 3", [("P0003", 2, 12)]),
    ("x = [1, 2)", [("P0011", 2, 12)]),
    ("x = train.", [("P0003", 2, 13)]),
    ("x = a ? b : ", [("P0003", 2, 14)]),
    ("x = @quality", [("P0001", 2, 7)]),
    ("x = 1; y = 2", [("P0001", 2, 8)]),
    ("x = a && b", [("P0001", 2, 9)]),
    ("x = a || b", [("P0003", 2, 9)]),
    ("x = a == b == c", [("P0013", 2, 14)]),
    ("x = a < not b", [("P0015", 2, 11)]),
    ("x = -not b", [("P0015", 2, 8)]),
    ("task map = f()", [("P0014", 2, 8)]),
    ("task a(in = clean.map)", [("P0014", 2, 10), ("P0014", 2, 21)]),
    ("timeout = 5min", [("P0008", 2, 13)]),
    ("x = 12abc", [("P0008", 2, 7)]),
    ("x = 1__0", [("P0008", 2, 7)]),
    ("x = 30m1h", [("P0008", 2, 7)]),
    ("x = 1e999", [("P0008", 2, 7)]),
    ("x = 99999999999999999999", [("P0008", 2, 7)]),
    ("x = 2026-02-30", [("P0008", 2, 7)]),
    ('x = { "a${b}": 1 }', [("P0016", 2, 9)]),
]


@pytest.mark.parametrize(("statement", "expected"), IN_A_PIPELINE)
def test_a_fault_in_a_pipeline_is_reported_once_and_goes_no_further(
    statement: str, expected: list[tuple[str, int, int]]
) -> None:
    text = f"pipeline p {{\n  {statement}\n  task last\n}}\npipeline q {{ task other }}\n"
    assert faults(text) == expected
    file = parse(Source("broken", text), Diagnostics())
    assert file is not None
    first, second = file.items
    assert isinstance(first, tree.Pipeline)
    assert dump(first.body[-1]) == "(Task name=last)"
    assert dump(second) == "(Pipeline name=q body=[(Task name=other)])"


WHOLE_FILES = [
    ("language 2", [("P0012", 1, 10)]),
    ("language 1\nlanguage 1", [("P0017", 2, 1)]),
    ('import "a${b}" as c', [("P0016", 1, 8)]),
    ("import x as y", [("P0003", 1, 1)]),
    ("pipelin p { task a }", [("P0005", 1, 1)]),
    ("pipeline p", [("P0003", 1, 11)]),
    ("pipeline p(x: ) { }", [("P0003", 1, 14)]),
    ("pipeline p {\n  task a\n", [("P0010", 2, 9)]),
    ("pipeline p {\n  if x {\n    task a\n  task b\n}\n", [("P0010", 3, 11)]),
    ("pipeline p {\n  task a\npipeline q {\n}\n", [("P0010", 2, 9)]),
    ("pipeline p {\n  task a\n  }\n  task b\n  task c\n}\npipeline q { }", [("P0004", 3, 3)]),
    ("pipeline p { }}", [("P0004", 1, 15)]),
    ("task a", [("P0003", 1, 1)]),
    ('test "t" for p { expect a, b }', [("P0003", 1, 29)]),
    ('test "${a}" for p { }', [("P0016", 1, 6)]),
    ("type A = ", [("P0003", 1, 9)]),
    ("const x = " + "(" * 100_000, [("P0007", 1, 11 + NESTING_LIMIT)]),
    ("const x = " + "-" * 100_000 + "1", [("P0007", 1, 10 + NESTING_LIMIT)]),
    ("const x = §§§", [("P0001", 1, 11)]),
]


@pytest.mark.parametrize(("text", "expected"), WHOLE_FILES, ids=[text[:30] for text, _ in WHOLE_FILES])
def test_faults_of_whole_files(text: str, expected: list[tuple[str, int, int]]) -> None:
    assert faults(text) == expected


DEEP = [
    "[" * 150 + "]" * 150,
    "-" * 150 + "1",
    "not " * 150 + "a",
    " + ".join("1" * 150),
    "a" + ".b" * 150,
    "f" + "()" * 150,
    "a ? b : " * 150 + "c",
    '"${' * 15 + "a" + '}"' * 15,
]


@pytest.mark.parametrize("value", DEEP, ids=[value[:10] for value in DEEP])
def test_what_nests_too_deep_is_refused(value: str) -> None:
    assert {code for code, *_ in faults(f"const x = {value}")} == {"P0007"}


def test_a_long_chain_of_else_if_is_refused() -> None:
    text = "pipeline p { if a { } " + "else if a { } " * 150 + "}"
    assert {code for code, *_ in faults(text)} == {"P0007"}


def test_what_is_long_but_not_deep_is_fine() -> None:
    assert faults(f"const x = [{', '.join(['[1]'] * 5000)}]") == []


MANY = """pipeline bad(day: date = run.date {
  schedule = cron("0 6 * * *" tz = "UTC")
  task extract(day) -> table = python("a:b")
  task clean(raw extract) -> table = sql("x.sql") {
    retries = = 3
  }
  tsk train(data = clean) = python("a:fit")
  gate quality { require train.auc >= else "no" }
  task target(x = clean) = shell('echo ok') { after = @quality }
  if train.auc > 0.9
    task promote(m = train) = python("a:promote")
  }
  message = "a ${train.auc +} \\q"
  timeout = 5min
}
"""


def test_many_faults_in_one_run() -> None:
    assert faults(MANY) == [
        ("P0003", 1, 34),
        ("P0003", 2, 30),
        ("P0003", 4, 17),
        ("P0004", 5, 15),
        ("P0005", 7, 3),
        ("P0003", 8, 38),
        ("P0001", 9, 55),
        ("P0003", 10, 21),
        ("P0003", 13, 29),
        ("P0006", 13, 31),
        ("P0008", 14, 13),
    ]


def test_the_tree_of_a_broken_file_holds_what_was_understood() -> None:
    file = parse(Source("broken", MANY), Diagnostics())
    assert file is not None
    assert [node.name.text for node in walk(file) if isinstance(node, tree.Task)] == [
        "extract",
        "clean",
        "train",
        "target",
        "promote",
    ]


def test_missing_expressions_and_types_are_marked() -> None:
    file = parse(Source("broken", "const a: = 1 const b = [1, ] const c = 1 + const d = 5min"), Diagnostics())
    assert file is not None
    assert [dump(item) for item in file.items] == [
        "(Const name=a type=(MissingType) value=1:int)",
        "(Const name=b value=(list 1:int))",
        "(Const name=c value=(+ 1:int (Missing)))",
        "(Const name=d value=(Missing))",
    ]


def test_very_many_faults_end_in_one_that_says_so() -> None:
    found = faults("const x = = 1\n" * 500)
    assert found[-1][0] == "P0018"
    assert len(found) < 150


def diagnosed(text: str) -> list[Diagnostic]:
    diagnostics = Diagnostics()
    parse(Source("broken", text), diagnostics)
    return diagnostics.sorted()


MESSAGES = [
    ("const x = f(1\nconst y = 2", "expected `)` to close the `(` before `const`"),
    ("pipeline p {\n", "`{` is never closed: `}` is due before the end of the file"),
    ("const x = (1 + 2", "`(` is never closed: `)` is due before the end of the file"),
    ("const x = [1, 2)", "`)` closes nothing: `]` is due here"),
    ("const if = 1", "`if` is a reserved word and cannot be a name"),
    ("const x = @", "unexpected character `@`"),
    ("component c = 3", 'expected an implementation such as `python("module:function")`, found `3`'),
    ("pipeline p { tsk a = f() }", "unknown keyword `tsk`"),
    ("language 7", "unknown language version 7"),
    ("const x =", "expected an expression before the end of the file"),
]


@pytest.mark.parametrize(("text", "message"), MESSAGES)
def test_messages(text: str, message: str) -> None:
    assert [d.message for d in diagnosed(text)] == [message]


HEAD = 'a test has a text, and says which pipeline it plays: `test "…" for NAME { … }`'


@pytest.mark.parametrize(
    ("head", "help"),
    [
        ('test "x" {', HEAD),
        ('test "x" of p {', HEAD),
        ("test p {", HEAD),
        ('test "x" for p(n = 1) {', "what the pipeline is given stands inside: `given NAME = …`"),
        ('test "x" for p.a {', None),
    ],
)
def test_the_head_of_a_test_is_explained(head: str, help: str | None) -> None:
    (found,) = diagnosed(f"pipeline p {{ task a = f() }}\n{head}\n  expect run is success\n}}\n")
    assert (found.code, found.help) == ("P0003", help)


def test_a_missing_closer_names_the_bracket_it_would_close() -> None:
    (found,) = diagnosed("const x = f(1\nconst y = 2")
    assert [(label.span.start, label.message) for label in found.labels] == [(11, "opened here")]


def test_an_unknown_language_names_the_known_ones() -> None:
    (found,) = diagnosed("language 7")
    assert found.help == "known versions: 1"


@pytest.mark.parametrize("statement", [statement for statement, _ in IN_A_PIPELINE])
def test_every_fix_mends_what_it_is_offered_for(statement: str) -> None:
    """All fixes of a text applied leave it without the faults that had one."""
    text = f"pipeline p {{\n  {statement}\n  task last\n}}\n"
    found = diagnosed(text)
    edits = [edit for diagnostic in found if diagnostic.fix for edit in diagnostic.fix.edits]
    for edit in sorted(edits, key=lambda edit: -edit.span.start):
        text = text[: edit.span.start] + edit.replacement + text[edit.span.end :]
    assert len(diagnosed(text)) == sum(diagnostic.fix is None for diagnostic in found)


def test_every_code_of_the_catalogue_is_produced_here_and_no_other() -> None:
    cases = [f"pipeline p {{\n  {statement}\n}}\n" for statement, _ in IN_A_PIPELINE]
    cases += [text for text, _ in WHOLE_FILES]
    cases += ['const x = "\\q"', 'const x = "${}"', "const x = = 1\n" * 500, "# caf\udce9", 'const x = "${}"\n' * 1001]
    assert {code for text in cases for code, *_ in faults(text)} == {
        code for code in codes() if code.startswith("P00") and code != "P0021"
    }


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("größe", "pipeline größe { task a }"),
        ("über", "pipeline p { task über }"),
        ("学习", "pipeline p { task a after 学习 }"),
        ("task_ñ", "pipeline p { task task_ñ }"),
        ("ifé", "pipeline p { task ifé }"),
    ],
)
def test_a_name_with_foreign_letters_is_one_fault(name: str, text: str) -> None:
    diagnostics = Diagnostics()
    parse(Source("f.pipe", text), diagnostics)
    assert [(fault.code, fault.message, fault.span.text) for fault in diagnostics.found] == [
        ("P0107", f"`{name}` cannot be a name", name)
    ]


def test_a_name_with_foreign_letters_is_told_once_by_all_stages() -> None:
    from pipec.api import load

    loaded = load("f.pipe", text="pipeline größe { task über }")
    assert [fault.code for fault in loaded.diagnostics.sorted()] == ["P0107", "P0107"]
