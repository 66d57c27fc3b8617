"""What each command prints and writes."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from pipec.backend import OutputFile, target_names
from pipec.cli import UsageError
from pipec.cli.compile_writing import write_all
from pipec.diagnostics.formats import OUTPUT_FORMATS
from pipec.ir.model import Program
from tests.cli.conftest import BAD, Call, Called

GRAMMAR = Path(__file__).parents[2] / "grammar"


def faults(document: Any, schema: str) -> list[str]:
    """What a document breaks of a published schema."""
    validator = Draft202012Validator(json.loads((GRAMMAR / f"{schema}.schema.json").read_text(encoding="utf-8")))
    return [error.message for error in validator.iter_errors(document)]


# --- check ---------------------------------------------------------------------------------------


def test_check_reports_all_files_and_counts(call: Call, folder: Path) -> None:
    called = call("check", "bad.pipe", "etl.pipe", "unused.pipe")
    assert "error[P0301]: " in called.out
    assert " --> bad.pipe:2:28" in called.out
    assert "warning[L209]: there are two pipelines `etl`" in called.out
    assert called.err == "checked 3 files: 2 errors, 2 warnings (2 can be fixed with --fix)\n"


def test_check_looks_into_folders_but_not_hidden_ones(call: Call, folder: Path) -> None:
    (folder / "deep" / "er").mkdir(parents=True)
    (folder / "deep" / "er" / "bad.pipe").write_text(BAD, encoding="utf-8")
    (folder / "deep" / ".hidden").mkdir()
    (folder / "deep" / ".hidden" / "bad.pipe").write_text(BAD, encoding="utf-8")
    called = call("check", "deep", "--output-format", "concise")
    assert {line.split(":")[0] for line in called.out.splitlines()} == {"deep/er/bad.pipe"}
    assert called.err == "checked 1 file: 2 errors (1 can be fixed with --fix)\n"
    assert call("check").err.startswith("checked 7 files: ")


def test_check_reads_stdin(call: Call, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(BAD))
    called = call("check", "-", "--stdin-filename", "mine.pipe", "--output-format", "concise")
    assert called.exit_code == 1
    assert called.out.startswith("mine.pipe:2:28: error[P0301]: ")


def test_check_reports_an_imported_file_once(call: Call, folder: Path) -> None:
    (folder / "lib.pipe").write_text("component work = shell('true'\n", encoding="utf-8")
    called = call("check", "unused.pipe", "lib.pipe", "--output-format", "concise")
    assert sum(line.startswith("lib.pipe:") for line in called.out.splitlines()) == 1


def test_check_for_targets(call: Call, folder: Path) -> None:
    called = call("check", "cached.pipe", "--target", "airflow", "--output-format", "concise")
    assert called.exit_code == 1
    assert called.out.startswith("cached.pipe:2:")
    assert "error[P0501]: `airflow` cannot express caching: " in called.out
    assert call("check", "cached.pipe", "--target", "ir").exit_code == 0
    assert call("check", "cached.pipe", "--target", "all").exit_code == 1


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        (["--select", "L"], True),
        (["--select", "L002"], False),
        (["--ignore", "L001"], False),
        (["--ignore", "L002"], True),
    ],
)
def test_check_selects_warnings(words: list[str], shown: bool, call: Call, folder: Path) -> None:
    assert ("L001" in call("check", "unused.pipe", *words).out) == shown


def test_check_goes_on_after_a_file_it_cannot_read(call: Call, folder: Path) -> None:
    called = call("check", "nothing.pipe", "bad.pipe")
    assert called.exit_code == 2
    assert "error[P0301]" in called.out
    assert called.err.startswith("error: cannot read nothing.pipe: No such file or directory\nchecked 1 file: 2 errors")


def test_check_says_nothing_of_what_it_could_not_read(call: Call, folder: Path) -> None:
    assert call("check", "nothing.pipe").err == "error: cannot read nothing.pipe: No such file or directory\n"


def test_check_looks_at_a_file_once_however_it_is_named(call: Call, folder: Path) -> None:
    assert call("check", "./etl.pipe", "etl.pipe", ".//etl.pipe").err == "checked 1 file: no errors\n"


def test_compile_tells_bad_parameters_as_run_does(call: Call, folder: Path) -> None:
    words = ("etl.pipe", "--param", "dya=x")
    told = "error[P0601]: `dya` is no parameter of etl\n  help: there is `day`\n"
    assert call("run", *words) == Called(2, "", told)
    assert call("compile", *words, "--target", "ir") == Called(2, "", told)


def test_check_hides_no_errors(call: Call, folder: Path) -> None:
    assert call("check", "bad.pipe", "--ignore", "P", "--select", "L001").exit_code == 1


def test_check_refuses_codes_that_are_not(call: Call, folder: Path) -> None:
    assert call("check", "etl.pipe", "--ignore", "L999").exit_code == 2


@pytest.mark.parametrize("output_format", OUTPUT_FORMATS)
def test_check_writes_every_format(output_format: str, call: Call, folder: Path) -> None:
    called = call("check", "bad.pipe", "--output-format", output_format)
    assert called.exit_code == 1
    assert "P0301" in called.out


def test_check_json_is_what_its_schema_says(call: Call, folder: Path) -> None:
    for file in ("bad.pipe", "unused.pipe", "etl.pipe"):
        assert faults(json.loads(call("check", file, "--output-format", "json").out), "check") == []


# --- plan ----------------------------------------------------------------------------------------


def test_plan_json_is_what_its_schema_says(call: Call, folder: Path) -> None:
    document = json.loads(call("plan", "etl.pipe", "--format", "json").out)
    assert faults(document, "plan") == []
    assert document["levels"] == [["extract"], ["clean", "check"], ["load"]]
    assert document["parallel_groups"] == [["clean", "check"]]
    assert document["critical_path_s"] == 3


def test_plan_of_a_file_with_several_pipelines(call: Call, folder: Path) -> None:
    both = call("plan", "two.pipe").out
    assert both.startswith("one: 1 task in 1 level, at most 1 at once\n")
    assert "\n\ntwo: 1 task" in both
    assert call("plan", "two.pipe", "--pipeline", "two").out.startswith("two: ")


@pytest.mark.parametrize(("written", "start"), [("mermaid", "flowchart LR\n"), ("dot", 'digraph "etl" {\n')])
def test_plan_draws(written: str, start: str, call: Call, folder: Path) -> None:
    assert call("plan", "etl.pipe", "--format", written).out.startswith(start)


# --- compile -------------------------------------------------------------------------------------


def test_compile_writes_a_file_a_pipeline(call: Call, folder: Path) -> None:
    called = call("compile", "two.pipe", "--target", "ir")
    assert called.out == "build/ir/one.ir.json\nbuild/ir/two.ir.json\n"
    assert sorted(path.name for path in (folder / "build" / "ir").iterdir()) == ["one.ir.json", "two.ir.json"]
    assert call("compile", "two.pipe", "--target", "ir", "--pipeline", "two", "-o", "out").out == "out/two.ir.json\n"


def test_compile_sets_defaults(call: Call, folder: Path) -> None:
    def default(*words: str) -> Any:
        text = call("compile", "etl.pipe", "--target", "ir", "-o", "-", *words).out
        [parameter] = Program.model_validate_json(text).pipelines["etl"].parameters
        return parameter.default.value  # type: ignore[union-attr]

    (folder / "values.json").write_text('{"day": "tuesday"}', encoding="utf-8")
    assert default() == "today"
    assert default("--param", "day=monday") == "monday"
    assert default("--params", "values.json") == "tuesday"


@pytest.mark.parametrize("words", [["--param", "dya=monday"], ["--param", "day"], ["--params", "nothing.json"]])
def test_compile_refuses_wrong_parameters(words: list[str], call: Call, folder: Path) -> None:
    assert call("compile", "etl.pipe", "--target", "ir", *words).exit_code == 2
    assert not (folder / "build").exists()


def test_compile_writes_nothing_when_a_pipeline_is_refused(call: Call, folder: Path) -> None:
    text = (folder / "two.pipe").read_text(encoding="utf-8") + (folder / "cached.pipe").read_text(encoding="utf-8")
    (folder / "three.pipe").write_text(text, encoding="utf-8")
    called = call("compile", "three.pipe", "--target", "airflow")
    assert (called.exit_code, called.out) == (1, "")
    assert "error[P0501]" in called.err
    assert not (folder / "build").exists()


def test_files_are_written_all_or_not_at_all(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    with pytest.raises(UsageError, match="it is a folder"):
        write_all([OutputFile("a", "new"), OutputFile("b", "new")], tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["b"]
    (tmp_path / "a").write_text("old", encoding="utf-8")
    assert write_all([OutputFile("a", "new"), OutputFile("c/d", "x\r\n")], tmp_path) == [
        tmp_path / "a",
        tmp_path / "c" / "d",
    ]
    assert (tmp_path / "a").read_text(encoding="utf-8") == "new"
    assert (tmp_path / "c" / "d").read_bytes() == b"x\r\n"


# --- run, targets --------------------------------------------------------------------------------


def test_the_published_schema_of_a_run_is_that_of_its_model(golden: Callable[[Path, str], None]) -> None:
    schema = import_module("pipec.backends.local.result").RunResult.model_json_schema(mode="serialization")
    document = {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
    golden(GRAMMAR / "run.schema.json", json.dumps(document, indent=2) + "\n")


def test_targets(call: Call) -> None:
    table = call("targets").out
    header = [cell.strip() for cell in table.splitlines()[0].split("  ") if cell]
    assert header == ["feature", "airflow", "airflow 2.11", *target_names()[1:]]
    row = next(line for line in table.splitlines() if line.startswith("approvals by a person"))
    assert row.split()[-5:] == ["emulated", "no", "yes", "no", "yes"]
    assert "airflow 2.11: --target-version 2.11, where it differs\n" in table
    assert "approvals by a person (no): Airflow 3.1 has operators that ask a person; compile for Airflow 3.3" in table
    document = json.loads(call("targets", "--format", "json").out)
    assert list(document["targets"]) == target_names()
    for target in document["targets"].values():
        for answer in target["capabilities"].values():
            for capability in (answer, *answer["other_versions"].values()):
                assert capability["support"] == "native" or capability["reason"]
                assert capability["support"] != "no" or capability["way_out"]
    assert call("targets", "--format", "markdown").out.startswith("| feature | airflow | airflow 2.11 |")
