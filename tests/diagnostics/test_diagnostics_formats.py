"""Reports for machines."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest
from jsonschema import Draft7Validator

from pipec.diagnostics.formats import OUTPUT_FORMATS, format_report
from pipec.diagnostics.formats.places import repository_path
from pipec.diagnostics.model import Diagnostic, Diagnostics, Edit, Fix, Label
from pipec.syntax.source import Source

SARIF = json.loads((Path(__file__).parent / "sarif-2.1.0.schema.json").read_text(encoding="utf-8"))
SOURCE = Source("dir a/p.pipe", "task a\ntask größe, b\n")
NAME = SOURCE.span(12, 17)
FAULT = Diagnostic(
    "P0301",
    "error",
    "100% wrong: a, b\nand more",
    NAME,
    "here",
    (Label(SOURCE.span(5, 6), "there"),),
    ("a note",),
    "mend it",
    Fix("rename it", (Edit(NAME, "size"),)),
)
LINT = Diagnostic("L001", "warning", "unused", SOURCE.span(0, 6))


def test_json() -> None:
    assert json.loads(format_report([FAULT, LINT], "json")) == {
        "format_version": 1,
        "diagnostics": [
            {
                "code": "P0301",
                "severity": "error",
                "message": "100% wrong: a, b\nand more",
                "file": "dir a/p.pipe",
                "line": 2,
                "column": 6,
                "end_line": 2,
                "end_column": 11,
                "labels": [
                    {
                        "message": "here",
                        "file": "dir a/p.pipe",
                        "line": 2,
                        "column": 6,
                        "end_line": 2,
                        "end_column": 11,
                    },
                    {
                        "message": "there",
                        "file": "dir a/p.pipe",
                        "line": 1,
                        "column": 6,
                        "end_line": 1,
                        "end_column": 7,
                    },
                ],
                "notes": ["a note"],
                "help": "mend it",
                "fix": {
                    "title": "rename it",
                    "edits": [
                        {
                            "file": "dir a/p.pipe",
                            "start_line": 2,
                            "start_column": 6,
                            "end_line": 2,
                            "end_column": 11,
                            "replacement": "size",
                        }
                    ],
                },
            },
            {
                "code": "L001",
                "severity": "warning",
                "message": "unused",
                "file": "dir a/p.pipe",
                "line": 1,
                "column": 1,
                "end_line": 1,
                "end_column": 7,
                "labels": [],
                "notes": [],
                "help": None,
                "fix": None,
            },
        ],
    }


def test_concise() -> None:
    assert format_report([FAULT, LINT], "concise") == (
        "dir a/p.pipe:2:6: error[P0301]: 100% wrong: a, b and more [fix]\ndir a/p.pipe:1:1: warning[L001]: unused\n"
    )


def test_github() -> None:
    odd = Diagnostic("P0001", "error", "x", Source("a,b:c%.pipe", "x").span(0, 1))
    assert format_report([FAULT, LINT, odd], "github") == (
        "::error file=dir a/p.pipe,line=2,col=6,endLine=2,endColumn=11,title=P0301"
        "::100%25 wrong: a, b%0Aand more%0Ahelp: mend it\n"
        "::warning file=dir a/p.pipe,line=1,col=1,endLine=1,endColumn=7,title=L001::unused\n"
        "::error file=a%2Cb%3Ac%25.pipe,line=1,col=1,endLine=1,endColumn=2,title=P0001::x\n"
    )


def test_sarif() -> None:
    document = json.loads(format_report([FAULT, LINT], "sarif"))
    assert document["version"] == "2.1.0"
    [run] = document["runs"]
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["L001", "P0301"]
    assert run["columnKind"] == "unicodeCodePoints"
    assert list(Draft7Validator(SARIF).iter_errors(document)) == []
    fault, lint = run["results"]
    assert (fault["ruleId"], fault["level"]) == ("P0301", "error")
    assert fault["message"] == {"text": "100% wrong: a, b\nand more\nhelp: mend it"}
    assert fault["locations"] == [
        {
            "physicalLocation": {
                "artifactLocation": {"uri": "dir%20a/p.pipe"},
                "region": {"startLine": 2, "startColumn": 6, "endLine": 2, "endColumn": 11},
            }
        }
    ]
    assert fault["relatedLocations"][0]["message"] == {"text": "there"}
    assert "relatedLocations" not in lint
    region = {"startLine": 2, "startColumn": 6, "endLine": 2, "endColumn": 11}
    [change] = fault["fixes"][0]["artifactChanges"]
    assert change["replacements"] == [{"deletedRegion": region, "insertedContent": {"text": "size"}}]
    assert "fixes" not in lint


def test_sarif_is_checked_by_its_schema() -> None:
    assert list(Draft7Validator(SARIF).iter_errors({"version": "2.1.0", "runs": [{"results": []}]})) != []


def test_gitlab() -> None:
    again = Diagnostic("L001", "warning", "unused", SOURCE.span(7, 11))
    first, second, third = json.loads(format_report([FAULT, LINT, again], "gitlab"))
    assert {name: value for name, value in first.items() if name != "fingerprint"} == {
        "check_name": "P0301",
        "description": "P0301: 100% wrong: a, b\nand more",
        "severity": "major",
        "location": {
            "path": "dir a/p.pipe",
            "positions": {"begin": {"line": 2, "column": 6}, "end": {"line": 2, "column": 11}},
        },
    }
    assert second["severity"] == "minor"
    assert len({first["fingerprint"], second["fingerprint"], third["fingerprint"]}) == 3


def test_fingerprints_stay_when_faults_move() -> None:
    def fingerprint(text: str) -> str:
        source = Source("p.pipe", text)
        start = text.index("task")
        fault = Diagnostic("P0301", "error", "wrong", source.span(start, start + 4))
        [issue] = json.loads(format_report([fault], "gitlab"))
        return str(issue["fingerprint"])

    assert fingerprint("task a\n") == fingerprint("\n\n  task a\n")


def test_paths_are_those_of_the_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "repository" / ".git").mkdir(parents=True)
    inside = tmp_path / "repository" / "etl"
    inside.mkdir()
    monkeypatch.chdir(inside)
    monkeypatch.delenv("GITHUB_WORKSPACE", raising=False)
    monkeypatch.delenv("CI_PROJECT_DIR", raising=False)
    paths = ("a.pipe", str(inside / "a.pipe"), "../b.pipe", "../../c.pipe")
    assert [repository_path(path) for path in paths] == ["etl/a.pipe", "etl/a.pipe", "b.pipe", "../../c.pipe"]
    monkeypatch.setenv("CI_PROJECT_DIR", str(tmp_path))
    assert repository_path("../../c.pipe") == "c.pipe"
    assert json.loads(format_report([_at("a.pipe")], "gitlab"))[0]["location"]["path"] == "repository/etl/a.pipe"
    assert "file=repository/etl/a.pipe," in format_report([_at("a.pipe")], "github")
    assert '"uri": "repository/etl/a.pipe"' in format_report([_at("a.pipe")], "sarif")


def _at(path: str) -> Diagnostic:
    return Diagnostic("P0301", "error", "wrong", Source(path, "x").span(0, 1))


def test_junit() -> None:
    odd = Diagnostic("P0001", "error", "a \x00 <sign> & more", SOURCE.span(0, 1), help="drop it", notes=("it is odd",))
    text = format_report([FAULT, LINT, odd], "junit", files=["good.pipe", "dir a/p.pipe"])
    root = ElementTree.fromstring(text)
    assert {name: root.get(name) for name in ("tests", "failures", "skipped")} == {
        "tests": "4",
        "failures": "2",
        "skipped": "1",
    }
    good, bad = root
    assert [case.get("name") for case in good] == ["check"]
    assert (good.get("name"), good.get("tests"), good.get("failures")) == ("good.pipe", "1", "0")
    assert [(case.get("name"), [part.tag for part in case]) for case in bad] == [
        ("P0301 at 2:6", ["failure"]),
        ("L001 at 1:1", ["skipped"]),
        ("P0001 at 1:1", ["failure"]),
    ]
    assert bad[2][0].get("message") == "a \ufffd <sign> & more"
    assert bad[2][0].text == "dir a/p.pipe:1:1: a \ufffd <sign> & more\nhelp: drop it\nnote: it is odd"
    strict = ElementTree.fromstring(format_report([LINT], "junit", strict=True))
    assert strict.get("failures") == "1"


def test_full_separates_by_an_empty_line() -> None:
    report = format_report([FAULT, LINT], "full")
    assert report.count("\n\n") == 2
    assert report.endswith("^^^^^^\n\nfor more: pipec explain P0301 L001\n")


def test_nothing_found() -> None:
    empty = {written_format: format_report([], written_format) for written_format in OUTPUT_FORMATS}
    assert empty["full"] == empty["concise"] == empty["github"] == ""
    assert json.loads(empty["gitlab"]) == []
    assert ElementTree.fromstring(empty["junit"]).get("tests") == "0"
    assert json.loads(empty["json"]) == {"format_version": 1, "diagnostics": []}
    assert json.loads(empty["sarif"])["runs"][0]["results"] == []


def test_diagnostics_are_sorted_and_each_stands_once() -> None:
    collected = Diagnostics([FAULT, LINT, FAULT])
    assert collected.sorted() == [LINT, FAULT]
