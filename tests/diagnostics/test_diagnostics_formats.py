"""Reports for machines."""

from __future__ import annotations

import json

from pipec.diagnostics.catalogue import areas, catalogue
from pipec.diagnostics.formats import OUTPUT_FORMATS, format_report
from pipec.diagnostics.model import Diagnostic, Diagnostics, Edit, Fix, Label
from pipec.syntax.source import Source

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
        "dir a/p.pipe:2:6: error[P0301]: 100% wrong: a, b and more\ndir a/p.pipe:1:1: warning[L001]: unused\n"
    )


def test_github() -> None:
    odd = Diagnostic("P0001", "error", "x", Source("a,b:c%.pipe", "x").span(0, 1))
    assert format_report([FAULT, LINT, odd], "github") == (
        "::error file=dir a/p.pipe,line=2,col=6,endLine=2,endColumn=11,title=P0301"
        "::100%25 wrong: a, b%0Aand more\n"
        "::warning file=dir a/p.pipe,line=1,col=1,endLine=1,endColumn=7,title=L001::unused\n"
        "::error file=a%2Cb%3Ac%25.pipe,line=1,col=1,endLine=1,endColumn=2,title=P0001::x\n"
    )


def test_sarif() -> None:
    document = json.loads(format_report([FAULT, LINT], "sarif"))
    assert document["version"] == "2.1.0"
    [run] = document["runs"]
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["L001", "P0301"]
    assert run["columnKind"] == "unicodeCodePoints"
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


def test_full_separates_by_an_empty_line() -> None:
    report = format_report([FAULT, LINT], "full")
    assert report.count("\n\n") == 2
    assert report.endswith("^^^^^^\n\n")


def test_nothing_found() -> None:
    empty = {written_format: format_report([], written_format) for written_format in OUTPUT_FORMATS}
    assert empty["full"] == empty["concise"] == empty["github"] == ""
    assert json.loads(empty["json"]) == {"format_version": 1, "diagnostics": []}
    assert json.loads(empty["sarif"])["runs"][0]["results"] == []


def test_diagnostics_are_sorted_and_each_stands_once() -> None:
    collected = Diagnostics([FAULT, LINT, FAULT])
    assert collected.sorted() == [LINT, FAULT]


def test_no_code_stands_in_two_areas() -> None:
    assert len(catalogue()) == sum(len(area) for area in areas())


def test_codes_are_of_the_known_forms() -> None:
    import re

    assert [code for code in catalogue() if not re.fullmatch(r"P\d{4}|L\d{3}", code)] == []
    assert all(summary and not summary.endswith(".") for summary in catalogue().values())
