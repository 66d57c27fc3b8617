"""`pipec test`: what it prints and how it ends."""

from __future__ import annotations

import io
import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.cli.conftest import Call
from tests.cli.test_cli_commands import faults

GOOD = """\
pipeline shipping(min_auc: float = 0.9) {
  task train -> { auc: float } = python("steps:train")
  if train.auc >= min_auc { task deploy = python("steps:deploy") }
}
test "a weak model stays here" for shipping {
  given train.auc = 0.7
  expect deploy is skipped
}
"""
FAILING = f"""{GOOD}
test "a good model is deployed" for shipping {{
  given train.auc = 0.8
  given deploy is failed
  expect deploy is success
}}
"""
BROKEN = 'pipeline p { task a = shell("true") }\ntest "t" for p { given b = 1 }\n'


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "deep").mkdir()
    for name, text in {"good": GOOD, "failing": FAILING, "broken": BROKEN, "deep/good": GOOD}.items():
        Path(f"{name}.pipe").write_text(text, encoding="utf-8")
    Path("none.pipe").write_text("pipeline p {}\n", encoding="utf-8")
    return tmp_path


def test_what_passes(call: Call, files: Path) -> None:
    called = call("test", "good.pipe")
    assert called.exit_code == 0
    assert called.out == "ok      good.pipe: 1 test\n"
    assert called.err == "1 test in 1 file: 1 passed\n"


def test_what_fails(call: Call, files: Path) -> None:
    called = call("test", "failing.pipe")
    assert called.exit_code == 1
    assert (
        called.out
        == """\
FAILED  failing.pipe: 2 tests, 1 failed

test "a good model is deployed" for shipping

error: expected `deploy` to be success, it was skipped
  --> failing.pipe:13:3
   |
13 |   expect deploy is success
   |   ^^^^^^^^^^^^^^^^^^^^^^^^ `deploy` was skipped
   |
 note: `deploy` was skipped: decision `decide_deploy` chose else: `train.auc >= min_auc` is false (0.8 >= 0.9)

warning: `deploy` does not run in this test
  --> failing.pipe:12:3
   |
12 |   given deploy is failed
   |   ^^^^^^^^^^^^^^^^^^^^^^ it was skipped
   |
 help: drop this `given`: it changes nothing
 note: `deploy` was skipped: decision `decide_deploy` chose else: `train.auc >= min_auc` is false (0.8 >= 0.9)
"""
    )
    assert called.err == "2 tests in 1 file: 1 passed, 1 failed\n"


def test_each_test_has_a_line_where_that_is_asked_for(call: Call, files: Path) -> None:
    lines = call("test", "-v", "failing.pipe", "-k", "MODEL").out.splitlines()
    assert lines[:3] == [
        "FAILED  failing.pipe: 2 tests, 1 failed",
        "  ok      a weak model stays here",
        "  FAILED  a good model is deployed",
    ]


def test_folders_are_looked_into(call: Call, files: Path) -> None:
    called = call("test", "deep", "good.pipe")
    assert called.out == "ok      deep/good.pipe: 1 test\nok      good.pipe: 1 test\n"
    assert called.err == "2 tests in 2 files: 2 passed\n"


def test_a_file_with_errors_fails_and_the_others_are_run(call: Call, files: Path) -> None:
    called = call("test")
    assert called.exit_code == 1
    assert "ERROR   broken.pipe: the file has errors\n" in called.out
    assert "error[P0101]: pipeline `p` has no task `b`" in called.err
    assert called.err.endswith("4 tests in 3 files: 3 passed, 1 failed; 1 file with errors\n")


def test_no_tests(call: Call, files: Path) -> None:
    called = call("test", "none.pipe")
    assert (called.exit_code, called.out, called.err) == (0, "", "no tests in 1 file\n")


def test_a_word_chooses(call: Call, files: Path) -> None:
    called = call("test", "failing.pipe", "-k", "weak")
    assert (called.exit_code, called.err) == (0, "1 test in 1 file: 1 passed\n")
    assert call("test", "failing.pipe", "--filter", "Shipping").err.startswith("2 tests")
    assert call("test", "failing.pipe", "-k", "weak", "-k", "good").err.startswith("2 tests")


def test_a_word_that_no_test_has(call: Call, files: Path) -> None:
    called = call("test", "failing.pipe", "-k", "weak model stay there")
    assert called.exit_code == 2
    assert called.err.startswith(
        "error: no test has `weak model stay there` in its title or the name of its pipeline\n"
    )


def test_what_cannot_be_read(call: Call, files: Path) -> None:
    called = call("test", "nowhere.pipe", "good.pipe")
    assert called.exit_code == 2
    assert called.err == "error: cannot read nowhere.pipe: No such file or directory\n1 test in 1 file: 1 passed\n"


def test_stdin(call: Call, files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(GOOD))
    assert call("test", "-", "--stdin-filename", "mine.pipe").out == "ok      mine.pipe: 1 test\n"


def test_json(call: Call, files: Path) -> None:
    called = call("test", "--output-format", "json", "--coverage")
    document = json.loads(called.out)
    assert faults(document, "test") == []
    assert (called.exit_code, document["passed"], document["failed"]) == (1, 3, 1)
    by_file = {file["file"]: file for file in document["files"]}
    assert [error["code"] for error in by_file["broken.pipe"]["errors"]] == ["P0101"]
    _, failing = by_file["failing.pipe"]["tests"]
    (failure,) = failing["failures"]
    assert (failing["title"], failing["state"], failing["line"]) == ("a good model is deployed", "failed", 10)
    assert (failure["line"], failure["label"], len(failure["why"])) == (13, "`deploy` was skipped", 1)
    assert [warning["line"] for warning in failing["warnings"]] == [12]
    assert [one["pipeline"] for one in document["coverage"]["pipelines"]] == ["shipping", "shipping", "shipping", "p"]
    assert call("test", "good.pipe", "--output-format", "json").out.endswith('"coverage": null\n}\n')


def test_junit(call: Call, files: Path) -> None:
    root = ElementTree.fromstring(call("test", "--output-format", "junit").out)
    assert {key: root.get(key) for key in ("tests", "failures", "errors", "skipped")} == {
        "tests": "5", "failures": "1", "errors": "1", "skipped": "0"
    }  # fmt: skip
    suites = {suite.get("name"): suite for suite in root}
    assert set(suites) == {"broken.pipe", "deep/good.pipe", "failing.pipe", "good.pipe"}
    passed, failed = suites["failing.pipe"]
    assert (passed.get("name"), len(passed), failed.get("line")) == ("a weak model stays here", 0, "10")
    failure = failed.find("failure")
    assert failure is not None
    assert failure.get("message") == "expected `deploy` to be success, it was skipped"
    assert "failing.pipe:13:3: expected" in (failure.text or "")
    error = suites["broken.pipe"].find("testcase/error")
    assert error is not None
    assert error.get("type") == "P0101"


def test_coverage(call: Call, files: Path) -> None:
    called = call("test", "good.pipe", "--coverage")
    assert called.exit_code == 0
    assert (
        called.out
        == """\
ok      good.pipe: 1 test

shipping: 43 % (3 of 7)
  no test reaches
  branch   decide_deploy  if       good.pipe:3:6
  outcome  train          failed   good.pipe:2:8
  outcome  deploy         success  good.pipe:3:34
  outcome  deploy         failed   good.pipe:3:34

coverage: 43 % (3 of 7)
"""
    )


@pytest.mark.parametrize(("least", "exit_code"), [("40", 0), ("42.8%", 0), ("43", 1), ("80", 1)])
def test_the_least_coverage(call: Call, files: Path, least: str, exit_code: int) -> None:
    called = call("test", "good.pipe", "--coverage-min", least)
    assert called.exit_code == exit_code
    told = f"error: the tests reach 42.9 %, less than {least} %\n"
    assert called.err.endswith(told) == (exit_code == 1)


@pytest.mark.parametrize("least", ["much", "-1", "101"])
def test_a_percentage_is_one(call: Call, files: Path, least: str) -> None:
    called = call("test", "good.pipe", f"--coverage-min={least}")
    assert called.exit_code == 2
    assert f"`{least}` is no percentage from 0 to 100" in called.err


def test_colour(call: Call, files: Path) -> None:
    assert "\x1b[1;31mFAILED" in call("test", "failing.pipe", "--color", "always").out


def test_a_new_project_has_tests_that_pass(call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert call("init", "churn").exit_code == 0
    called = call("test", "churn")
    assert (called.exit_code, called.err) == (0, "3 tests in 1 file: 3 passed\n")
